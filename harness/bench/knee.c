/* SPDX-License-Identifier: BSD-2-Clause */
/* knee.c - probe, ladder, overload, bracket: which load each variant gets next. */
#include "config.h"

#include "harness/bench/knee.h"

#include <math.h>
#include <string.h>

#include "harness/bench/block.h"
#include "harness/bench/capacity.h"
#include "harness/bench/certificate.h"
#include "harness/stats/random.h"

enum {
	FEW_BRACKET = 3,
	FEW_RUNGS = 5,
	FEW_OVERLOADS = 2,
	LEAST_RUNGS = 3,
	CERTIFICATE_TRIALS = 4
};

/* Of the planned time, for repetitions of void trials. */
static const double retries_share = 1.1;

static double knee_cost_s(const struct run *r, const struct experiment *e)
{
	double overhead_s = run_overhead_s(r);
	double trial_s = overhead_s + experiment_trial_s(e, e->window_s);
	double probe_s = overhead_s + experiment_trial_s(e, e->probe_s);
	double all = (double)run_fitting(r, e);
	int bracket_blocks = r->suite.blocks - e->bracket_from + 1;
	double overloads = (double)e->overload.n * e->overload_blocks;
	double trials = e->ladder_points + e->ladder_again + overloads + e->recover;
	if (bracket_blocks > 0)
		trials += bracket_blocks * e->bracket_trials;
	double longer_s = fmax(0, e->overload_window_s - e->window_s);
	double overload_s = all * overloads * longer_s;
	double certificate_s = e->certificate ? CERTIFICATE_TRIALS * trial_s : 0;
	return retries_share *
	       (all * (probe_s + trials * trial_s) + overload_s + certificate_s);
}

/* One thing less; false if there is nothing left to leave out. */
static bool knee_trim(struct experiment *e)
{
	if (e->bracket_trials > FEW_BRACKET)
		e->bracket_trials--;
	else if (e->ladder_points > FEW_RUNGS)
		e->ladder_points--;
	else if (e->overload.n > 1)
		memmove(e->overload.value, e->overload.value + 1,
			--e->overload.n * sizeof e->overload.value[0]);
	else if (e->ladder_again > 0)
		e->ladder_again--;
	else if (e->overload_blocks > FEW_OVERLOADS)
		e->overload_blocks--;
	else if (e->bracket_trials > 1)
		e->bracket_trials--;
	else if (e->ladder_points > LEAST_RUNGS)
		e->ladder_points--;
	else if (e->overload_blocks > 1)
		e->overload_blocks--;
	else
		return false;
	return true;
}

double knee_fit(struct run *r, struct experiment *e)
{
	if (e->overload_blocks > r->suite.blocks)
		e->overload_blocks = r->suite.blocks;
	const struct experiment asked = *e;
	while (knee_cost_s(r, e) > e->budget_s && knee_trim(e))
		continue;
	bool brackets = r->suite.blocks >= e->bracket_from;
	if (e->ladder_points < asked.ladder_points)
		run_note(r, "%s: %d rungs instead of %d, to fit %.0f s", e->name,
			 e->ladder_points, asked.ladder_points, e->budget_s);
	if (e->ladder_again < asked.ladder_again)
		run_note(r,
			 "%s: the best rung %d times more instead of %d, to fit %.0f s",
			 e->name, e->ladder_again, asked.ladder_again, e->budget_s);
	if (e->overload.n < asked.overload.n)
		run_note(r, "%s: %zu overloads instead of %zu, to fit %.0f s", e->name,
			 e->overload.n, asked.overload.n, e->budget_s);
	if (e->overload_blocks < asked.overload_blocks)
		run_note(r, "%s: overloads in %d of %d blocks, to fit %.0f s", e->name,
			 e->overload_blocks, asked.overload_blocks, e->budget_s);
	if (brackets && e->bracket_trials < asked.bracket_trials)
		run_note(r,
			 "%s: %d bracket trials a block instead of %d, to fit %.0f s",
			 e->name, e->bracket_trials, asked.bracket_trials, e->budget_s);
	return fmin(knee_cost_s(r, e), e->budget_s);
}

