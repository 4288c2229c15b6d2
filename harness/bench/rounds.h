/* SPDX-License-Identifier: BSD-2-Clause */
/* rounds.h - experiments in which no server runs, but a program of this project that
 * measures something round by round, into a table of the run's own. */
#ifndef DUALITY_BENCH_ROUNDS_H
#define DUALITY_BENCH_ROUNDS_H

#include <stdio.h>

#include "harness/bench/run.h"

struct rounds {
	const char *program; /* for people: "duality micro" */
	const char *table;   /* its file's name in the run folder */
	const char *header;  /* the first two columns are experiment and round */
	/* One round: a header, then lines whose first field is replaced.  Its text, to
	 * be freed, and its exit status, or -errno. */
	int (*capture)(const struct run *r, const struct experiment *e, int round,
		       char **out);
};

enum { ROUNDS_MS = 600000 /* the most that one may take */, ROUNDS_WORDS = 64 };

/* Cut a text at blanks and commas; its words become argv[n] and so on, then a NULL. */
void rounds_words(char *argv[ROUNDS_WORDS], size_t n, char *text);

/* The seconds it will take at most. */
double rounds_fit(struct run *r, struct experiment *e);

/* As many rounds as there are to be and as there is time for; between them the run can
 * be interrupted.  0, -EINTR, or -errno.  What went wrong with the program is noted,
 * and a resumed run does not repeat an experiment that had come to its end. */
int rounds_run(struct run *r, const struct experiment *e, const struct rounds *what);

/* Call take for each row of an experiment, cut at its tabs into so many fields. */
void rounds_read(const struct run *r, const struct experiment *e, const char *table,
		 int fields, void (*take)(void *to, char *const *field), void *to);
#endif
