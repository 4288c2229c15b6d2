/* SPDX-License-Identifier: BSD-2-Clause */
/* capacity.h - what the rows say of one variant's knee. */
#ifndef DUALITY_CAPACITY_H
#define DUALITY_CAPACITY_H

#include "harness/bench/experiment.h"
#include "harness/bench/row.h"
#include "harness/stats/bracket.h"

enum { CAPACITY_LOADS = 512 };

/* Rows of one variant in one experiment. */
struct selection {
	const struct row *rows;
	size_t n;
	const struct experiment *experiment;
	const char *variant;
};

struct capacity {
	double lower_rps, upper_rps; /* NAN where unknown */
	int trials;                  /* on the bound that rests on fewer; 0: none */
	bool settled;    /* both bounds rest on a majority that cannot turn */
	double peak_rps; /* highest goodput of ladder and bracket */
};

/* Does the row belong to the selection and count?  `phase` may be NULL, block 0: any.
 */
bool selection_has(const struct selection *s, const struct row *row, const char *phase,
		   int block);

/* Loads as steps of the experiment's grid, which begins at 1 request/s. */
int capacity_step(const struct experiment *e, double rate_rps);
double capacity_rate_rps(const struct experiment *e, int step);

/* The loads tried in a block (0: in all), with how they went. */
size_t capacity_loads(const struct selection *s, int block, struct bracket_load *out);

/* The bracket over all blocks; where a load had one trial only, from that. */
struct capacity capacity_find(const struct selection *s);

/* The highest goodput of a trial of the ladder or the bracket; NAN.  What comes in time
 * is most at the knee, however far past it the loads go; overloads have no part. */
double capacity_peak_rps(const struct selection *s);

/* The load of the ladder at which most came in time, and how much did: of one trial,
 * or, where the experiment tries that rung again (ladder_again), the median of its
 * trials: the best of several single ones is good luck, too.  NAN if there is none. */
struct rung {
	double load_rps, goodput_rps;
	size_t trials;
};
struct rung capacity_rung(const struct selection *s);

/* One block's own estimate, for intervals over blocks: the geometric middle of its
 * bracket; a side it did not see is taken from all blocks.  NAN if there is none. */
double capacity_block_rps(const struct selection *s, int block);
#endif
