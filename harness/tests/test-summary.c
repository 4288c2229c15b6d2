/* SPDX-License-Identifier: BSD-2-Clause */
/* test-summary.c - what made-up rows come to: medians over blocks, void trials that a
 * sound one makes up for, causes counted; and that the table explains its marks. */
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

#include "harness/bench/table.h"
#include "harness/tests/made.h"

enum { BLOCKS = 3 };

static struct variant variant = {.name = "epoll"};
static struct entry entry = {.variant = &variant, .family = "event", .name = "epoll"};
static struct run run;

static void begin(int kind)
{
	made_begin(&run, kind, BLOCKS, &entry, 1);
	run.suite.experiment[0].rates_rps = (struct setting_list){2, {100, 200}};
}

/* A trial of phase equal at a load; `cause` "0" where it was sound. */
static void add(int block, double load_rps, const char *cause, double cpu_us)
{
	struct row *row = made_trial(&run, "epoll", "equal", block);
	row_text(row, COLUMN_VOID, cause);
	row_set(row, COLUMN_FLAGGED, strcmp(cause, "0") != 0);
	row_set(row, COLUMN_LOAD_RPS, load_rps);
	row_set(row, COLUMN_CPU_US, cpu_us);
	row_set(row, COLUMN_CTX, cpu_us / 10);
}

static void one_bad_block(void **state)
{
	(void)state;
	begin(KIND_EQUAL);
	add(1, 100, "0", 10);
	add(2, 100, "steal", 9000);
	add(3, 100, "0", 11);
	struct summary_line line = made_line(&run);
	assert_true(line.cpu_us == 11);
	assert_true(fabs(line.ctx - 1.1) < 1e-9);
}

static void made_up_for(void **state)
{
	(void)state;
	begin(KIND_EQUAL);
	add(1, 100, "steal", 9000);
	add(2, 100, "steal", 8000);
	add(3, 100, "0", 30);
	add(1, 100, "0", 10);
	add(2, 100, "0", 20);
	assert_true(made_line(&run).cpu_us == 20);
}

/* Nothing sound: what is void and kept is all there is. */
static void kept_alone(void **state)
{
	(void)state;
	begin(KIND_EQUAL);
	add(1, 100, "client-late", 40);
	assert_true(made_line(&run).cpu_us == 40);
}

/* Work at another load is other work. */
static void first_rate_only(void **state)
{
	(void)state;
	begin(KIND_EQUAL);
	add(1, 200, "0", 70);
	add(1, 100, "0", 50);
	add(2, 200, "0", 70);
	assert_true(made_line(&run).cpu_us == 50);
}

static void none(void **state)
{
	(void)state;
	begin(KIND_EQUAL);
	assert_true(isnan(made_line(&run).cpu_us));
}

static void causes_counted(void **state)
{
	(void)state;
	begin(KIND_EQUAL);
	add(1, 100, "0", 1);
	add(1, 100, "steal", 1);
	add(2, 100, "load", 1);
	add(2, 100, "steal", 1);
	char *text = made_table(&run, NULL);
	assert_non_null(strstr(text,
			       "3 of 4 trials void: steal 2 (2 of these of epoll), "
			       "load 1; 3 of the void ones kept"));
	free(text);
}

static void nothing_void(void **state)
{
	(void)state;
	begin(KIND_EQUAL);
	add(1, 100, "0", 1);
	char *text = made_table(&run, NULL);
	assert_non_null(strstr(text, "0 of 1 trials void\n"));
	free(text);
}

static void bracket_loose(struct summary *s)
{
	s->line[0].capacity = (struct capacity){100, 110, 1, false, 120};
}

static void bracket_settled(struct summary *s)
{
	s->line[0].capacity = (struct capacity){100, 110, 3, true, 120};
}

/* Also in a suite of one block, where no bracket can be settled. */
static void mark_explained(void **state)
{
	(void)state;
	for (int blocks = 1; blocks <= BLOCKS; blocks++) {
		begin(KIND_KNEE);
		run.suite.blocks = blocks;
		char *text = made_table(&run, bracket_loose);
		assert_non_null(strstr(text, "100 .. 110 *"));
		assert_non_null(strstr(text, "\n* a bound rests on fewer than the 3 "));
		free(text);
	}
	begin(KIND_KNEE);
	char *text = made_table(&run, bracket_settled);
	assert_null(strchr(text, '*'));
	free(text);
}

/* The table's line on A/A. */
static char *aa_line(double band, double step, size_t blocks)
{
	struct summary s = {.has_aa = true,
			    .aa = {.first = "a", .second = "b", .ratio = {.n = blocks}},
			    .aa_band = band,
			    .step = step,
			    .aa_cpu_band = NAN};
	struct summary_line line = {.entry = &entry};
	char *text = NULL, *at;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	assert_non_null(to);
	begin(KIND_KNEE);
	s.line = &line;
	s.lines = 1;
	table_print(&run, &s, to);
	fclose(to);
	at = strstr(text, "A/A (");
	assert_non_null(at);
	at[strcspn(at, "\n")] = '\0';
	memmove(text, at, strlen(at) + 1);
	return text;
}

static void aa_as_measured(void **state)
{
	static const struct {
		double band, step;
		size_t blocks;
		const char *text;
	} cases[] = {
		{0.07, 0.04, 3,
		 "capacity differs by up to 7.0 % (range over 3 blocks): nothing below "
		 "7.0 % is settled in this run"},
		{0.01, 0.04, 12,
		 "capacity differs by up to 1.0 % (95 % interval over 12 blocks) and "
		 "lies between bounds 4.0 % apart: nothing below 4.0 % is settled in "
		 "this run"},
		{0.013, 0.002, 1,
		 "capacity differs by up to 1.3 % (one block, which says little): "
		 "nothing below 1.3 % is settled in this run"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = aa_line(cases[i].band, cases[i].step, cases[i].blocks);
		assert_string_equal(text + strlen("A/A (a against b): "),
				    cases[i].text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bad_block),  cmocka_unit_test(made_up_for),
		cmocka_unit_test(kept_alone),     cmocka_unit_test(first_rate_only),
		cmocka_unit_test(none),           cmocka_unit_test(causes_counted),
		cmocka_unit_test(nothing_void),   cmocka_unit_test(mark_explained),
		cmocka_unit_test(aa_as_measured),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
