/* SPDX-License-Identifier: BSD-2-Clause */
/* where.c - in which lines of the program's source its calls stand. */
#include "config.h"

#include "where.h"

#include "box.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void where_add(struct where *w, uint64_t offset)
{
	for (int i = 0; i < w->n; i++)
		if (w->at[i].offset == offset)
			return;
	if (w->n == WHERE_MAX || offset == 0)
		return;
	w->at[w->n].offset = offset;
	w->at[w->n++].line[0] = '\0';
}

/* A line of addr2line's output: FILE:LINE, and perhaps words behind; ?? if it is
 * unknown. */
static void line_keep(char *line, const char *text, size_t length)
{
	if (text[0] == '?' || memchr(text, '?', length))
		return;
	length = strcspn(text, " \n");
	if (length < WHERE_LINE_MAX)
		snprintf(line, WHERE_LINE_MAX, "%.*s", (int)length, text);
}

void where_find(struct where *w, const struct kernel *k, const char *program)
{
	char offsets[WHERE_MAX][24], text[WHERE_MAX * 128];
	char *argv[WHERE_MAX + 5] = {"addr2line", "-s", "-e", (char *)program};
	const char *const seen[] = {program, NULL};
	struct box_plan plan;
	struct box_end end;
	char *next = text;

	w->n = 0;
	for (int i = 0; i < k->entries; i++)
		where_add(w, k->entry[i].where);
	for (int i = 0; i < w->n; i++) {
		/* Of the call, which is before where it returns to. */
		snprintf(offsets[i], sizeof(offsets[i]), "%#" PRIx64,
			 w->at[i].offset - 1);
		argv[4 + i] = offsets[i];
	}
	box_plan_init(&plan);
	plan.read = seen;
	if (w->n == 0 || box_run(&plan, argv, text, sizeof(text), &end) < 0)
		return;
	if (end.how != BOX_EXITED || end.code != 0)
		return;
	for (int i = 0; i < w->n && *next; i++) {
		size_t length = strcspn(next, "\n");

		line_keep(w->at[i].line, next, length);
		next += length + (next[length] == '\n');
	}
}

const char *where_line(const struct where *w, uint64_t offset)
{
	for (int i = 0; i < w->n; i++)
		if (w->at[i].offset == offset)
			return w->at[i].line;
	return "";
}
