/* SPDX-License-Identifier: BSD-2-Clause */
/* equal.c - every rate of the file, in every block, for every variant. */
#include "config.h"

#include "harness/bench/equal.h"

#include <math.h>

#include "harness/bench/block.h"

/* Of the planned time, for repetitions of void trials. */
static const double retries_share = 1.1;

static double equal_cost_s(const struct run *r, const struct experiment *e)
{
	double one_s = 0;
	for (size_t i = 0; i < e->rates_rps.n; i++)
		one_s += run_overhead_s(r) +
			 experiment_trial_s(
				 e, experiment_window_s(e, e->rates_rps.value[i]));
	/* One round of counting apart costs about what a block does. */
	return retries_share * one_s * (double)r->entries *
	       (r->suite.blocks + e->split);
}

double equal_fit(struct run *r, struct experiment *e)
{
	size_t asked = e->rates_rps.n;
	while (e->rates_rps.n > 1 && equal_cost_s(r, e) > e->budget_s)
		e->rates_rps.n--;
	if (e->rates_rps.n < asked)
		run_note(r, "%s: %zu rates instead of %zu, to fit %.0f s", e->name,
			 e->rates_rps.n, asked, e->budget_s);
	return fmin(equal_cost_s(r, e), e->budget_s);
}

static double rate_fixed(const struct run *r, const struct entry *entry,
			 const struct round *round)
{
	(void)r;
	(void)entry;
	return round->factor;
}

static const char *equal_phase(const struct experiment *e)
{
	return e->phase == EQUAL_POOL ? "pool" : "equal";
}

static int equal_round(struct run *r, const struct experiment *e, int block, size_t i,
		       bool split)
{
	char name[ROW_TEXT];
	struct round round = {.trial = {.experiment = e,
					.phase = split ? "split" : equal_phase(e),
					.block = block,
					.think_scale = 1,
					.split = split,
					.prelude_rps = NAN},
			      .name = name,
			      .rate_rps = rate_fixed,
			      .factor = e->rates_rps.value[i],
			      .twins = !split};
	snprintf(name, sizeof name, "%s %zu", split ? "split" : "rate", i);
	return block_round(r, &round);
}

int equal_run(struct run *r, const struct experiment *e)
{
	int status = 0;
	block_begin(r, e, equal_cost_s(r, e) / retries_share);
	for (int block = 1; block <= r->suite.blocks; block++)
		for (size_t i = 0; i < e->rates_rps.n && status == 0; i++)
			status = equal_round(r, e, block, i, false);
	if (status == 0 && e->split)
		status = equal_round(r, e, 1, 0, true);
	return status;
}
