/* SPDX-License-Identifier: BSD-2-Clause */
/* script.h - a play as text: a line for each thread, what it does one after the other.
 *
 *	# two threads and main()
 *	main: create 1, create 2, yield, join 1, join 2
 *	1: yield
 *	2: block
 *
 * wake N, exit and stacks are the other words; a script that ends returns. */
#ifndef LAB_SCRIPT_H
#define LAB_SCRIPT_H

#include <stdio.h>

enum { SCRIPT_THREADS = 24, SCRIPT_OPS = 96 };

enum script_verb {
	SCRIPT_RETURN, /* at the end of each script, not written */
	SCRIPT_YIELD,
	SCRIPT_BLOCK,
	SCRIPT_WAKE,
	SCRIPT_CREATE,
	SCRIPT_JOIN,
	SCRIPT_EXIT,
	SCRIPT_STACKS, /* tells how many stacks there are */
};

struct script_op {
	enum script_verb verb;
	unsigned other; /* the thread that it is done to */
};

struct script {
	struct script_op ops[SCRIPT_OPS + 1];
	unsigned count; /* without the return */
};

extern const char *const script_words[];

/* The words that name another thread. */
int script_has_other(enum script_verb verb);

/* Reads a play, 0 or the number of the line that is wrong.  Scripts not in it are
 * empty. */
unsigned script_read(FILE *file, struct script scripts[SCRIPT_THREADS]);

#endif
