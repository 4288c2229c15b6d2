/* SPDX-License-Identifier: BSD-2-Clause */
/* schedule-unit.c - when requests are planned: the same for a seed, exponential gaps,
 * as many as were asked for. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness/load/schedule.h"

enum { ARRIVALS = 200000 };

static void test_schedule_repeats(void **state)
{
	(void)state;
	struct schedule a;
	struct schedule b;
	struct schedule other;
	int different = 0;
	schedule_open(&a, SCHEDULE_POISSON, 1000, 7);
	schedule_open(&b, SCHEDULE_POISSON, 1000, 7);
	schedule_open(&other, SCHEDULE_POISSON, 1000, 8);
	uint64_t last = 0;
	for (int i = 0; i < ARRIVALS; i++) {
		uint64_t next = schedule_next_ns(&a);
		assert_true(next >= last);
		assert_int_equal(next, schedule_next_ns(&b));
		different += next != schedule_next_ns(&other);
		last = next;
	}
	assert_true(different > ARRIVALS / 2);
}

/* The seed is fixed, so these are facts about the generator, not chances.  Exponential
 * gaps: mean 1, variance 1, third central moment 2; successive gaps are uncorrelated.
 */
static void test_poisson_moments(void **state)
{
	(void)state;
	struct schedule schedule;
	double sum = 0, square = 0, cube = 0, product = 0, before = 0, longer = 0;
	uint64_t last = 0;
	schedule_open(&schedule, SCHEDULE_POISSON, 1000, 1);
	for (int i = 0; i < ARRIVALS; i++) {
		uint64_t next = schedule_next_ns(&schedule);
		double gap = (double)(next - last) / 1e6 - 1;
		sum += gap;
		square += gap * gap;
		cube += gap * gap * gap;
		product += gap * before;
		longer += gap > 1;
		before = gap;
		last = next;
	}
	assert_true(fabs(sum / ARRIVALS) < 0.01);
	assert_true(fabs(square / ARRIVALS - 1) < 0.03);
	assert_true(fabs(cube / ARRIVALS - 2) < 0.15);
	assert_true(fabs(product / ARRIVALS) < 0.01);
	assert_true(fabs(longer / ARRIVALS - exp(-2)) < 0.005);
}

static void test_schedule_count(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct schedule schedule;
		uint64_t arrivals = 0;
		schedule_open(&schedule, SCHEDULE_POISSON, 1000, seed);
		schedule_fix_count(&schedule, UINT64_C(3000000000));
		while (schedule_next_ns(&schedule) < UINT64_C(3000000000))
			arrivals++;
		assert_int_equal(arrivals, 3000);
	}
}

static void test_fixed_schedule(void **state)
{
	(void)state;
	struct schedule schedule;
	schedule_open(&schedule, SCHEDULE_FIXED, 3, 1);
	for (uint64_t i = 0; i < 3000000; i++) {
		double exact = ((double)i + 0.5) * 1e9 / 3;
		assert_true(fabs((double)schedule_next_ns(&schedule) - exact) <= 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schedule_repeats),
		cmocka_unit_test(test_schedule_count),
		cmocka_unit_test(test_poisson_moments),
		cmocka_unit_test(test_fixed_schedule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
