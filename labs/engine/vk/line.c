/* SPDX-License-Identifier: BSD-2-Clause */
/* line.c - a line of a scenario, taken apart. */
#include "config.h"

#include "line.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 1000000000 };

int line_fail(struct line *line, const char *format, ...)
{
	const size_t size = sizeof(((struct scenario *)NULL)->error);
	va_list args;
	int n;

	if (*line->error)
		return -EINVAL;
	n = snprintf(line->error, size, "%s:%d: ", line->name, line->number);
	va_start(args, format);
	if (n > 0 && (size_t)n < size)
		vsnprintf(line->error + n, size - (size_t)n, format, args);
	va_end(args);
	return -EINVAL;
}

/* What a word $NAME stands for. */
static void expand(struct line *line, char *word, const char *const *settings)
{
	size_t length = strlen(word + 1);

	for (; settings && *settings; settings++)
		if (!strncmp(*settings, word + 1, length) &&
		    (*settings)[length] == '=') {
			snprintf(word, SCENARIO_WORD_MAX, "%s", *settings + length + 1);
			return;
		}
	line_fail(line, "nothing says what %s is (--set %s=...)", word, word + 1);
}

/* One character of a quoted word; moves on. */
static char unquote(const char **text)
{
	char c = *(*text)++;

	if (c != '\\' || !**text)
		return c;
	c = *(*text)++;
	return c == 'n' ? '\n' : c;
}

static const char *read_word(struct line *line, const char *text, char *word)
{
	bool quoted = *text == '"';
	size_t n = 0;

	text += quoted;
	while (*text && *text != '\n' &&
	       (quoted ? *text != '"' : !isspace((unsigned char)*text))) {
		char c = quoted ? unquote(&text) : *text++;

		if (n + 1 < SCENARIO_WORD_MAX)
			word[n++] = c;
		else
			line_fail(line, "a word of %d bytes or more",
				  SCENARIO_WORD_MAX);
	}
	word[n] = '\0';
	if (quoted && *text != '"')
		line_fail(line, "a quote without its end");
	return text + (quoted && *text == '"');
}

const char *line_split(struct line *line, const char *text, const char *const *settings)
{
	line->words = 0;
	line->number++;
	memset(line->used, 0, sizeof(line->used));
	for (;;) {
		bool quoted;

		text += strspn(text, " \t\r");
		if (!*text || *text == '\n' || *text == '#')
			break;
		if (line->words == SCENARIO_WORDS_MAX) {
			line_fail(line, "more than %d words", SCENARIO_WORDS_MAX);
			break;
		}
		quoted = *text == '"';
		text = read_word(line, text, line->word[line->words]);
		if (!quoted && *line->word[line->words] == '$')
			expand(line, line->word[line->words], settings);
		line->words++;
	}
	text += strcspn(text, "\n");
	return *text ? text + 1 : text;
}

const char *line_word(struct line *line, int n, size_t max)
{
	if (n >= line->words) {
		line_fail(line, "%s wants %d words more",
			  line->words ? line->word[0] : "the line",
			  n + 1 - line->words);
		return "";
	}
	line->used[n] = true;
	if (strlen(line->word[n]) >= max) {
		line_fail(line, "%s is longer than %zu bytes", line->word[n], max - 1);
		return "";
	}
	return line->word[n];
}

static unsigned number_of(struct line *line, const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end || number < 0 || number > NUMBER_MAX) {
		line_fail(line, "%s is no number from 0 to %d", text, NUMBER_MAX);
		return 0;
	}
	return (unsigned)number;
}

unsigned line_number(struct line *line, int n)
{
	const char *text = line_word(line, n, SCENARIO_WORD_MAX);

	return *text ? number_of(line, text) : 0;
}

unsigned line_option(struct line *line, const char *key, unsigned otherwise)
{
	for (int n = 1; n < line->words; n++)
		if (!line->used[n] && !strcmp(line->word[n], key)) {
			line->used[n] = true;
			return line_number(line, n + 1);
		}
	return otherwise;
}

bool line_flag(struct line *line, const char *key)
{
	for (int n = 1; n < line->words; n++)
		if (!line->used[n] && !strcmp(line->word[n], key)) {
			line->used[n] = true;
			return true;
		}
	return false;
}

int line_range(struct line *line, const char *text, unsigned *low, unsigned *high)
{
	char first[16];
	size_t length = strcspn(text, "-");

	if (length >= sizeof(first))
		return line_fail(line, "%s is no range", text);
	memcpy(first, text, length);
	first[length] = '\0';
	*low = number_of(line, first);
	*high = text[length] ? number_of(line, text + length + 1) : *low;
	if (*high < *low)
		return line_fail(line, "%s ends before it begins", text);
	return 0;
}

int line_end(struct line *line)
{
	for (int n = 1; n < line->words; n++)
		if (!line->used[n])
			return line_fail(line, "%s has no use for \"%s\"",
					 line->word[0], line->word[n]);
	return *line->error ? -EINVAL : 0;
}
