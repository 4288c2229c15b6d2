/* SPDX-License-Identifier: BSD-2-Clause */
/* capacity.c - from rows to the bracket of a variant's capacity. */
#include "config.h"

#include "harness/bench/capacity.h"

#include <math.h>
#include <string.h>

#include "harness/stats/describe.h"

enum { RUNG_TRIALS = 64 };

bool selection_has(const struct selection *s, const struct row *row, const char *phase,
		   int block)
{
	return row_counts(row) &&
	       strcmp(row->text[COLUMN_EXPERIMENT], s->experiment->name) == 0 &&
	       strcmp(row->text[COLUMN_VARIANT], s->variant) == 0 &&
	       (!phase || strcmp(row->text[COLUMN_PHASE], phase) == 0) &&
	       (block == 0 || row->number[COLUMN_BLOCK] == block);
}

int capacity_step(const struct experiment *e, double rate_rps)
{
	return (int)lround(log(rate_rps) / log(e->grid));
}

double capacity_rate_rps(const struct experiment *e, int step)
{
	return pow(e->grid, step);
}

/* The phases whose trials are evidence on the knee: a fresh server, the plain load. */
static bool is_evidence(const char *phase)
{
	return strcmp(phase, "ladder") == 0 || strcmp(phase, "bracket") == 0 ||
	       strcmp(phase, "overload") == 0;
}

size_t capacity_loads(const struct selection *s, int block, struct bracket_load *out)
{
	size_t loads = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		if (!selection_has(s, row, NULL, block) ||
		    !is_evidence(row->text[COLUMN_PHASE]) ||
		    !(row->number[COLUMN_LOAD_RPS] > 0))
			continue;
		int step = capacity_step(s->experiment, row->number[COLUMN_LOAD_RPS]);
		loads = bracket_add(out, loads, CAPACITY_LOADS, step,
				    row->number[COLUMN_PASS] == 1);
	}
	return loads;
}

double capacity_peak_rps(const struct selection *s)
{
	double peak_rps = NAN;
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		const char *of = row->text[COLUMN_PHASE];
		if (selection_has(s, row, NULL, 0) &&
		    (strcmp(of, "ladder") == 0 || strcmp(of, "bracket") == 0))
			peak_rps = fmax(peak_rps, row_goodput_rps(row));
	}
	return peak_rps;
}

/* The goodput of the ladder's trials at a load. */
static struct spread rung_spread(const struct selection *s, double load_rps)
{
	double goodput_rps[RUNG_TRIALS];
	size_t n = 0;
	for (size_t i = 0; i < s->n && n < RUNG_TRIALS; i++) {
		if (selection_has(s, &s->rows[i], "ladder", 0) &&
		    s->rows[i].number[COLUMN_LOAD_RPS] == load_rps)
			goodput_rps[n++] = row_goodput_rps(&s->rows[i]);
	}
	return describe_spread(goodput_rps, n);
}

struct rung capacity_rung(const struct selection *s)
{
	struct rung best = {NAN, NAN, 0};
	bool again = s->experiment->ladder_again > 0;
	for (size_t i = 0; i < s->n; i++) {
		double load_rps = s->rows[i].number[COLUMN_LOAD_RPS];
		struct spread rung = rung_spread(s, load_rps);
		bool more = again && rung.n > best.trials;
		bool as_many = !again || rung.n == best.trials;
		if (rung.n > 0 &&
		    (more || (as_many && !(rung.mid <= best.goodput_rps))))
			best = (struct rung){load_rps, rung.mid, rung.n};
	}
	return best;
}

struct capacity capacity_find(const struct selection *s)
{
	struct bracket_load loads[CAPACITY_LOADS];
	struct capacity c = {.lower_rps = NAN, .upper_rps = NAN};
	size_t n = capacity_loads(s, 0, loads);
	struct bracket b = bracket_find(loads, n, s->experiment->load_trials);
	c.settled = b.has_lower && b.has_upper;
	if (!c.settled)
		b = bracket_find(loads, n, 1);
	if (b.has_lower) {
		c.lower_rps = capacity_rate_rps(s->experiment, b.lower);
		c.trials = b.lower_trials;
	}
	if (b.has_upper) {
		c.upper_rps = capacity_rate_rps(s->experiment, b.upper);
		if (!b.has_lower || b.upper_trials < c.trials)
			c.trials = b.upper_trials;
	}
	c.peak_rps = capacity_peak_rps(s);
	return c;
}

double capacity_block_rps(const struct selection *s, int block)
{
	struct bracket_load loads[CAPACITY_LOADS];
	size_t n = capacity_loads(s, block, loads);
	struct bracket b = bracket_find(loads, n, 1);
	struct capacity all = capacity_find(s);
	double lower_rps = capacity_rate_rps(s->experiment, b.lower);
	double upper_rps = capacity_rate_rps(s->experiment, b.upper);
	/* A block that saw one side only takes the other from all blocks. */
	if (!b.has_lower && b.has_upper)
		lower_rps = fmin(all.lower_rps, upper_rps / s->experiment->grid);
	if (!b.has_upper && b.has_lower)
		upper_rps = fmax(all.upper_rps, lower_rps * s->experiment->grid);
	bool missing = (!b.has_lower && isnan(all.lower_rps)) ||
		       (!b.has_upper && isnan(all.upper_rps));
	if ((!b.has_lower && !b.has_upper) || missing)
		return NAN;
	return sqrt(lower_rps * upper_rps);
}
