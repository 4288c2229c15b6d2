/* SPDX-License-Identifier: BSD-2-Clause */
/* test-table.c - what the terminal says where a number alone would mislead: bounds of
 * one trial, shares on both sides of a goal, counts with and without the user level's,
 * two measures that disagree.  Out of made-up rows. */
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

#include "harness/bench/full_summary.h"
#include "harness/tests/made.h"

enum { BLOCKS = 8 };

static struct variant fiber = {.name = "fiber"}, epoll = {.name = "epoll"};
static struct entry entries[] = {
	{.variant = &epoll, .family = "event", .name = "epoll"},
	{.variant = &epoll, .family = "event", .name = "epoll@aa", .twin = true},
	{.variant = &fiber, .family = "user-thread", .name = "fiber"},
};
static struct run run;
static struct experiment *experiment = &run.suite.experiment[0];

static void begin(int kind, int blocks)
{
	made_begin(&run, kind, blocks, entries, sizeof entries / sizeof entries[0]);
}

static struct row *add(const char *variant, const char *phase, int block,
		       double good_rps, double cpu_us)
{
	struct row *row = made_trial(&run, variant, phase, block);
	row_set(row, COLUMN_GOOD_RPS, good_rps);
	row_set(row, COLUMN_CPU_US, cpu_us);
	return row;
}

static void add_ladder(const char *variant, double load_rps, bool pass)
{
	struct row *row = add(variant, "ladder", 1, load_rps, 10);
	row_set(row, COLUMN_LOAD_RPS, load_rps);
	row_set(row, COLUMN_PASS, pass);
}

static void check_told(const char *words)
{
	char *text = made_table(&run, NULL);
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
	free(text);
}

static void check_untold(const char *words)
{
	char *text = made_table(&run, NULL);
	if (strstr(text, words))
		fail_msg("\"%s\" is in:\n%s", words, text);
	free(text);
}

/* One trial that failed is as little of a bound as one that passed; 1009 is the step of
 * the grid. */
static void one_bound_marked(void **state)
{
	(void)state;
	begin(KIND_KNEE, 1);
	add_ladder("epoll", 1000, false);
	check_told("below 1009 * ");
	check_told("\n* a bound rests on fewer than the 3 trials");
	add_ladder("epoll", 1000, false);
	add_ladder("epoll", 1000, false);
	check_told("below 1009 ");
	check_untold("below 1009 *");
}

/* A ladder and no search: loads between two of its rungs cannot be told apart, however
 * fine the grid is.  1000 and 1200 are six of its steps apart. */
static void ladder_is_coarse(void **state)
{
	(void)state;
	begin(KIND_KNEE, 1);
	for (size_t i = 0; i < 2; i++) {
		add_ladder(entries[i].name, 1000, true);
		add_ladder(entries[i].name, 1200, false);
	}
	check_told("lies between bounds 19.4 % apart: nothing below 19.4 %");
}

/* Beside 20 idle connections, of a rate of 1000 alone. */
static void add_idle(const char *variant, double first_rps, double second_rps)
{
	const double beside_rps[] = {first_rps, second_rps};
	for (int block = 1; block <= 2; block++) {
		add(variant, "full", block, 1000, 10);
		struct row *row =
			add(variant, "full", block, beside_rps[block - 1], 10);
		row_set(row, COLUMN_IDLE, 20);
		row_set(row, COLUMN_IDLE_ALIVE, 20);
	}
}

static void both_sides_of_goal(void **state)
{
	(void)state;
	begin(KIND_FULL, 2);
	experiment->idles = (struct setting_list){2, {0, 20}};
	experiment->keep_least = 0.95;
	add_idle("epoll", 990, 960);
	add_idle("epoll@aa", 900, 940);
	check_told("\nbeside 20 idle, at least 95 % of the rate: epoll\n");
	check_told("\nbeside 20 idle, below 95 % of the rate: epoll@aa\n");
	check_untold("cannot be told");
	add_idle("fiber", 940, 990); /* its median is above the goal */
	check_told("\nbeside 20 idle, at least 95 % of the rate: epoll\n");
	check_told("\nbeside 20 idle, cannot be told, blocks on both sides of 95 % of "
		   "the rate: fiber\n");
}

