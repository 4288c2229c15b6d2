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

enum { BLOCKS = 8, MOST_ROWS = 64 };

static struct row rows[MOST_ROWS];
static struct variant fiber = {.name = "fiber"}, epoll = {.name = "epoll"};
static struct entry entries[] = {
	{.variant = &fiber, .name = "fiber"},
	{.variant = &epoll, .name = "epoll"},
	{.variant = &epoll, .name = "epoll@aa", .twin = true},
};

static void run_begin(struct run *r, int blocks)
{
	memset(r, 0, sizeof *r);
	r->suite.blocks = blocks;
	r->suite.experiments = 1;
	r->suite.experiment[0] = (struct experiment){.name = "one",
						     .kind = KIND_FULL,
						     .idles = {1, {0}},
						     .pairs = "fiber:epoll fiber:none",
						     .ratio_goal = {2, {0.97, 1.03}}};
	r->entry = entries;
	r->entries = sizeof entries / sizeof entries[0];
	r->journal.rows = rows;
}

static void add(struct run *r, const char *variant, int block, double good_rps,
		double cpu_us)
{
	assert_true(r->journal.n < MOST_ROWS);
	struct row *row = &rows[r->journal.n++];
	r->journal.replayed = r->journal.n;
	row_clear(row);
	row_text(row, COLUMN_EXPERIMENT, "one");
	row_text(row, COLUMN_PHASE, "full");
	row_text(row, COLUMN_VARIANT, variant);
	row_set(row, COLUMN_BLOCK, block);
	row_set(row, COLUMN_IDLE, 0);
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

static const char *verdict(double ratio, double apart, int blocks, bool goal)
{
	static struct run r;
	struct full_pair pair[FULL_PAIRS];
	run_begin(&r, blocks);
	add_blocks(&r, 1, 1 / ratio, apart);
	assert_true(full_pairs(&r, &r.suite.experiment[0], pair) > 0);
	pair[0].goal = goal;
	struct full_comparison c =
		full_compare(&r, &r.suite.experiment[0], &pair[0], RATIO_PER_CPU);
	return full_verdict(&r.suite.experiment[0], &pair[0], &c);
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
	assert_true(fabs(full_band(&c) - (c.interval.high - 1)) < 1e-9);
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
	assert_true(isnan(full_band(&c)));
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

static void judged_by(void **state)
{
	struct experiment e = {.capacity = CAPACITY_CPU};
	(void)state;
	assert_int_equal(full_judged(&e), RATIO_PER_CPU);
	e.capacity = CAPACITY_RATE;
	assert_int_equal(full_judged(&e), RATIO_RATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_compared), cmocka_unit_test(two_measures),
		cmocka_unit_test(interval_of_90),  cmocka_unit_test(few_blocks),
		cmocka_unit_test(verdicts),        cmocka_unit_test(judged_by),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
