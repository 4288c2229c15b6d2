/* SPDX-License-Identifier: BSD-2-Clause */
/* twice.c - finds the trials at twice the peak. */
#include "config.h"

#include "harness/bench/twice.h"

#include <math.h>

enum { BLOCKS_MOST = 1000 };

static const double least_s = 3, grid_slack = 1.0001, in_full = 0.95;

/* Twice the peak, or the next step of the grid. */
static bool is_twice(const struct selection *s, const struct row *row, double peak_rps)
{
	double most = 1.05 * s->experiment->grid * grid_slack;
	double off = fabs(log(row->number[COLUMN_LOAD_RPS] / (2 * peak_rps)));
	return selection_has(s, row, "overload", 0) && off <= log(most) &&
	       row->number[COLUMN_WINDOW_S] >= least_s;
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
		share = v[COLUMN_GOOD_RPS] / v[COLUMN_OFFERED_RPS];
	}
	return share < in_full ? capacity_peak_rps(s, "ladder") : NAN;
}

struct spread twice_spread(const struct selection *s, enum column column)
{
	double peak_rps = twice_peak_rps(s);
	double value[BLOCKS_MOST];
	size_t n = 0;
	for (size_t i = 0; i < s->n && n < BLOCKS_MOST; i++) {
		if (is_twice(s, &s->rows[i], peak_rps))
			value[n++] = s->rows[i].number[column];
	}
	return describe_spread(value, n);
}

struct spread twice_kept(const struct selection *s)
{
	double peak_rps = twice_peak_rps(s);
	struct spread kept = twice_spread(s, COLUMN_GOOD_RPS);
	kept.mid /= peak_rps;
	kept.low /= peak_rps;
	kept.high /= peak_rps;
	return kept;
}
