/* SPDX-License-Identifier: BSD-2-Clause */
/* interval.h - intervals and tests over blocks.  The replicate is the block; ratios are
 * compared on the log scale, so that A/B and B/A say the same. */
#ifndef DUALITY_INTERVAL_H
#define DUALITY_INTERVAL_H

#include <stddef.h>
#include <stdint.h>

struct interval {
	double estimate, low, high;
	double p; /* two-sided, of "no difference"; NAN where not computed */
	size_t n; /* pairs or values used */
};

/* The t interval of the mean of x at `confidence` (0.95).  low and high are NAN for n
 * < 2. */
struct interval interval_mean(const double *x, size_t n, double confidence);

/* The ratio a/b from n pairs: exp of the t interval over ln(a[i]/b[i]).  Pairs with a
 * value that is NAN or not positive are left out. */
struct interval interval_paired_ratio(const double *a, const double *b, size_t n,
				      double confidence);

/* The same by percentile bootstrap over blocks, seeded. */
struct interval interval_bootstrap_ratio(const double *a, const double *b, size_t n,
					 double confidence, uint64_t seed);

/* Holm 1979: adjusted[i] is the p-value of hypothesis i, all n taken together.  A NAN
 * stays NAN and does not count. */
void interval_holm(const double *p, size_t n, double *adjusted);
#endif
