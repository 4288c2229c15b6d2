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

/* Those that are not NAN; the caller frees.  NULL if there is none. */
static double *known_of(const double *x, size_t n, size_t *known_n)
{
	double *known = n ? malloc(n * sizeof *known) : NULL;
	*known_n = 0;
	for (size_t i = 0; known && i < n; i++) {
		if (!isnan(x[i]))
			known[(*known_n)++] = x[i];
	}
	return known;
}

struct spread describe_spread(const double *x, size_t n)
{
	struct spread s = {NAN, NAN, NAN, 0};
	double *known = known_of(x, n, &s.n);
	s.mid = describe_median(known, s.n);
	s.low = describe_min(known, s.n);
	s.high = describe_max(known, s.n);
	free(known);
	return s;
}

/* How many values at either end lie outside the interval: the most with which no more
 * than 2.5 % of the medians lie beyond each. */
static size_t outside(size_t n)
{
	size_t k = 0;
	double ways = pow(0.5, (double)n), tail = ways;
	while (tail + ways * (double)(n - k) / (double)(k + 1) <= 0.025) {
		ways *= (double)(n - k) / (double)(k + 1);
		tail += ways;
		k++;
	}
	return k;
}

struct spread describe_middle(const double *x, size_t n)
{
	struct spread s = describe_spread(x, n);
	if (s.n < DESCRIBE_INTERVAL_LEAST)
		return s;
	double *known = known_of(x, n, &s.n);
	double share = (double)outside(s.n) / (double)(s.n - 1);
	s.low = describe_quantile(known, s.n, share);
	s.high = describe_quantile(known, s.n, 1 - share);
	free(known);
	return s;
}
