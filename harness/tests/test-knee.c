/* SPDX-License-Identifier: BSD-2-Clause */
/* test-knee.c - the bracket on curves whose knee is known: sharp, noisy, collapsing. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/bench/capacity.h"
#include "harness/bench/trial.h"
#include "harness/stats/bracket.h"
#include "harness/stats/random.h"

enum { LOADS = 256 };

static const struct bracket_rules rules = {.trials = 3, .width = 1, .jump = 4};

/* Does load `step` pass?  One trial of a curve. */
struct curve {
	bool (*passes)(struct curve *c, int step);
	int knee; /* the last step that passes */
	struct random random;
};

static bool sharp(struct curve *c, int step)
{
	return step <= c->knee;
}

/* Near the knee the outcome is drawn: the further past it, the more trials fail. */
static bool noisy(struct curve *c, int step)
{
	double fails = 1 / (1 + exp(-2.0 * (step - c->knee - 0.5)));
	return (double)random_below(&c->random, 1000000) >= fails * 1e6;
}

/* Past its peak it fails; far past it, trials "pass" again, as those of a server that
 * answers a few and keeps the rest waiting may. */
static bool collapsing(struct curve *c, int step)
{
	return step <= c->knee || step > c->knee + 20;
}

static size_t ladder(struct curve *c, struct bracket_load *loads)
{
	size_t n = 0;
	for (int step = 10; step <= 60; step += 10)
		n = bracket_add(loads, n, LOADS, step, c->passes(c, step));
	return n;
}

/* Search with so many trials; returns the bracket. */
static struct bracket search(struct curve *c, int trials)
{
	struct bracket_load loads[LOADS];
	size_t n = ladder(c, loads);
	for (int i = 0; i < trials; i++) {
		int step = bracket_next(loads, n, &rules);
		n = bracket_add(loads, n, LOADS, step, c->passes(c, step));
	}
	return bracket_find(loads, n, rules.trials);
}

static void expect_at(struct bracket b, int knee, int within)
{
	assert_true(b.has_lower && b.has_upper);
	assert_in_range(b.lower, knee - within, knee + within);
	assert_in_range(b.upper, knee + 1 - within, knee + 1 + within);
	assert_true(b.lower < b.upper);
	assert_true(b.lower_trials >= 2 && b.upper_trials >= 2);
}

static void sharp_found(void **state)
{
	(void)state;
	for (int knee = 12; knee <= 58; knee++) {
		struct curve c = {.passes = sharp, .knee = knee};
		struct bracket b = search(&c, 10);
		expect_at(b, knee, 0);
	}
}

/* Above the ladder, and below it. */
static void sharp_outside(void **state)
{
	struct curve high = {.passes = sharp, .knee = 75};
	struct curve low = {.passes = sharp, .knee = 3};
	(void)state;
	expect_at(search(&high, 20), 75, 0);
	expect_at(search(&low, 20), 3, 0);
}

static void noisy_found(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct curve c = {.passes = noisy, .knee = 34, .random = {seed}};
		expect_at(search(&c, 40), 34, 2);
	}
}

/* The smallest load that fails bounds it, whatever passes beyond. */
static void collapse_found(void **state)
{
	struct bracket_load loads[LOADS];
	struct curve c = {.passes = collapsing, .knee = 25};
	size_t n = 0;
	(void)state;
	for (int i = 0; i < 3; i++) /* so that the loads beyond are settled as well */
		for (int step = 10; step <= 60; step += 10)
			n = bracket_add(loads, n, LOADS, step, c.passes(&c, step));
	for (int i = 0; i < 12; i++) {
		int step = bracket_next(loads, n, &rules);
		n = bracket_add(loads, n, LOADS, step, c.passes(&c, step));
	}
	expect_at(bracket_find(loads, n, rules.trials), 25, 0);
}

/* One bad trial must not bound the capacity. */
static void single_failure_outvoted(void **state)
{
	struct bracket_load loads[LOADS];
	struct curve c = {.passes = sharp, .knee = 47};
	(void)state;
	size_t n = ladder(&c, loads);
	loads[1].passed = 0; /* step 20, say while the machine was busy */
	loads[1].failed = 1;
	for (int i = 0; i < 20; i++) {
		int step = bracket_next(loads, n, &rules);
		n = bracket_add(loads, n, LOADS, step, step <= 47);
	}
	expect_at(bracket_find(loads, n, rules.trials), 47, 0);
}

static void one_trial_settles_nothing(void **state)
{
	struct bracket_load loads[LOADS];
	struct curve c = {.passes = sharp, .knee = 34};
	(void)state;
	size_t n = ladder(&c, loads);
	struct bracket b = bracket_find(loads, n, 3);
	assert_false(b.has_lower);
	assert_false(b.has_upper);
	b = bracket_find(loads, n, 1);
	assert_int_equal(b.lower, 30);
	assert_int_equal(b.upper, 40);
}

static void exceed_ratio_half(void **state)
{
	const struct bracket_load loads[] = {{10, 2, 2}, {20, 1, 2}};
	struct bracket b = bracket_find(loads, 2, 3);
	(void)state;
	assert_int_equal(b.lower, 10); /* half may fail */
	assert_int_equal(b.upper, 20);
	assert_int_equal(b.lower_trials, 4);
	assert_int_equal(b.upper_trials, 3);
}