static struct selection entry_rows(const struct run *r, const struct entry *entry,
				   const struct experiment *e)
{
	return (struct selection){r->journal.rows, journal_known(&r->journal), e,
				  entry->name};
}

static double rate_closed(const struct run *r, const struct entry *entry,
			  const struct round *round)
{
	(void)r;
	(void)entry;
	(void)round;
	return NAN;
}

static void probe_done(struct entry *entry, const struct row *row)
{
	entry->scale_rps = row->number[COLUMN_GOOD_RPS];
}

/* The twin is loaded as its original is. */
static void twins_scale(struct run *r)
{
	for (size_t i = 0; i < r->entries; i++) {
		struct entry *twin = &r->entry[i];
		for (size_t j = 0; j < r->entries && twin->twin; j++) {
			if (!r->entry[j].twin && r->entry[j].variant == twin->variant)
				twin->scale_rps = r->entry[j].scale_rps;
		}
	}
}

static double rate_of_scale(const struct run *r, const struct entry *entry,
			    const struct round *round)
{
	const struct experiment *e = round->trial.experiment;
	double rate_rps = entry->scale_rps * round->factor;
	(void)r;
	if (!(rate_rps >= 1))
		return -1;
	return capacity_rate_rps(e, capacity_step(e, rate_rps));
}

/* The ladder's peak, of the original and not of the twin: both get the same load. */
static double rate_of_peak(const struct run *r, const struct entry *entry,
			   const struct round *round)
{
	const struct experiment *e = round->trial.experiment;
	struct selection rows = entry_rows(r, entry, e);
	rows.variant = entry->variant->name;
	double rate_rps = capacity_rung(&rows).goodput_rps * round->factor;
	if (!(rate_rps >= 1))
		return -1;
	return capacity_rate_rps(e, capacity_step(e, rate_rps));
}

/* The ladder's best rung so far, of the original: the load itself, not what came of it.
 */
static double rate_of_rung(const struct run *r, const struct entry *entry,
			   const struct round *round)
{
	struct selection rows = entry_rows(r, entry, round->trial.experiment);
	rows.variant = entry->variant->name;
	return fmax(capacity_rung(&rows).load_rps, -1);
}

static double rate_of_bracket(const struct run *r, const struct entry *entry,
			      const struct round *round)
{
	const struct experiment *e = round->trial.experiment;
	struct bracket_load loads[CAPACITY_LOADS];
	struct selection rows = entry_rows(r, entry, e);
	size_t n =
		capacity_loads(&rows, e->bracket_local ? round->trial.block : 0, loads);
	if (n == 0 && e->bracket_local) /* a block begins where the others got to */
		return fmax(capacity_find(&rows).lower_rps, -1);
	const struct bracket_rules rules = {
		.trials = e->load_trials,
		.width = e->bracket_width,
		/* A tenth up or down where nothing is known. */
		.jump = (int)ceil(log(1.1) / log(e->grid)),
	};
	return n ? capacity_rate_rps(e, bracket_next(loads, n, &rules)) : -1;
}

static struct round round_new(const struct experiment *e, const char *phase, int block)
{
	return (struct round){.trial = {.experiment = e,
					.phase = phase,
					.block = block,
					.think_scale = 1,
					.prelude_rps = NAN},
			      .name = phase,
			      .twins = true};
}

static int knee_probe(struct run *r, const struct experiment *e)
{
	struct round round = round_new(e, "probe", 1);
	round.rate_rps = rate_closed;
	round.done = probe_done;
	round.twins = false;
	for (size_t i = 0; i < r->entries; i++)
		r->entry[i].scale_rps = NAN;
	int status = block_round(r, &round);
	twins_scale(r);
	return status;
}

