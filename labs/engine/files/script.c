/* SPDX-License-Identifier: BSD-2-Clause */
/* script.c - a script into lines, words and blocks.  It may be a student's: whatever is
 * in it costs no more than its own size. */
#include "config.h"

#include "script.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 64 * 1024, LINES_MAX = 2000, DEPTH_MAX = 8 };

static int bytes_read(struct script *script, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t bytes;
	int error;

	if (file == NULL)
		return -errno;
	bytes = fread(script->bytes, 1, BYTES_MAX, file);
	error = ferror(file) ? -EIO : 0;
	fclose(file);
	if (error == 0 &&
	    (bytes == BYTES_MAX || memchr(script->bytes, 0, bytes) != NULL))
		error = -EFBIG;
	script->bytes[bytes] = '\0';
	return error;
}

/* Cuts the next word off *rest; NULL: there is none.  An open quote ends with the line.
 */
static char *word_cut(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\r");
	char *end;

	if (*word == '\0' || *word == '#')
		return NULL;
	end = *word == '"' ? word + 1 + strcspn(word + 1, "\"")
			   : word + strcspn(word, " \t\r");
	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

/* false: more words than a line can have. */
static bool line_cut(struct line *line, char *text)
{
	char *word;

	while ((word = word_cut(&text)) != NULL) {
		if (line->words == SCRIPT_WORDS)
			return false;
		line->word[line->words++] = word;
	}
	return true;
}

static bool word_is(const struct line *line, const char *word)
{
	return strcmp(line->word[0], word) == 0;
}

static bool line_begins_block(const struct line *line)
{
	return word_is(line, "repeat") || word_is(line, "race") ||
	       word_is(line, "count");
}

/* Finds the end of each block; the number of the line that has no partner, or 0. */
static int blocks_pair(struct script *script)
{
	int open[DEPTH_MAX], depth = 0;

	for (int i = 0; i < script->lines; i++) {
		struct line *line = &script->line[i];

		if (line_begins_block(line)) {
			if (depth == DEPTH_MAX)
				return line->number;
			open[depth++] = i;
		} else if (word_is(line, "end")) {
			if (depth == 0)
				return line->number;
			script->line[open[--depth]].end = i;
		}
	}
	return depth == 0 ? 0 : script->line[open[depth - 1]].number;
}

static int lines_cut(struct script *script, char *why, size_t room)
{
	char *rest = script->bytes, *text;
	int number = 0;

	while ((text = strsep(&rest, "\n")) != NULL) {
		struct line *line = &script->line[script->lines];

		if (script->lines == LINES_MAX) {
			snprintf(why, room, "%s: more than %d lines", script->name,
				 LINES_MAX);
			return -EINVAL;
		}
		line->number = ++number;
		if (!line_cut(line, text)) {
			snprintf(why, room, "%s:%d: more than %d words", script->name,
				 number, SCRIPT_WORDS);
			return -EINVAL;
		}
		if (line->words > 0)
			script->lines++;
	}
	number = blocks_pair(script);
	if (number == 0)
		return 0;
	snprintf(why, room, "%s:%d: a block and its `end` do not match", script->name,
		 number);
	return -EINVAL;
}

int script_read(struct script *script, const char *path, char *why, size_t room)
{
	const char *slash = strrchr(path, '/');
	int error;

	*script = (struct script){.name = slash == NULL ? path : slash + 1};
	script->bytes = malloc(BYTES_MAX + 1);
	script->line = calloc(LINES_MAX + 1, sizeof(*script->line));
	if (script->bytes == NULL || script->line == NULL) {
		script_free(script);
		return -ENOMEM;
	}
	error = bytes_read(script, path);
	if (error == 0)
		error = lines_cut(script, why, room);
	if (error == -EFBIG) {
		snprintf(why, room, "%s: not a text of less than 64 KiB", script->name);
		error = -EINVAL;
	}
	if (error < 0)
		script_free(script);
	return error;
}

void script_free(struct script *script)
{
	free(script->bytes);
	free(script->line);
	script->bytes = NULL;
	script->line = NULL;
}
