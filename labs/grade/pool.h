/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.h - pieces of work, each in a process of its own, some at a time. */
#ifndef GRADE_POOL_H
#define GRADE_POOL_H

#include <stddef.h>

struct pool {
	size_t n;
	unsigned jobs; /* at a time, 1 at least */
	/* In the child; the slot is below `jobs` and no other running piece's.  Its
	 * status. */
	int (*work)(void *context, size_t i, unsigned slot);
	/* In the caller, in the order in which they end; status as waitpid() has it. */
	void (*done)(void *context, size_t i, int status);
	void *context;
};

/* 0, or -errno if a process could not be had. */
int pool_run(const struct pool *pool);

/* As many as there are processors. */
unsigned pool_jobs(void);

#endif
