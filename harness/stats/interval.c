/* SPDX-License-Identifier: BSD-2-Clause */
/* interval.c - t and bootstrap intervals over blocks, and Holm's correction. */
#include "config.h"

#include "harness/stats/interval.h"

#include <math.h>
#include <stdlib.h>

#include "harness/stats/describe.h"
#include "harness/stats/random.h"
#include "harness/stats/student.h"

enum { RESAMPLES = 10000 };

static const struct interval unknown = {NAN, NAN, NAN, NAN, 0};

struct interval interval_mean(const double *x, size_t n, double confidence)
{
	struct interval result = unknown;
	result.n = n;
	result.estimate = describe_mean(x, n);
	if (n < 2)
		return result;
	double freedom = (double)(n - 1);
	double error = describe_sd(x, n) / sqrt((double)n);
	double half = student_quantile(0.5 + confidence / 2, freedom) * error;
	result.low = result.estimate - half;
	result.high = result.estimate + half;
	if (error > 0)
		result.p = 2 * student_cdf(-fabs(result.estimate) / error, freedom);
	else
		result.p = result.estimate == 0 ? 1 : 0;
	return result;
}

/* The usable log ratios; the caller frees.  NULL if there is none. */
static double *log_ratios(const double *a, const double *b, size_t n, size_t *used)
{
	double *ratios = malloc((n ? n : 1) * sizeof *ratios);
	*used = 0;
	for (size_t i = 0; ratios && i < n; i++) {
		if (a[i] > 0 && b[i] > 0 && isfinite(a[i]) && isfinite(b[i]))
			ratios[(*used)++] = log(a[i] / b[i]);
	}
	return ratios;
}

static struct interval interval_exp(struct interval log_scale)
{
	log_scale.estimate = exp(log_scale.estimate);
	log_scale.low = exp(log_scale.low);
	log_scale.high = exp(log_scale.high);
	return log_scale;
}

struct interval interval_paired_ratio(const double *a, const double *b, size_t n,
				      double confidence)
{
	size_t used;
	double *ratios = log_ratios(a, b, n, &used);
	if (!ratios)
		return unknown;
	struct interval result = interval_mean(ratios, used, confidence);
	free(ratios);
	return interval_exp(result);
}

struct interval interval_bootstrap_ratio(const double *a, const double *b, size_t n,
					 double confidence, uint64_t seed)
{
	struct random random = {seed};
	struct interval result = unknown;
	size_t used;
	double *ratios = log_ratios(a, b, n, &used);
	double *means = malloc(RESAMPLES * sizeof *means);
	if (!ratios || !means || used < 2)
		goto done;
	for (size_t i = 0; i < RESAMPLES; i++) {
		double sum = 0;
		for (size_t j = 0; j < used; j++)
			sum += ratios[random_below(&random, used)];
		means[i] = sum / (double)used;
	}
	result.n = used;
	result.estimate = describe_mean(ratios, used);
	result.low = describe_quantile(means, RESAMPLES, 0.5 - confidence / 2);
	result.high = describe_quantile(means, RESAMPLES, 0.5 + confidence / 2);
	result = interval_exp(result);
done:
	free(ratios);
	free(means);
	return result;
}

/* How many hypotheses have a smaller p, ties in order of index. */
static size_t p_rank(const double *p, size_t n, size_t of)
{
	size_t rank = 0;
	for (size_t i = 0; i < n; i++)
		rank += (size_t)(p[i] < p[of] || (p[i] == p[of] && i < of));
	return rank;
}

void interval_holm(const double *p, size_t n, double *adjusted)
{
	size_t tested = 0;
	for (size_t i = 0; i < n; i++)
		tested += isnan(p[i]) ? 0 : 1;
	for (size_t i = 0; i < n; i++) {
		double factor = (double)(tested - p_rank(p, n, i));
		adjusted[i] = isnan(p[i]) ? NAN : fmin(1, factor * p[i]);
	}
	/* Step down: none may be smaller than the one before it in rank.  Few
	 * hypotheses, so a pass per rank will do. */
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			if (!isnan(p[i]) && p_rank(p, n, j) < p_rank(p, n, i) &&
			    !isnan(p[j])) {
				double raw = fmin(
					1, (double)(tested - p_rank(p, n, j)) * p[j]);
				adjusted[i] = fmax(adjusted[i], raw);
			}
		}
	}
}
