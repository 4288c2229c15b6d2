/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.c - mean, spread and quantiles of an array. */
#include "config.h"

#include "harness/stats/describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double describe_mean(const double *x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return n ? sum / (double)n : NAN;
}

double describe_sd(const double *x, size_t n)
{
	if (n < 2)
		return NAN;
	double mean = describe_mean(x, n), sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return sqrt(sum / (double)(n - 1));
}

static int double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double describe_quantile(const double *x, size_t n, double q)
{
	double *sorted = n ? malloc(n * sizeof *sorted) : NULL;
	if (!sorted)
		return NAN;
	memcpy(sorted, x, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, double_compare);
	double at = q * (double)(n - 1);
	size_t below = (size_t)at;
	size_t above = below + 1 < n ? below + 1 : below;
	double value = sorted[below], share = at - (double)below;
	/* Not where it is 0 times infinity, or infinity less itself. */
	if (share > 0 && sorted[above] > sorted[below])
		value += share * (sorted[above] - sorted[below]);
	free(sorted);
	return value;
}

double describe_median(const double *x, size_t n)
{
	return describe_quantile(x, n, 0.5);
}

double describe_min(const double *x, size_t n)
{
	return describe_quantile(x, n, 0);
}

double describe_max(const double *x, size_t n)
{
	return describe_quantile(x, n, 1);
}

struct spread describe_spread(const double *x, size_t n)
{
	struct spread s = {NAN, NAN, NAN, 0};
	double *known = n ? malloc(n * sizeof *known) : NULL;
	for (size_t i = 0; known && i < n; i++) {
		if (!isnan(x[i]))
			known[s.n++] = x[i];
	}
	s.mid = describe_median(known, s.n);
	s.low = describe_min(known, s.n);
	s.high = describe_max(known, s.n);
	free(known);
	return s;
}
