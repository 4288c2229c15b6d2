/* SPDX-License-Identifier: BSD-2-Clause */
/* equal.c - every rate of the file, in every block, for every variant. */
#include "config.h"

#include "harness/bench/equal.h"

#include <math.h>
#include <stdio.h>

#include "harness/bench/block.h"

/* Of the planned time, for repetitions of void trials; and so many once all blocks are
 * through, as what makes a trial void comes in bursts and may be over by then. */
static const double retries_share = 1.1;
enum { LATE_TRIALS = 3 };

static double rate_cost_s(const struct run *r, const struct experiment *e, size_t rate)
{
	double window_s = experiment_window_s(e, e->rates_rps.value[rate]);
	return run_overhead_s(r) + experiment_trial_s(e, window_s);
}

/* The first attempts. */
static double equal_due_s(const struct run *r, const struct experiment *e)
{
	double one_s = 0;
	for (size_t i = 0; i < e->rates_rps.n; i++)
		one_s += rate_cost_s(r, e, i);
	/* One round of counting apart costs about what a block does. */
	return one_s * (double)run_fitting(r, e) * (r->suite.blocks + e->split);
}

static double equal_cost_s(const struct run *r, const struct experiment *e)
{
	return retries_share * equal_due_s(r, e) + LATE_TRIALS * rate_cost_s(r, e, 0);
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

/* `name` is filled in. */
static struct round round_of(const struct experiment *e, int block, size_t rate,
			     bool split, char name[ROW_TEXT])
{
	snprintf(name, ROW_TEXT, "%s %zu", split ? "split" : "rate", rate);
	return (struct round){.trial = {.experiment = e,
					.phase = split ? "split" : equal_phase(e),
					.block = block,
					.think_scale = 1,
					.split = split,
					.prelude_rps = NAN},
			      .name = name,
			      .rate_rps = rate_fixed,
			      .factor = e->rates_rps.value[rate],
			      .twins = !split};
}

/* Once more, those of a round that others spoilt to the last. */
static int round_again(struct run *r, const struct round *round)
{
	struct trial trial = round->trial;
	int status = 0;
	trial.seed_of = round->name;
	trial.rate_rps = round->factor;
	for (size_t i = 0; i < r->entries && status >= 0; i++) {
		struct row row;
		trial.entry = &r->entry[i];
		status = block_trial_again(r, &trial, &row);
	}
	return status < 0 ? status : 0;
}

/* All blocks and rates, and the round that counts switches apart. */
static int equal_rounds(struct run *r, const struct experiment *e,
			int (*todo)(struct run *r, const struct round *round))
{
	char name[ROW_TEXT];
	int status = 0;
	for (int block = 1; block <= r->suite.blocks; block++) {
		for (size_t i = 0; i < e->rates_rps.n && status == 0; i++) {
			struct round round = round_of(e, block, i, false, name);
			status = todo(r, &round);
		}
	}
	if (status == 0 && e->split) {
		struct round round = round_of(e, 1, 0, true, name);
		status = todo(r, &round);
	}
	return status;
}

int equal_run(struct run *r, const struct experiment *e)
{
	double late_s = LATE_TRIALS * rate_cost_s(r, e, 0);
	block_begin(r, e, equal_due_s(r, e));
	/* Not at the expense of any trial's first attempt. */
	r->reserve_s = fmin(late_s, fmax(0, r->left_s - r->due_s));
	int status = equal_rounds(r, e, block_round);
	r->reserve_s = 0;
	return status < 0 ? status : equal_rounds(r, e, round_again);
}
