/* SPDX-License-Identifier: BSD-2-Clause */
/* A level that goes up and down in time: its exact time average over a window, its
 * largest value there, and a straight line fitted through regular samples of it. */
#ifndef LOAD_GAUGE_H
#define LOAD_GAUGE_H

#include <stdint.h>

struct gauge {
	uint64_t start_ns; /* the window; set before the first change inside it */
	uint64_t end_ns;
	uint64_t level;
	uint64_t level_max;
	uint64_t last_ns;
	uint64_t area; /* integral of the level over the window so far, in ns */
};

/* Sets the level, from `now_ns` on; time must not go back. */
void gauge_set(struct gauge *gauge, uint64_t level, uint64_t now_ns);

/* The time average over the window; NAN if the window is empty. */
double gauge_mean(struct gauge *gauge);

/* The largest level inside the window. */
uint64_t gauge_max(struct gauge *gauge);

/* Sums for a least-squares line through (x, y). */
struct trend {
	uint64_t count;
	double x, y, xx, xy, yy;
};

struct trend_line {
	double slope;    /* NAN below 2 points */
	double slope_se; /* its standard error, for independent samples; NAN below 3 */
};

void trend_add(struct trend *trend, double x, double y);
struct trend_line trend_fit(const struct trend *trend);

#endif
