/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.c - one call of nm(1), in a box: the program is not to be trusted. */
#include "config.h"

#include "symbols.h"

#include "box.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_ROOM = 1 << 18 };

/* "0000000000404060 0000000000000004 b tail": data, initialized or not. */
static void line_take(struct symbols *s, const char *line)
{
	uint64_t at, size;
	char type, name[SYMBOLS_NAME];

	if (s->n == SYMBOLS_MOST ||
	    sscanf(line, "%" SCNx64 " %" SCNx64 " %c %47s", &at, &size, &type, name) !=
		    4 ||
	    !strchr("bBdD", type))
		return;
	for (char *c = name; *c; c++)
		if (!isprint((unsigned char)*c))
			return;
	s->at[s->n] = at;
	s->size[s->n] = size;
	memcpy(s->name[s->n++], name, sizeof name);
}

void symbols_find(struct symbols *s, const char *program)
{
	static char text[TEXT_ROOM];
	char *argv[] = {"nm", "-S", "--defined-only", (char *)(uintptr_t)program, NULL};
	const char *const read[2] = {program};
	struct box_plan plan;
	struct box_end end;
	char *rest = text, *line;

	s->n = 0;
	box_plan_init(&plan);
	plan.read = read;
	if (box_run(&plan, argv, text, sizeof text, &end) < 0 ||
	    end.how != BOX_EXITED || end.code != 0)
		return;
	while ((line = strsep(&rest, "\n")))
		line_take(s, line);
}

const char *symbols_name(const struct symbols *s, uint64_t at, uint64_t *into)
{
	for (uint32_t i = 0; i < s->n; i++) {
		*into = at - s->at[i];
		if (*into < s->size[i])
			return s->name[i];
	}
	return NULL;
}