static int knee_ladder(struct run *r, const struct experiment *e)
{
	size_t n = (size_t)e->ladder_points, order[n];
	double ratio = pow(e->ladder_high / e->ladder_low, 1 / (double)(n - 1));
	struct random random = {random_seed(r->seed, "ladder order")};
	int status = 0;
	random_permutation(&random, order, n);
	for (size_t i = 0; i < n && status == 0; i++) {
		char name[ROW_TEXT];
		struct round round = round_new(e, "ladder", 1);
		snprintf(name, sizeof name, "ladder %zu", order[i]);
		round.name = name;
		round.rate_rps = rate_of_scale;
		round.factor = e->ladder_low * pow(ratio, (double)order[i]);
		status = block_round(r, &round);
	}
	return status;
}

/* What was best once may have been lucky. */
static int knee_again(struct run *r, const struct experiment *e)
{
	int status = 0;
	for (int i = 0; i < e->ladder_again && status == 0; i++) {
		char name[ROW_TEXT];
		struct round round = round_new(e, "ladder", 1);
		snprintf(name, sizeof name, "ladder again %d", i);
		round.name = name;
		round.rate_rps = rate_of_rung;
		status = block_round(r, &round);
	}
	return status;
}

/* Largest first: if time runs out, twice the peak was seen. */
static int knee_overload(struct run *r, const struct experiment *e, int block)
{
	int status = 0;
	if (block > e->overload_blocks)
		return 0;
	for (size_t i = e->overload.n; i-- > 0 && status == 0;) {
		char name[ROW_TEXT];
		struct round round = round_new(e, "overload", block);
		snprintf(name, sizeof name, "overload %zu", i);
		round.name = name;
		round.rate_rps = rate_of_peak;
		round.factor = e->overload.value[i];
		status = block_round(r, &round);
	}
	return status;
}

static int knee_bracket(struct run *r, const struct experiment *e, int block)
{
	int status = 0;
	for (int i = 0; i < e->bracket_trials && status == 0; i++) {
		char name[ROW_TEXT];
		struct round round = round_new(e, "bracket", block);
		snprintf(name, sizeof name, "bracket %d", i);
		round.name = name;
		round.rate_rps = rate_of_bracket;
		status = block_round(r, &round);
	}
	return status;
}

/* The same server after twice its peak: half the peak again. */
static int knee_recover(struct run *r, const struct experiment *e)
{
	int status = 0;
	for (size_t i = 0; i < r->entries && status == 0; i++) {
		struct row row;
		struct round half = round_new(e, "recover", 1);
		half.trial.entry = &r->entry[i];
		half.trial.seed_of = "recover";
		half.factor = 2;
		half.trial.prelude_rps = rate_of_peak(r, &r->entry[i], &half);
		half.factor = 0.5;
		half.trial.rate_rps = rate_of_peak(r, &r->entry[i], &half);
		if (half.trial.rate_rps > 0)
			status = block_trial(r, &half.trial, &row);
	}
	return status < 0 ? status : 0;
}

int knee_run(struct run *r, const struct experiment *e)
{
	double trial_s = run_overhead_s(r) + experiment_trial_s(e, e->window_s);
	block_begin(r, e, knee_cost_s(r, e) / retries_share);
	if (e->certificate)
		r->reserve_s = CERTIFICATE_TRIALS * trial_s;
	int status = knee_probe(r, e);
	if (status == 0)
		status = knee_ladder(r, e);
	if (status == 0)
		status = knee_again(r, e);
	if (status == 0)
		status = knee_overload(r, e, 1);
	if (status == 0 && e->recover)
		status = knee_recover(r, e);
	for (int block = 1; status == 0 && block <= r->suite.blocks; block++) {
		if (block >= e->bracket_from)
			status = knee_bracket(r, e, block);
		if (status == 0 && block > 1)
			status = knee_overload(r, e, block);
	}
	r->reserve_s = 0;
	if (status == 0 && e->certificate)
		status = certificate_run(r, e);
	return status;
}
