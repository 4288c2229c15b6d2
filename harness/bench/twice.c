/* SPDX-License-Identifier: BSD-2-Clause */
/* twice.c - finds the trials at twice the peak. */
#include "config.h"

#include "harness/bench/twice.h"

#include <math.h>

enum { BLOCKS_MOST = 1000 };

static const double least_s = 3, grid_slack = 1.0001, in_full = 0.95;

/* Of twice the peak, what must have been sent; the load is a step of the grid, and may
 * be half a step less. */
static const double sent_least = 0.95;

/* Below that the backlog still fills. */
static bool is_long(const struct selection *s, const struct row *row)
{
	return selection_has(s, row, "overload", 0) &&
	       row->number[COLUMN_WINDOW_S] >= least_s;
}

/* Twice the peak, or the next step of the grid. */
static bool is_twice(const struct selection *s, const struct row *row, double peak_rps)
{
	double most = 1.05 * s->experiment->grid * grid_slack;
	double off = fabs(log(row->number[COLUMN_LOAD_RPS] / (2 * peak_rps)));
	return is_long(s, row) && off <= log(most);
}

bool twice_was_tried(const struct selection *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += is_long(s, &s->rows[i]);
	return n > 0;
}

double twice_peak_rps(const struct selection *s)
{
	double top_rps = 0, share = 1;
	for (size_t i = 0; i < s->n; i++) {
		const double *v = s->rows[i].number;
		if (!selection_has(s, &s->rows[i], "ladder", 0) ||
		    !(v[COLUMN_LOAD_RPS] >= top_rps))
			continue;
		top_rps = v[COLUMN_LOAD_RPS];
		share = row_goodput_rps(&s->rows[i]) / v[COLUMN_OFFERED_RPS];
	}
	return share < in_full ? capacity_rung(s).goodput_rps : NAN;
}

static double row_value(const struct row *row, enum column column, bool per_s)
{
	return row->number[column] / (per_s ? row->number[COLUMN_WINDOW_S] : 1);
}

static struct spread spread_of(const struct selection *s, enum column column,
			       bool per_s)
{
	double peak_rps = twice_peak_rps(s);
	double value[BLOCKS_MOST];
	size_t n = 0;
	for (size_t i = 0; i < s->n && n < BLOCKS_MOST; i++) {
		if (is_twice(s, &s->rows[i], peak_rps))
			value[n++] = row_value(&s->rows[i], column, per_s);
	}
	return describe_spread(value, n);
}

struct spread twice_spread(const struct selection *s, enum column column)
{
	return spread_of(s, column, false);
}

struct spread twice_per_s(const struct selection *s, enum column column)
{
	return spread_of(s, column, true);
}

static struct spread over_peak(const struct selection *s, struct spread spread)
{
	double peak_rps = twice_peak_rps(s);
	spread.mid /= peak_rps;
	spread.low /= peak_rps;
	spread.high /= peak_rps;
	return spread;
}

struct spread twice_kept(const struct selection *s)
{
	return over_peak(s, twice_per_s(s, COLUMN_TIMELY));
}

struct spread twice_answered(const struct selection *s)
{
	return over_peak(s, twice_spread(s, COLUMN_GOOD_RPS));
}

struct spread twice_sent(const struct selection *s)
{
	return over_peak(s, twice_spread(s, COLUMN_SENT_RPS));
}

bool twice_is_short(const struct selection *s)
{
	return twice_sent(s).low < 2 * sent_least;
}
