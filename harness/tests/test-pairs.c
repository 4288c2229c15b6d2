/* SPDX-License-Identifier: BSD-2-Clause */
/* test-pairs.c - ratios within blocks, out of made-up rows: median and interval of
 * either measure, what is said of them, and who is compared. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/bench/full_pairs.h"
#include "harness/tests/made.h"

enum { BLOCKS = 8 };

static struct variant fiber = {.name = "fiber"}, epoll = {.name = "epoll"};
static struct entry entries[] = {
	{.variant = &fiber, .name = "fiber"},
	{.variant = &epoll, .name = "epoll"},
	{.variant = &epoll, .name = "epoll@aa", .twin = true},
};

static void run_begin(struct run *r, int blocks)
{
	struct experiment *e = &r->suite.experiment[0];
	made_begin(r, KIND_FULL, blocks, entries, sizeof entries / sizeof entries[0]);
	strcpy(e->pairs, "fiber:epoll fiber:none");
	e->ratio_goal = (struct setting_list){2, {0.97, 1.03}};
}

static void add(struct run *r, const char *variant, int block, double good_rps,
		double cpu_us)
{
	struct row *row = made_trial(r, variant, "full", block);
	row_set(row, COLUMN_GOOD_RPS, good_rps);
	row_set(row, COLUMN_CPU_US, cpu_us);
}

/* Blocks of which one is twice as fast as the next, for both: only the ratio within a
 * block is steady, and `apart` turns it about its middle. */
static void add_blocks(struct run *r, double rate_ratio, double cpu_ratio, double apart)
{
	for (int block = 1; block <= r->suite.blocks; block++) {
		double speed = block % 2 ? 1000 : 2000;
		double turn = block % 4 < 2 ? apart : 1 / apart;
		add(r, "epoll", block, speed, 10);
		add(r, "fiber", block, speed * rate_ratio * turn,
		    10 * cpu_ratio * turn);
		add(r, "epoll@aa", block, speed * turn, 10);
	}
}

static struct full_comparison compare(const struct run *r, size_t nth,
				      enum full_ratio ratio)
{
	const struct experiment *e = &r->suite.experiment[0];
	struct full_pair pair[FULL_PAIRS];
	assert_true(nth < full_pairs(r, e, pair));
	return full_compare(r, e, &pair[nth], ratio);
}

/* `band`: as if the A/A pair strayed by so much. */
static const char *verdict_at(double ratio, double apart, int blocks, bool goal,
			      double band)
{
	static struct run r;
	struct full_pair pair[FULL_PAIRS];
	run_begin(&r, blocks);
	add_blocks(&r, 1, 1 / ratio, apart);
	assert_true(full_pairs(&r, &r.suite.experiment[0], pair) > 0);
	pair[0].goal = goal;
	struct full_comparison c =
		full_compare(&r, &r.suite.experiment[0], &pair[0], RATIO_PER_CPU);
	return full_verdict(&r.suite.experiment[0], &pair[0], &c, band);
}

static const char *verdict(double ratio, double apart, int blocks, bool goal)
{
	return verdict_at(ratio, apart, blocks, goal, 0.001);
}

static void who_is_compared(void **state)
{
	static struct run r;
	struct full_pair pair[FULL_PAIRS];
	(void)state;
	run_begin(&r, BLOCKS);
	assert_int_equal(full_pairs(&r, &r.suite.experiment[0], pair), 2);
	assert_string_equal(pair[0].first->name, "fiber");
	assert_true(pair[0].goal && !pair[0].aa);
	assert_string_equal(pair[1].first->name, "epoll@aa");
	assert_string_equal(pair[1].second->name, "epoll");
	assert_true(pair[1].aa && !pair[1].goal);
	r.suite.experiment[0].pairs[0] = '\0';
	assert_int_equal(full_pairs(&r, &r.suite.experiment[0], pair), 0);
	/* Where the first pair has no part, the goal is nobody else's. */
	strcpy(r.suite.experiment[0].pairs, "none:epoll epoll:fiber");
	assert_int_equal(full_pairs(&r, &r.suite.experiment[0], pair), 2);
	assert_false(pair[0].goal);
}

