/* SPDX-License-Identifier: BSD-2-Clause */
/* ways.h - for tests: scenarios of fibers, run with every way to wait and to load that
 * this build and this machine have. */
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
#endif
