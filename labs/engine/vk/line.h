/* SPDX-License-Identifier: BSD-2-Clause */
/* line.h - a line of a scenario: words, some of which come in pairs, `every 10`.  The
 * first thing wrong with it is kept; whoever asks on gets zeros. */
#ifndef VK_LINE_H
#define VK_LINE_H

#include "scenario.h"

struct line {
	const char *name; /* of the file */
	int number;
	char *error; /* of the scenario's size; empty while all is well */
	int words;
	bool used[SCENARIO_WORDS_MAX];
	char word[SCENARIO_WORDS_MAX][SCENARIO_WORD_MAX];
};

/* Takes a line of text apart.  Words are what blanks part, or stand in quotes (where \n
 * and \" mean what they do in C); # begins a comment.  Returns where the next one
 * starts. */
const char *line_split(struct line *line, const char *text,
		       const char *const *settings);

int line_fail(struct line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The nth word, from 0: shorter than max bytes. */
const char *line_word(struct line *line, int n, size_t max);
unsigned line_number(struct line *line, int n);
/* The number behind key. */
unsigned line_option(struct line *line, const char *key, unsigned otherwise);
/* Is this word there? */
bool line_flag(struct line *line, const char *key);
/* `N` or `LOW-HIGH` of text. */
int line_range(struct line *line, const char *text, unsigned *low, unsigned *high);
/* 0, or -EINVAL if anything was wrong, or a word of the line was for nobody. */
int line_end(struct line *line);

#endif
