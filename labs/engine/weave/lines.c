/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.c - one call of addr2line(1) for all; where there is none, lines are not told.
 */
#include "config.h"

#include "lines.h"

#include "box.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_ROOM = 1 << 16, NUMBER_ROOM = 24 };

void lines_add(struct lines *l, uint64_t pc)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->pc[i] == pc)
			return;
	if (l->n == LINES_MOST || !pc)
		return;
	strcpy(l->text[l->n], "?");
	l->pc[l->n++] = pc;
}

/* "/some/where/ring.c:40 (discriminator 2)": only what is after the last slash. */
static void line_take(char to[LINES_TEXT], char *line)
{
	char *end = strchr(line, ' '), *slash;

	if (end)
		*end = 0;
	slash = strrchr(line, '/');
	line = slash ? slash + 1 : line;
	if (line[0] != '?' && !strstr(line, ":?") && !strstr(line, ":0"))
		snprintf(to, LINES_TEXT, "%s", line);
}

void lines_find(struct lines *l, const char *program)
{
	static char number[LINES_MOST][NUMBER_ROOM], text[TEXT_ROOM];
	char *argv[LINES_MOST + 4] = {"addr2line", "-e", (char *)(uintptr_t)program};
	const char *const read[2] = {program};
	struct box_plan plan;
	struct box_end end;
	char *rest = text;

	for (uint32_t i = 0; i < l->n; i++) {
		snprintf(number[i], NUMBER_ROOM, "0x%" PRIx64, l->pc[i] - 1);
		argv[i + 3] = number[i];
	}
	box_plan_init(&plan);
	plan.read = read;
	if (l->n == 0 || box_run(&plan, argv, text, sizeof text, &end) < 0 ||
	    end.how != BOX_EXITED || end.code != 0)
		return;
	for (uint32_t i = 0; i < l->n; i++) {
		char *line = strsep(&rest, "\n");

		if (!line || !rest)
			return;
		line_take(l->text[i], line);
	}
}

const char *lines_text(const struct lines *l, uint64_t pc)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->pc[i] == pc)
			return l->text[i];
	return "";
}
