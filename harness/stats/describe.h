/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.h - one number for many: pure functions over arrays of doubles.  None
 * changes its input; all give NAN for an empty array. */
#ifndef DUALITY_DESCRIBE_H
#define DUALITY_DESCRIBE_H

#include <stddef.h>

double describe_mean(const double *x, size_t n);

/* The sample's standard deviation (n - 1); NAN for fewer than two. */
double describe_sd(const double *x, size_t n);

double describe_median(const double *x, size_t n);
double describe_min(const double *x, size_t n);
double describe_max(const double *x, size_t n);

/* The q-quantile, 0 <= q <= 1, by linear interpolation between order statistics
 * (Hyndman and Fan 1996, type 7). */
double describe_quantile(const double *x, size_t n, double q);

/* Median and range of those that were measured (are not NAN), and how many. */
struct spread {
	double mid, low, high;
	size_t n;
};
struct spread describe_spread(const double *x, size_t n);

/* The same with the interval of the median instead of the range, at 95 %, between two
 * of the values (the sign test's: by binomial(n, 1/2)).  Below DESCRIBE_INTERVAL_LEAST
 * of them there is none, and it is the range. */
enum { DESCRIBE_INTERVAL_LEAST = 6 };
struct spread describe_middle(const double *x, size_t n);
#endif