/* Published counts may have user-level switches in them or not: both are told. */
static void user_level_too(void **state)
{
	struct row *row;
	(void)state;
	begin(KIND_FULL, 1);
	strcpy(experiment->pairs, "epoll:fiber");
	row = add("epoll", "full", 1, 1000, 10);
	row_set(row, COLUMN_CTX, 3);
	row = add("fiber", "full", 1, 1000, 10);
	row_set(row, COLUMN_CTX, 0.5);
	check_told("epoll / fiber: 6 times");
	check_untold("user-level switches too");
	row_set(row, COLUMN_CTX_USER, 1);
	check_told("\n    with fiber's user-level switches too: 2 times\n");
}

/* Who costs less but answers less, too: one idled where the other did not. */
static void measures_disagree(void **state)
{
	(void)state;
	begin(KIND_FULL, BLOCKS);
	experiment->ratio_goal = (struct setting_list){2, {0.97, 1.03}};
	/* The first pair is of the goal; the second of what is more or less. */
	strcpy(experiment->pairs, "fiber:epoll@aa fiber:epoll");
	for (int block = 1; block <= BLOCKS; block++) {
		add("epoll", "full", block, 1000, 10);
		add("epoll@aa", "full", block, 1000, 10);
		add("fiber", "full", block, 960, 9.5);
	}
	check_told(" more; less by rate\n");
	check_untold("above; less");
	for (size_t i = 2; i < run.journal.n; i += 3)
		row_set(&made_rows[i], COLUMN_GOOD_RPS, 1040);
	check_untold("; less by rate");
}

/* Void in one block, and kept: the variant's line is marked, and whose it was told. */
static void voids_are_marked(void **state)
{
	(void)state;
	begin(KIND_FULL, 2);
	for (int block = 1; block <= 2; block++) {
		add("epoll", "full", block, 1000, 10);
		add("fiber", "full", block, 900, 10);
	}
	for (size_t i = 0; i < 2; i++)
		row_text(add("fiber", "full", 1, 800, 10), COLUMN_VOID, "stranger");
	row_text(add("epoll", "full", 2, 800, 10), COLUMN_VOID, "stranger");
	check_told("3 of 7 trials void: stranger 3 (2 of these of fiber)\n");
	check_untold("!"); /* repeated, and well */
	row_text(&made_rows[1], COLUMN_VOID, "stranger");
	row_set(&made_rows[1], COLUMN_FLAGGED, 1);
	check_told("stranger 4 (3 of these of fiber); 1 of the void ones kept and "
		   "flagged\n");
	check_told("\nfiber                  900!");
	check_told("\nepoll                 1000 ");
	check_told("\n!: in one of its blocks");
}

/* 9.5 us against 10, in all blocks; one that was not measured says nothing. */
static void cost_in_ns(void **state)
{
	(void)state;
	begin(KIND_FULL, BLOCKS);
	experiment->ratio_goal = (struct setting_list){2, {0.97, 1.03}};
	strcpy(experiment->pairs, "fiber:epoll");
	for (int block = 1; block <= BLOCKS; block++) {
		add("epoll", "full", block, 1000, 10);
		add("fiber", "full", block, 1000, 9.5);
	}
	check_told("*1.053 [1.053, 1.053]   -500 [-500, -500] ");
	check_untold("the client spins");
	row_set(&made_rows[1], COLUMN_CPU_US, NAN);
	check_told(" -500 [-500, -500] ");
	row_text(&made_rows[0], COLUMN_VOID, "steal");
	row_set(&made_rows[0], COLUMN_FLAGGED, 1);
	check_told("\n  fiber / epoll ! ");
	experiment->spin = 1;
	check_told("; the client spins; goal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bound_marked),
		cmocka_unit_test(ladder_is_coarse),
		cmocka_unit_test(both_sides_of_goal),
		cmocka_unit_test(user_level_too),
		cmocka_unit_test(measures_disagree),
		cmocka_unit_test(voids_are_marked),
		cmocka_unit_test(cost_in_ns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