static struct row row_at(double load_rps, bool pass, int block)
{
	struct row row;
	row_clear(&row);
	row_text(&row, COLUMN_EXPERIMENT, "knee");
	row_text(&row, COLUMN_PHASE, "bracket");
	row_text(&row, COLUMN_VARIANT, "v");
	row_set(&row, COLUMN_BLOCK, block);
	row_set(&row, COLUMN_LOAD_RPS, load_rps);
	row_set(&row, COLUMN_TIMELY, load_rps);
	row_set(&row, COLUMN_WINDOW_S, 1);
	row_set(&row, COLUMN_PASS, pass);
	return row;
}

static void capacity_from_rows(void **state)
{
	struct experiment e = {.name = "knee", .grid = 1.1, .load_trials = 3};
	double low = capacity_rate_rps(&e, 70), high = capacity_rate_rps(&e, 71);
	struct row rows[] = {row_at(low, true, 1), row_at(high, false, 1),
			     row_at(low, true, 2), row_at(high, false, 2),
			     row_at(low, true, 2), row_at(high * 3, true, 2)};
	const struct selection s = {rows, 6, &e, "v"};
	(void)state;
	row_text(&rows[5], COLUMN_VOID, "steal"); /* does not count */
	struct capacity c = capacity_find(&s);
	assert_true(c.settled);
	assert_true(fabs(c.lower_rps / low - 1) < 1e-9);
	assert_true(fabs(c.upper_rps / high - 1) < 1e-9);
	assert_int_equal(c.trials, 2);
	assert_true(fabs(c.peak_rps / high - 1) < 1e-9);
	assert_true(fabs(capacity_block_rps(&s, 2) / sqrt(low * high) - 1) < 1e-9);
	assert_true(isnan(capacity_block_rps(&s, 3)));
}

/* A rung of the ladder: at this load so much came in time. */
static struct row rung_at(double load_rps, double goodput_rps)
{
	struct row row = row_at(load_rps, true, 1);
	row_text(&row, COLUMN_PHASE, "ladder");
	row_set(&row, COLUMN_TIMELY, goodput_rps);
	return row;
}

/* The best of single trials was lucky: tried again, it is no more than its median, and
 * still the one that was tried again, though another's single trial is above that. */
static void rung_tried_again(void **state)
{
	struct experiment e = {.name = "knee", .grid = 1.1, .ladder_again = 2};
	struct row rows[] = {rung_at(1000, 980), rung_at(1100, 1050),
			     rung_at(1200, 700), rung_at(1100, 940),
			     rung_at(1100, 960), row_at(2000, true, 1)};
	struct selection s = {rows, 3, &e, "v"};
	(void)state;
	assert_true(fabs(capacity_rung(&s).goodput_rps - 1050) < 1e-9);
	assert_true(fabs(capacity_rung(&s).load_rps - 1100) < 1e-9);
	s.n = 6;
	struct rung rung = capacity_rung(&s);
	assert_true(fabs(rung.goodput_rps - 960) < 1e-9);
	assert_true(fabs(rung.load_rps - 1100) < 1e-9);
	assert_int_equal(rung.trials, 3);
	row_text(&rows[3], COLUMN_VOID, "steal"); /* does not count */
	assert_true(fabs(capacity_rung(&s).goodput_rps - 1005) < 1e-9);
	s.n = 0;
	assert_true(isnan(capacity_rung(&s).goodput_rps));
}

static void pass_criterion(void **state)
{
	const struct experiment e = {.limit_us = 5000};
	struct row good;
	(void)state;
	row_clear(&good);
	row_set(&good, COLUMN_PLANNED, 10000);
	row_set(&good, COLUMN_GOOD, 9990);
	row_set(&good, COLUMN_GOOD_RPS, 4995);
	row_set(&good, COLUMN_LAT_P99, 5000);
	row_set(&good, COLUMN_IN_FLIGHT_MEAN, 10);
	row_set(&good, COLUMN_IN_FLIGHT_SLOPE, 1);
	row_set(&good, COLUMN_IN_FLIGHT_SLOPE_SE, 1);
	row_set(&good, COLUMN_WINDOW_S, 2);
	assert_true(trial_passes(&e, &good));
	struct row row = good;
	row_set(&row, COLUMN_GOOD, 9989);
	assert_false(trial_passes(&e, &row));
	row = good;
	row_set(&row, COLUMN_LAT_P99, 5001);
	assert_false(trial_passes(&e, &row));
	row_set(&row, COLUMN_LAT_P99, INFINITY);
	assert_false(trial_passes(&e, &row));
	row_set(&row, COLUMN_LAT_P99, NAN);
	assert_false(trial_passes(&e, &row));
	row = good;
	row_set(&row, COLUMN_IN_FLIGHT_SLOPE, 50);
	assert_false(trial_passes(&e, &row));
	/* Five requests more are certain, and 1 ms of work: less than matters. */
	row_set(&row, COLUMN_IN_FLIGHT_SLOPE, 2.5);
	assert_true(trial_passes(&e, &row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sharp_found),
		cmocka_unit_test(sharp_outside),
		cmocka_unit_test(noisy_found),
		cmocka_unit_test(collapse_found),
		cmocka_unit_test(single_failure_outvoted),
		cmocka_unit_test(one_trial_settles_nothing),
		cmocka_unit_test(exceed_ratio_half),
		cmocka_unit_test(capacity_from_rows),
		cmocka_unit_test(rung_tried_again),
		cmocka_unit_test(pass_criterion),
	};
	return cmocka_run_group_tests_name("knee", tests, NULL, NULL);
}
