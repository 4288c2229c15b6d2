/* SPDX-License-Identifier: BSD-2-Clause */
/* student.h - Student's t distribution, for intervals and tests over few blocks. */
#ifndef DUALITY_STUDENT_H
#define DUALITY_STUDENT_H

/* P(T <= t) with `freedom` > 0 degrees of freedom. */
double student_cdf(double t, double freedom);

/* The t with P(T <= t) = p, 0 < p < 1. */
double student_quantile(double p, double freedom);
#endif
