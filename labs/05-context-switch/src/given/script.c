/* SPDX-License-Identifier: BSD-2-Clause */
/* script.c - see script.h. */
#include "script.h"

#include <stdlib.h>
#include <string.h>

const char *const script_words[] = {"return", "yield", "block", "wake",
				    "create", "join",  "exit",  "stacks"};

int script_has_other(enum script_verb verb)
{
	return verb == SCRIPT_WAKE || verb == SCRIPT_CREATE || verb == SCRIPT_JOIN;
}

static int other_read(const char *text, unsigned *other)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!strncmp(text, "main", 4)) {
		n = 0;
		end = (char *)text + 4;
	}
	*other = (unsigned)n;
	return end == text || n >= SCRIPT_THREADS || end[strspn(end, " ")] ? -1 : 0;
}

static int op_read(char *text, struct script_op *op)
{
	char *word = text + strspn(text, " ");
	size_t length = strcspn(word, " ");
	char *rest = word + length + strspn(word + length, " ");

	for (enum script_verb verb = SCRIPT_YIELD; verb <= SCRIPT_STACKS; verb++) {
		if (strlen(script_words[verb]) != length ||
		    strncmp(word, script_words[verb], length) != 0)
			continue;
		op->verb = verb;
		op->other = 0;
		return script_has_other(verb) ? other_read(rest, &op->other)
					      : -(*rest != '\0');
	}
	return -1;
}

static int line_read(char *line, struct script scripts[SCRIPT_THREADS])
{
	char *colon = strchr(line, ':'), *rest = NULL;
	unsigned who;

	if (!colon)
		return -1;
	*colon = '\0';
	if (other_read(line, &who) < 0 || scripts[who].count)
		return -1;
	struct script *s = &scripts[who];

	for (char *op = strtok_r(colon + 1, ",", &rest); op;
	     op = strtok_r(NULL, ",", &rest))
		if ((op[strspn(op, " ")] || s->count) &&
		    (s->count == SCRIPT_OPS || op_read(op, &s->ops[s->count++]) < 0))
			return -1;
	return 0;
}

unsigned script_read(FILE *file, struct script scripts[SCRIPT_THREADS])
{
	char line[2048];

	memset(scripts, 0, SCRIPT_THREADS * sizeof *scripts);
	for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " ")] && line_read(line, scripts) < 0)
			return number;
	}
	return 0;
}
