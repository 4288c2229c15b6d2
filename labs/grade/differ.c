/* SPDX-License-Identifier: BSD-2-Clause */
/* differ.c - compares two texts line by line, each with the one of its number. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/grade/differ.h"

enum { LINES_SHOWN = 8 };

struct line {
	const char *text; /* NULL: there is none of that number */
	size_t n;
};

static struct line line_next(const char **at)
{
	struct line line = {*at, strcspn(*at, "\n")};
	if (**at == '\0')
		line.text = NULL;
	*at += line.n + (line.text && line.text[line.n] == '\n');
	return line;
}

static bool lines_equal(struct line a, struct line b)
{
	return a.text && b.text && a.n == b.n && memcmp(a.text, b.text, a.n) == 0;
}

static void line_tell(const char *which, struct line line, FILE *out)
{
	if (line.text)
		fprintf(out, "  %s \"%.*s\"\n", which, (int)line.n, line.text);
	else
		fprintf(out, "  %s has ended\n", which);
}

static void lines_tell(const char *first, const char *second, FILE *out)
{
	size_t shown = 0;
	for (size_t number = 1; *first || *second; number++) {
		struct line a = line_next(&first), b = line_next(&second);
		if (lines_equal(a, b))
			continue;
		if (++shown > LINES_SHOWN)
			continue;
		fprintf(out, "line %zu:\n", number);
		line_tell("the first run ", a, out);
		line_tell("the second run", b, out);
	}
	if (shown > LINES_SHOWN)
		fprintf(out, "and %zu more lines\n", shown - LINES_SHOWN);
}

char *differ_tell(const char *first, const char *second)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return NULL;
	lines_tell(first ? first : "", second ? second : "", out);
	fclose(out);
	return text;
}
