/* SPDX-License-Identifier: BSD-2-Clause */
/* script.h - the judge of lab 7 plays scripts, its own and students': lines of words,
 * and blocks of lines that end with `end`. */
#ifndef FILES_SCRIPT_H
#define FILES_SCRIPT_H

#include <stddef.h>

enum { SCRIPT_WORDS = 16 };

struct line {
	int number;               /* from 1, in the file */
	int words;                /* 1 at least */
	char *word[SCRIPT_WORDS]; /* a quoted one begins with its quote, and has lost
				     the other */
	int end;                  /* of a block's first line: the index of its `end` */
};

struct script {
	const char *name;
	struct line *line;
	int lines;
	char *bytes;
};

/* Reads a script.  0; -EINVAL: it is none, and `why` says where and what; or -errno. */
int script_read(struct script *script, const char *path, char *why, size_t room);
void script_free(struct script *script);

#endif