/* Dearer is less capacity: the CPU's ratio is the inverse of the cost's. */
static void two_measures(void **state)
{
	static struct run r;
	(void)state;
	run_begin(&r, BLOCKS);
	add_blocks(&r, 1.1, 1.25, 1);
	assert_true(fabs(compare(&r, 0, RATIO_RATE).spread.mid - 1.1) < 1e-9);
	assert_true(fabs(compare(&r, 0, RATIO_PER_CPU).spread.mid - 0.8) < 1e-9);
	assert_true(fabs(compare(&r, 0, RATIO_PER_CPU).interval.high - 0.8) < 1e-9);
}

/* Half the blocks at 1.02, half at 1 / 1.02: sd of the logarithms 0.02117, over the
 * root of 8, times t(0.95, 7) = 1.8946. */
static void interval_of_90(void **state)
{
	static struct run r;
	(void)state;
	run_begin(&r, BLOCKS);
	add_blocks(&r, 1, 1, 1.02);
	struct full_comparison c = compare(&r, 1, RATIO_RATE);
	assert_true(fabs(c.interval.estimate - 1) < 1e-9);
	assert_true(fabs(log(c.interval.high) - 1.8946 * 0.02117 / sqrt(8)) < 1e-5);
	double band = full_band(&r, &r.suite.experiment[0], RATIO_RATE);
	assert_true(fabs(band - (c.interval.high - 1)) < 1e-9);
}

/* What both pay alike is not in the difference: however dear a block, fiber pays half a
 * microsecond more, give or take 100 ns: sd 106.904 over the root of 8, times t. */
static void difference_in_ns(void **state)
{
	static struct run r;
	struct full_pair pair[FULL_PAIRS];
	(void)state;
	run_begin(&r, BLOCKS);
	for (int block = 1; block <= BLOCKS; block++) {
		double shared_us = block % 2 ? 10 : 20;
		add(&r, "epoll", block, 1000, shared_us);
		add(&r, "fiber", block, 1000, shared_us + (block % 4 < 2 ? 0.6 : 0.4));
	}
	const struct experiment *e = &r.suite.experiment[0];
	assert_int_equal(full_pairs(&r, e, pair), 2);
	struct full_comparison c = full_difference_ns(&r, e, &pair[0]);
	assert_true(fabs(c.interval.estimate - 500) < 1e-6);
	assert_true(fabs(c.interval.high - 500 - 1.8946 * 106.904 / sqrt(8)) < 0.01);
	assert_true(fabs(c.spread.low - 400) < 1e-6);
	r.suite.blocks = 5;
	c = full_difference_ns(&r, e, &pair[0]);
	assert_true(isnan(c.interval.low) && c.spread.n == 5);
	assert_int_equal(full_difference_ns(&r, e, &pair[1]).spread.n, 0);
}

static void few_blocks(void **state)
{
	static struct run r;
	(void)state;
	run_begin(&r, 5);
	add_blocks(&r, 1, 1, 1.02);
	struct full_comparison c = compare(&r, 1, RATIO_RATE);
	assert_int_equal(c.interval.n, 5);
	assert_true(isnan(c.interval.low) && isnan(c.interval.high));
	assert_true(isnan(full_band(&r, &r.suite.experiment[0], RATIO_RATE)));
	assert_true(fabs(c.spread.high - 1.02) < 1e-9);
	assert_string_equal(verdict(1, 1, 5, true), "n/a");
}

static void verdicts(void **state)
{
	(void)state;
	assert_string_equal(verdict(1.01, 1.001, BLOCKS, true), "inside");
	assert_string_equal(verdict(1.01, 1.1, BLOCKS, true), "undecided");
	assert_string_equal(verdict(0.9, 1.001, BLOCKS, true), "below");
	assert_string_equal(verdict(1.1, 1.001, BLOCKS, true), "above");
	assert_string_equal(verdict(1.01, 1.001, BLOCKS, false), "more");
	assert_string_equal(verdict(0.99, 1.001, BLOCKS, false), "less");
	assert_string_equal(verdict(1.001, 1.1, BLOCKS, false), "undecided");
}

/* What the twin differs by, nobody is told apart by. */
static void verdicts_and_band(void **state)
{
	(void)state;
	assert_string_equal(verdict_at(1.01, 1.001, BLOCKS, true, 0.029), "inside");
	assert_string_equal(verdict_at(1.01, 1.001, BLOCKS, true, 0.04), "cannot-tell");
	assert_string_equal(verdict_at(0.965, 1.001, BLOCKS, true, 0.04),
			    "cannot-tell");
	assert_string_equal(verdict_at(0.95, 1.001, BLOCKS, true, 0.04), "below");
	assert_string_equal(verdict_at(1.05, 1.001, BLOCKS, true, 0.04), "above");
	assert_string_equal(verdict_at(1.03, 1.001, BLOCKS, false, 0.04),
			    "cannot-tell");
	assert_string_equal(verdict_at(0.97, 1.001, BLOCKS, false, 0.04),
			    "cannot-tell");
	assert_string_equal(verdict_at(1.05, 1.001, BLOCKS, false, 0.04), "more");
	assert_string_equal(verdict_at(0.95, 1.001, BLOCKS, false, 0.04), "less");
	assert_string_equal(verdict_at(1.01, 1.001, BLOCKS, true, NAN), "n/a");
}

