/* SPDX-License-Identifier: BSD-2-Clause */
/* The one global arrival schedule: a pure function of seed, rate and kind, generated as
 * it is used.  The run never influences it; the same seed gives every variant the same
 * load. */
#ifndef LOAD_SCHEDULE_H
#define LOAD_SCHEDULE_H

#include <stdint.h>

enum schedule_kind { SCHEDULE_POISSON, SCHEDULE_FIXED };

struct schedule {
	uint64_t random; /* state of the generator */
	uint64_t count;  /* arrivals generated so far */
	double gap_ns;   /* mean gap */
	double last_ns;  /* the arrival before the next, Poisson only */
	enum schedule_kind kind;
};

void schedule_open(struct schedule *schedule, enum schedule_kind kind,
		   double rate_per_s, uint64_t seed);

/* Make exactly rate times that long arrivals come within that long.  Poisson arrivals
 * given their number are that many uniform instants in order, which are exponential
 * gaps scaled to fit; so only the chance of the number goes, that would make the load
 * of one trial a little more and of the next a little less than asked for.  No effect
 * on fixed arrivals.  Takes a draw for each arrival. */
void schedule_fix_count(struct schedule *schedule, uint64_t within_ns);

/* The next arrival, in ns since the schedule's start; never decreases. */
uint64_t schedule_next_ns(struct schedule *schedule);

/* A well mixed function of two numbers, for choices that must not depend on the order
 * in which a run gets to make them. */
uint64_t schedule_mix(uint64_t seed, uint64_t index);

#endif
