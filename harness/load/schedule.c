/* SPDX-License-Identifier: BSD-2-Clause */
/* The arrival schedule; see schedule.h. */
#include "config.h"

#include "harness/load/schedule.h"

#include <math.h>

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * OOPSLA'14): the state is a counter, so that any element can be had without the ones
 * before it. */
static const uint64_t golden_gamma = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t scramble(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t schedule_mix(uint64_t seed, uint64_t index)
{
	return scramble(scramble(seed + golden_gamma) + (index + 1) * golden_gamma);
}

void schedule_open(struct schedule *schedule, enum schedule_kind kind,
		   double rate_per_s, uint64_t seed)
{
	schedule->random = scramble(seed);
	schedule->count = 0;
	schedule->gap_ns = 1e9 / rate_per_s;
	schedule->last_ns = 0;
	schedule->kind = kind;
}

/* Uniform in (0, 1]: 53 bits, and never the 0 whose logarithm is not a number. */
static double uniform(struct schedule *schedule)
{
	schedule->random += golden_gamma;
	return (double)((scramble(schedule->random) >> 11) + 1) * 0x1p-53;
}

void schedule_fix_count(struct schedule *schedule, uint64_t within_ns)
{
	struct schedule ahead = *schedule;
	double gaps = 0;
	uint64_t count = (uint64_t)llround((double)within_ns / schedule->gap_ns);
	if (schedule->kind != SCHEDULE_POISSON || count == 0)
		return;
	/* The last gap ends beyond the last arrival, just past the border. */
	for (uint64_t i = 0; i <= count; i++)
		gaps -= log(uniform(&ahead));
	schedule->gap_ns = ((double)within_ns + 2) / gaps;
}

uint64_t schedule_next_ns(struct schedule *schedule)
{
	uint64_t i = schedule->count++;
	/* Fixed arrivals have a fixed phase, half a gap, and no accumulated rounding.
	 */
	if (schedule->kind == SCHEDULE_FIXED)
		return (uint64_t)(((double)i + 0.5) * schedule->gap_ns);
	schedule->last_ns -= log(uniform(schedule)) * schedule->gap_ns;
	return (uint64_t)schedule->last_ns;
}
