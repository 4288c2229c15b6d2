/* SPDX-License-Identifier: BSD-2-Clause */
/* run.h - runs a trusted program: a judge, tar, patch, the compiler of judges. */
#ifndef GRADE_RUN_H
#define GRADE_RUN_H

#include <stdbool.h>
#include <stddef.h>

struct run {
	const char *const *argv;
	const char *folder; /* NULL: the current one */
	const char *const
		*settings; /* NAME=VALUE, to the caller's environment; NULL ends it */
	unsigned wall_s;   /* 0: none; its process group is killed then */
	size_t text_most;  /* bytes of output kept */
};

struct run_end {
	int status; /* of waitpid() */
	bool late;  /* the wall was hit */
	char *text; /* standard output, and error; UTF-8; the caller frees it */
};

/* Standard input is /dev/null.  It dies with the calling thread.  0 or -errno; then
   text is NULL. */
int run_program(const struct run *run, struct run_end *end);

/* For tools: true if it ended with 0; if not, says on standard error what it said. */
bool run_tool(const char *const *argv, const char *folder, const char *const *settings);

/* Makes any bytes UTF-8 without control characters, in place: what is neither becomes
 * '?'. */
void text_clean(char *text);

#endif
