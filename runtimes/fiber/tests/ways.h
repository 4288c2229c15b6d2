/* SPDX-License-Identifier: BSD-2-Clause */
/* ways.h - for tests: scenarios of fibers, run with every way to wait and to load that
 * this build and this machine have, with one and two workers.  A wait that is never
 * over ends by an alarm. */
#ifndef DUALITY_FIBER_WAYS_H
#define DUALITY_FIBER_WAYS_H

#include "fiber.h"

struct scenario {
	const char *name;
	int (*main)(void *options); /* the first fiber; struct fiber_options */
};

/* Returns main's exit status. */
int ways_run(const struct scenario *scenarios, size_t n);

/* In a fiber cmocka's assertions would jump to another stack: these fail the scenario
 * when it has ended. */
void must(bool ok, const char *what);
void must_be(intmax_t is, intmax_t expected, const char *what);

/* A fiber, and its end. */
struct fiber_id begin(void *(*run)(void *arg), void *arg);
void end(struct fiber_id id);

/* Two sockets that do not block. */
struct pair {
	int end[2];
	int number; /* among others */
};

void pair_open(struct pair *p, int type);
void pair_close(struct pair *p);

/* Write an x to a descriptor, and read it there; fibers, too. */
void *write_x(void *fd);
void *read_x(void *fd);
#endif