/* The band is of the quantity asked for; without a twin there is none. */
static void band_of_quantity(void **state)
{
	static struct run r;
	(void)state;
	run_begin(&r, BLOCKS);
	add_blocks(&r, 1, 1, 1.02);
	const struct experiment *e = &r.suite.experiment[0];
	assert_true(full_band(&r, e, RATIO_RATE) > 0.01);
	assert_true(full_band(&r, e, RATIO_PER_CPU) < 1e-9);
	r.entries--;
	assert_true(isnan(full_band(&r, e, RATIO_RATE)));
}

/* Two blocks: switches a second of each variant, at 1000 requests a second. */
static void switch_at(struct run *r, const char *variant, double ctx_per_s,
		      double idle_share)
{
	for (int block = 1; block <= r->suite.blocks; block++) {
		add(r, variant, block, 1000, 10);
		struct row *row = &made_rows[r->journal.n - 1];
		row_set(row, COLUMN_CTX, ctx_per_s * (block == 1 ? 0.5 : 1) / 1000);
		row_set(row, COLUMN_REQUESTS, 1000);
		row_set(row, COLUMN_WINDOW_S, 1);
		row_set(row, COLUMN_IDLE_SHARE, idle_share);
	}
}

/* How many lines of full-pairs.tsv end so. */
static int lines_of(const struct run *r, const char *verdict_field)
{
	char *text = NULL;
	size_t length;
	int n = 0;
	FILE *to = open_memstream(&text, &length);
	assert_non_null(to);
	full_pairs_put(to, r, &r->suite.experiment[0]);
	fclose(to);
	for (char *at = text; (at = strstr(at, verdict_field)); at++)
		n++;
	free(text);
	return n;
}

/* The bound on the loop's switches over the other's. */
static double bound(double loop, double other, double idle_share, const char *family)
{
	static struct run r;
	struct full_pair pair[FULL_PAIRS];
	run_begin(&r, 2);
	const struct experiment *e = &r.suite.experiment[0];
	entries[1].family = entries[2].family = family;
	strcpy(r.suite.experiment[0].pairs, "epoll:fiber");
	switch_at(&r, "epoll", loop, 0);
	switch_at(&r, "epoll@aa", 30, idle_share);
	switch_at(&r, "fiber", other, 0);
	assert_int_equal(full_pairs(&r, e, pair), 2);
	assert_true(isnan(full_ctx_bound(&r, e, &pair[1])));
	bool background = !isnan(full_ctx_bound(&r, e, &pair[0]));
	assert_int_equal(lines_of(&r, "\tbackground\n"), background ? 2 : 0);
	return full_ctx_bound(&r, e, &pair[0]);
}

static void switches_of_nobody(void **state)
{
	(void)state;
	/* Of epoll itself the most counts too: 40, and fiber's middle is 22.5. */
	assert_true(fabs(bound(40, 30, 0, "event") - 0.75) < 1e-9);
	assert_true(isnan(bound(40, 60, 0, "event")));
	/* A twin that waits, or that has others to switch to, is no measure. */
	assert_true(isnan(bound(40, 30, 0.2, "event")));
	assert_true(isnan(bound(40, 30, 0, "thread")));
}

static void judged_by(void **state)
{
	struct experiment e = {.measure = MEASURE_CPU};
	(void)state;
	assert_int_equal(full_judged(&e), RATIO_PER_CPU);
	e.measure = MEASURE_RATE;
	assert_int_equal(full_judged(&e), RATIO_RATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_compared),
		cmocka_unit_test(two_measures),
		cmocka_unit_test(interval_of_90),
		cmocka_unit_test(difference_in_ns),
		cmocka_unit_test(few_blocks),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(verdicts_and_band),
		cmocka_unit_test(band_of_quantity),
		cmocka_unit_test(switches_of_nobody),
		cmocka_unit_test(judged_by),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
