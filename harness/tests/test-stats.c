/* SPDX-License-Identifier: BSD-2-Clause */
/* test-stats.c - the statistics against values from textbooks and tables. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/stats/describe.h"
#include "harness/stats/interval.h"
#include "harness/stats/random.h"
#include "harness/stats/student.h"

static void near(double value, double expected, double within)
{
	if (!(fabs(value - expected) <= within))
		fail_msg("%.12g is not %.12g", value, expected);
}

static void describe_known(void **state)
{
	const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
	(void)state;
	near(describe_mean(x, 8), 5, 1e-12);
	near(describe_sd(x, 8), 2.138089935299395, 1e-12);
	near(describe_median(x, 8), 4.5, 1e-12);
	near(describe_median(x, 7), 4, 1e-12);
	near(describe_quantile(x, 8, 0.9), 7.6, 1e-12); /* numpy.quantile */
	near(describe_min(x, 8), 2, 0);
	near(describe_max(x, 8), 9, 0);
	assert_true(isnan(describe_mean(x, 0)));
	assert_true(isnan(describe_median(x, 0)));
	assert_true(isnan(describe_sd(x, 1)));
}

/* A percentile among lost requests is infinite, and still has its place in the order.
 */
static void describe_infinite(void **state)
{
	const double x[] = {6, INFINITY, 5};
	(void)state;
	near(describe_median(x, 3), 6, 0);
	assert_true(isinf(describe_max(x, 3)));
	assert_true(isinf(describe_median(x + 1, 1)));
	assert_true(isinf(describe_quantile(x, 3, 0.9)));
	near(describe_quantile(x, 3, 0.25), 5.5, 0);
}

static void describe_what_is_known(void **state)
{
	const double x[] = {NAN, 3, 1, NAN, 2};
	(void)state;
	struct spread s = describe_spread(x, 5);
	assert_int_equal(s.n, 3);
	near(s.mid, 2, 0);
	near(s.low, 1, 0);
	near(s.high, 3, 0);
	s = describe_spread(x, 1);
	assert_int_equal(s.n, 0);
	assert_true(isnan(s.mid) && isnan(s.low) && isnan(s.high));
}

/* 15 values: between the 4th and the 12th, as tables of the sign test have it; 6: all
 * of them; fewer have no interval, and tell the range. */
static void describe_middle_known(void **state)
{
	const double x[] = {8, 1, 15, 2, 14, 3, NAN, 13, 4, 12, 5, 11, 6, 10, 7, 9};
	struct spread s = describe_middle(x, 16);
	(void)state;
	assert_int_equal(s.n, 15);
	near(s.mid, 8, 1e-12);
	near(s.low, 4, 1e-12);
	near(s.high, 12, 1e-12);
	s = describe_middle(x, 6);
	near(s.low, 1, 1e-12);
	near(s.high, 15, 1e-12);
	s = describe_middle(x, 5);
	near(s.low, 1, 1e-12);
	near(s.high, 15, 1e-12);
	assert_true(isnan(describe_middle(x, 0).mid));
	assert_true(isnan(describe_middle(x + 6, 1).mid));
}

static void describe_keeps_input(void **state)
{
	const double x[] = {3, 1, 2};
	(void)state;
	near(describe_median(x, 3), 2, 0);
	near(x[0], 3, 0);
}

/* Two-sided 95 % points of the usual table. */
static void student_table(void **state)
{
	static const struct {
		double freedom, t;
	} table[] = {{1, 12.7062047},  {2, 4.30265273},  {5, 2.57058184},
		     {11, 2.20098516}, {30, 2.04227246}, {1000, 1.96233908}};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		near(student_quantile(0.975, table[i].freedom), table[i].t, 1e-6);
		near(student_quantile(0.025, table[i].freedom), -table[i].t, 1e-6);
		near(student_cdf(table[i].t, table[i].freedom), 0.975, 1e-9);
	}
	near(student_cdf(0, 7), 0.5, 1e-12);
	near(student_cdf(1, 1), 0.75, 1e-12); /* Cauchy */
}

static void mean_known(void **state)
{
	/* R: t.test(c(1, 2, 3, 4, 5)) */
	const double x[] = {1, 2, 3, 4, 5};
	struct interval i = interval_mean(x, 5, 0.95);
	(void)state;
	near(i.estimate, 3, 1e-12);
	near(i.low, 1.036757, 1e-6);
	near(i.high, 4.963243, 1e-6);
	near(i.p, 0.01324, 1e-5);
	assert_true(isnan(interval_mean(x, 1, 0.95).low));
}

static void ratio_known(void **state)
{
	const double a[] = {110, 121, 99, 110, NAN, 5}, b[] = {100, 110, 90, 100, 7, 0};
	struct interval i = interval_paired_ratio(a, b, 6, 0.95);
	struct interval back = interval_paired_ratio(b, a, 6, 0.95);
	(void)state;
	assert_int_equal(i.n, 4); /* not the NAN, not the zero */
	near(i.estimate, 1.1, 1e-9);
	near(i.low, 1.1, 1e-6);
	near(back.estimate * i.estimate, 1, 1e-12);
	assert_true(isnan(interval_paired_ratio(a, b, 0, 0.95).estimate));
}

static void bootstrap_seeded(void **state)
{
	double a[12], b[12];
	struct random random = {1};
	(void)state;
	for (size_t i = 0; i < 12; i++) {
		a[i] = 1000 + (double)random_below(&random, 100);
		b[i] = 1000;
	}
	struct interval one = interval_bootstrap_ratio(a, b, 12, 0.95, 42);
	struct interval same = interval_bootstrap_ratio(a, b, 12, 0.95, 42);
	struct interval t = interval_paired_ratio(a, b, 12, 0.95);
	near(one.low, same.low, 0);
	near(one.high, same.high, 0);
	assert_true(one.low < one.estimate && one.estimate < one.high);
	/* Somewhat narrower than the t interval, and about where it is. */
	near(one.low, t.low, 0.01);
	near(one.high, t.high, 0.01);
}

static void holm_known(void **state)
{
	/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
	const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
	double adjusted[5];
	(void)state;
	interval_holm(p, 5, adjusted);
	near(adjusted[0], 0.03, 1e-12);
	near(adjusted[1], 0.06, 1e-12);
	assert_true(isnan(adjusted[2]));
	near(adjusted[3], 0.06, 1e-12);
	near(adjusted[4], 0.02, 1e-12);
}

static void permutation_whole(void **state)
{
	size_t order[50], seen[50] = {0};
	struct random one = {random_seed(7, "a")}, other = {random_seed(7, "b")};
	(void)state;
	random_permutation(&one, order, 50);
	for (size_t i = 0; i < 50; i++)
		seen[order[i]]++;
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(seen[i], 1);
	assert_true(one.state != other.state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describe_known),
		cmocka_unit_test(describe_infinite),
		cmocka_unit_test(describe_what_is_known),
		cmocka_unit_test(describe_middle_known),
		cmocka_unit_test(describe_keeps_input),
		cmocka_unit_test(student_table),
		cmocka_unit_test(mean_known),
		cmocka_unit_test(ratio_known),
		cmocka_unit_test(bootstrap_seeded),
		cmocka_unit_test(holm_known),
		cmocka_unit_test(permutation_whole),
	};
	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
