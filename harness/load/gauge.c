/* SPDX-License-Identifier: BSD-2-Clause */
/* Levels in time; see gauge.h. */
#include "config.h"

#include "harness/load/gauge.h"

#include <math.h>

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

void gauge_set(struct gauge *gauge, uint64_t level, uint64_t now_ns)
{
	uint64_t from = clamp(gauge->last_ns, gauge->start_ns, gauge->end_ns);
	uint64_t to = clamp(now_ns, gauge->start_ns, gauge->end_ns);
	gauge->area += gauge->level * (to - from);
	if (to > from && gauge->level > gauge->level_max)
		gauge->level_max = gauge->level;
	gauge->level = level;
	gauge->last_ns = now_ns;
}

/* Brings the sums up to the window's end. */
static void gauge_finish(struct gauge *gauge)
{
	if (gauge->last_ns < gauge->end_ns)
		gauge_set(gauge, gauge->level, gauge->end_ns);
}

double gauge_mean(struct gauge *gauge)
{
	if (gauge->end_ns <= gauge->start_ns)
		return NAN;
	gauge_finish(gauge);
	return (double)gauge->area / (double)(gauge->end_ns - gauge->start_ns);
}

uint64_t gauge_max(struct gauge *gauge)
{
	gauge_finish(gauge);
	return gauge->level_max;
}

void trend_add(struct trend *trend, double x, double y)
{
	trend->count++;
	trend->x += x;
	trend->y += y;
	trend->xx += x * x;
	trend->xy += x * y;
	trend->yy += y * y;
}

struct trend_line trend_fit(const struct trend *trend)
{
	struct trend_line line = {.slope = NAN, .slope_se = NAN};
	double n = (double)trend->count;
	if (trend->count < 2)
		return line;
	double xx = trend->xx - trend->x * trend->x / n;
	double xy = trend->xy - trend->x * trend->y / n;
	double yy = trend->yy - trend->y * trend->y / n;
	if (xx <= 0)
		return line;
	line.slope = xy / xx;
	if (trend->count < 3)
		return line;
	/* Rounding can leave a perfect line with a residual below zero. */
	double residual = yy - line.slope * xy;
	line.slope_se = sqrt((residual > 0 ? residual : 0) / (n - 2) / xx);
	return line;
}
