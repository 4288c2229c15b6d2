/* SPDX-License-Identifier: BSD-2-Clause */
/* bracket.h - the search for capacity, in the manner of RFC 9971 (MLRsearch): several
 * trials at a load, and a load counts as too high only if more than half of them fail
 * (exceed ratio 0.5).  Both bounds are reported.  A load is a step of a geometric grid,
 * so that trials of different blocks meet at the same loads. */
#ifndef DUALITY_BRACKET_H
#define DUALITY_BRACKET_H

#include <stdbool.h>
#include <stddef.h>

/* What was seen at one load. */
struct bracket_load {
	int step;
	int passed, failed;
};

struct bracket_rules {
	int trials; /* at a load before it is settled; a majority that cannot turn is
		       enough */
	int width;  /* in steps: stop narrowing here */
	int jump;   /* in steps: how far to go where nothing is known */
};

struct bracket {
	bool has_lower, has_upper;
	int lower, upper;               /* steps */
	int lower_trials, upper_trials; /* on which they rest */
};

/* Add one trial to the loads (kept in order of step; room for `room`).  Returns the
 * new number of loads. */
size_t bracket_add(struct bracket_load *t, size_t n, size_t room, int step,
		   bool passed);

/* The bounds that are settled: upper is the smallest load that failed, lower the
 * largest that passed below it. */
struct bracket bracket_find(const struct bracket_load *t, size_t n, int trials);

/* The load to try next; n > 0.  First narrows on single trials, then settles both
 * bounds, then goes on testing the bound with fewer trials, so that every call names a
 * load. */
int bracket_next(const struct bracket_load *t, size_t n,
		 const struct bracket_rules *rules);
#endif
