/* SPDX-License-Identifier: BSD-2-Clause */
/* student.c - Student's t through the regularized incomplete beta function, which is
 * evaluated by its continued fraction (Abramowitz and Stegun 26.5.8, 26.7.1). */
#include "config.h"

#include "harness/stats/student.h"

#include <math.h>

enum { FRACTION_TERMS = 300, BISECTIONS = 200 };

/* One step of the modified Lentz method (Thompson and Barnett 1986): a term that
 * vanishes is replaced by a tiny one. */
static double fraction_step(double coefficient, double previous)
{
	const double tiny = 1e-300;
	double value = 1 + coefficient * previous;
	return fabs(value) < tiny ? tiny : value;
}

static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / fraction_step(-(a + b) / (a + 1), x);
	double result = d;
	for (int m = 1; m <= FRACTION_TERMS; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / fraction_step(even, d);
		c = fraction_step(even, 1 / c);
		result *= d * c;
		double odd =
			-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / fraction_step(odd, d);
		c = fraction_step(odd, 1 / c);
		result *= d * c;
		if (fabs(d * c - 1) < 1e-15)
			break;
	}
	return result;
}

/* lgamma_r, since lgamma writes the global signgam (lgamma(3)). */
static double log_gamma(double x)
{
	int sign;
	return lgamma_r(x, &sign);
}

static double beta_regularized(double a, double b, double x)
{
	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) +
			   b * log1p(-x));
	if (x < (a + 1) / (a + b + 2)) /* where the fraction converges fast */
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_cdf(double t, double freedom)
{
	double tail =
		beta_regularized(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2;
	return t > 0 ? 1 - tail : tail;
}

double student_quantile(double p, double freedom)
{
	double low = -1, high = 1;
	while (student_cdf(low, freedom) > p)
		low *= 2;
	while (student_cdf(high, freedom) < p)
		high *= 2;
	for (int i = 0; i < BISECTIONS && high - low > 1e-13 * fabs(high); i++) {
		double middle = (low + high) / 2;
		if (student_cdf(middle, freedom) < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}
