/* SPDX-License-Identifier: BSD-2-Clause */
/* test-limits.c - who limited a trial of kind full, rates that reach the client's
 * ceiling, and a certificate that was not run, out of made-up rows. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/bench/certificate.h"
#include "harness/bench/full_summary.h"
#include "harness/tests/made.h"

enum { BLOCKS = 3 };

static struct variant variant = {.name = "epoll"};
static struct entry entry = {.variant = &variant, .family = "event", .name = "epoll"};
static struct run run;
static struct experiment *experiment = &run.suite.experiment[0];

static int begin(void **state)
{
	(void)state;
	made_begin(&run, KIND_FULL, BLOCKS, &entry, 1);
	return 0;
}

static struct row *add(const char *name, const char *phase, int block, double good_rps)
{
	struct row *row = made_trial(&run, name, phase, block);
	row_set(row, COLUMN_GOOD_RPS, good_rps);
	return row;
}

/* A block: what the variant reached, what the trivial server did, and what either CPU
 * had to spare beside the variant. */
static void add_block(int block, double good_rps, double ceiling_rps,
		      double server_idle, double client_idle)
{
	struct row *row = add("epoll", "full", block, good_rps);
	row_set(row, COLUMN_IDLE_SHARE, server_idle);
	row_set(row, COLUMN_CLIENT_IDLE_SHARE, client_idle);
	add("reflector", "certificate", block, ceiling_rps);
}

static struct full_line line_of(void)
{
	struct full_line line;
	assert_true(full_line(&run, experiment, &entry, 0, &line));
	return line;
}

static void by_idle_time(void **state)
{
	(void)state;
	assert_string_equal(full_limit(0.02, 0.5), "server");
	assert_string_equal(full_limit(0.5, 0.02), "client");
	assert_string_equal(full_limit(0.02, 0.02), "both");
	assert_string_equal(full_limit(0.5, 0.5), "neither");
	assert_string_equal(full_limit(NAN, 0.5), "n/a");
	assert_string_equal(full_limit(0.5, NAN), "n/a");
	/* What idles for 7.5 % of the time is not at its end. */
	assert_string_equal(full_limit(0.075, 0.5), "neither");
	assert_string_equal(full_limit(0.05, 0.075), "server");
}

/* The trials say it, one by one, however far away the ceiling is. */
static void one_word_or_mixed(void **state)
{
	(void)state;
	add_block(1, 1000, 1100, 0.01, 0.4);
	add_block(2, 1000, 9000, 0.02, 0.3);
	assert_string_equal(line_of().limit, "server");
	add_block(3, 1000, 9000, 0.3, 0.05);
	assert_string_equal(line_of().limit, "mixed");
}

/* A client that spins never idles, which says nothing: the server does. */
static void by_a_client_that_spins(void **state)
{
	(void)state;
	experiment->spin = 1;
	add_block(1, 1000, 9000, 0.01, 0);
	assert_string_equal(line_of().limit, "server");
	row_set(&made_rows[0], COLUMN_IDLE_SHARE, 0.3);
	assert_string_equal(line_of().limit, "client");
	row_set(&made_rows[0], COLUMN_IDLE_SHARE, NAN);
	assert_string_equal(line_of().limit, "n/a");
}

/* full.tsv as one text. */
static char *table_of(void)
{
	static char text[4096];
	strcpy(run.folder, "/tmp/duality-limits.XXXXXX");
	assert_non_null(mkdtemp(run.folder));
	assert_int_equal(full_write(&run), 0);
	char path[PATH_MAX + 16];
	snprintf(path, sizeof path, "%s/full.tsv", run.folder);
	FILE *from = fopen(path, "r");
	assert_non_null(from);
	text[fread(text, 1, sizeof text - 1, from)] = '\0';
	fclose(from);
	unlink(path);
	snprintf(path, sizeof path, "%s/full-pairs.tsv", run.folder);
	unlink(path);
	rmdir(run.folder);
	return text;
}

/* In a trial that others disturbed, who was at his end is not known; nor is the
 * client's ceiling. */
static void disturbed(void **state)
{
	(void)state;
	add_block(1, 1000, 900, 0.01, 0.01);
	for (size_t i = 0; i < run.journal.n; i++) {
		row_text(&made_rows[i], COLUMN_VOID, "stranger");
		row_set(&made_rows[i], COLUMN_FLAGGED, 1);
	}
	struct full_line line = line_of();
	assert_string_equal(line.limit, "n/a");
	assert_int_equal(line.blocks, 1);
	assert_int_equal(line.flagged, 1);
	assert_int_equal(line.beaten, 0);
	assert_true(line.value[FULL_GOOD_RPS].mid == 1000);
	assert_true(isnan(full_ceiling_rps(&run, experiment)));
	add_block(2, 1000, 9000, 0.01, 0.4);
	assert_string_equal(line_of().limit, "server");
	assert_int_equal(line_of().flagged, 1);
	assert_non_null(strstr(table_of(), "\tserver\tdisturbed in 1 of 2 blocks\n"));
	assert_true(full_ceiling_rps(&run, experiment) == 9000);
}

/* A block in which the variant was as fast as the trivial server tells no rate. */
static void ceiling_reached(void **state)
{
	(void)state;
	add_block(1, 1000, 1500, 0.01, 0.01);
	add_block(2, 1600, 1600, 0.01, 0.01);
	add_block(3, 1200, 1400, 0.01, 0.01);
	struct full_line line = line_of();
	assert_int_equal(line.blocks, 3);
	assert_int_equal(line.beaten, 1);
	assert_int_equal(line.value[FULL_GOOD_RPS].n, 2);
	assert_true(line.value[FULL_GOOD_RPS].high == 1200);
	assert_int_equal(line.value[FULL_CPU_US].n, 3); /* a cost is one all the same */
	assert_true(full_ceiling_rps(&run, experiment) == 1500);
}

/* The ceiling of another block, or of another experiment, says nothing. */
static void ceiling_of_the_block(void **state)
{
	(void)state;
	add_block(1, 1000, 1500, 0.01, 0.01);
	add_block(2, 1000, 1500, 0.01, 0.01);
	row_text(&made_rows[3], COLUMN_EXPERIMENT, "two");
	row_set(&made_rows[3], COLUMN_GOOD_RPS, 500);
	assert_int_equal(line_of().beaten, 0);
	assert_int_equal(line_of().value[FULL_GOOD_RPS].n, 2);
}

static void note_says_why(void **state)
{
	(void)state;
	add_block(1, 1600, 1600, 0.01, 0.01);
	const char *text = table_of();
	assert_non_null(strstr(text, "\tceiling_rps\tlimit\tnote\n"));
	assert_non_null(strstr(text, "\tevent\t0\tnan\t1\tnan\tnan\tnan\t"));
	assert_non_null(strstr(text,
			       "\tboth\tat the client's ceiling in 1 of 1 blocks: no "
			       "capacity\n"));
	begin(NULL);
	add_block(1, 1500, 1600, 0.01, 0.01);
	assert_non_null(strstr(table_of(), "\tboth\t-\n"));
}

/* The certificate of a variant with this bracket. */
static struct certificate judged(double lower_rps, double upper_rps)
{
	struct selection s = {made_rows, run.journal.n, experiment, "epoll"};
	struct capacity capacity = {.lower_rps = lower_rps, .upper_rps = upper_rps};
	struct certificate out;
	certificate_judge(&s, &capacity, &out);
	return out;
}

static void reflector_at(double load_rps, int pass)
{
	struct row *row = add("reflector", "certificate", 1, load_rps);
	row_set(row, COLUMN_LOAD_RPS, load_rps);
	row_set(row, COLUMN_PASS, pass);
}

static void expect_ceiling(double lower_rps, double upper_rps, const char *word,
			   const char *reason)
{
	struct certificate c = judged(lower_rps, upper_rps);
	assert_string_equal(certificate_word(c.verdict[CERTIFICATE_CEILING]), word);
	if (reason)
		assert_string_equal(c.reason[CERTIFICATE_CEILING], reason);
	else
		assert_null(c.reason[CERTIFICATE_CEILING]);
}

/* Where no load passed there is nothing to compare with; a trial far above what a
 * variant needs says nothing of it if it fails, and everything if it passes. */
static void not_run_is_no_failure(void **state)
{
	(void)state;
	expect_ceiling(1000, 1030, "not-run", "the trivial server was not tried");
	reflector_at(3000, 1);
	expect_ceiling(NAN, 1000, "not-run", "no load passed");
	assert_false(certificate_fails(&(struct certificate){
		.verdict = {[CERTIFICATE_CEILING] = CERTIFICATE_NOT_RUN}}));
	expect_ceiling(1000, 1030, "pass", NULL);
	expect_ceiling(2500, 2600, "not-run",
		       "the trivial server was tried at other loads only");
	begin(NULL);
	reflector_at(3000, 0);
	expect_ceiling(NAN, 2000, "not-run", "no load passed");
	expect_ceiling(1000, 1030, "not-run",
		       "the trivial server was tried at other loads only");
	expect_ceiling(1950, 2000, "fail", NULL);
	expect_ceiling(2500, 2600, "fail", NULL);
}

/* As any trial: a void one counts only if it was kept. */
static void void_ceiling(void **state)
{
	(void)state;
	reflector_at(3000, 0);
	row_text(&made_rows[0], COLUMN_VOID, "stranger");
	expect_ceiling(1950, 2000, "not-run", "the trivial server was not tried");
	row_set(&made_rows[0], COLUMN_FLAGGED, 1);
	expect_ceiling(1950, 2000, "fail", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_idle_time),
		cmocka_unit_test_setup(one_word_or_mixed, begin),
		cmocka_unit_test_setup(by_a_client_that_spins, begin),
		cmocka_unit_test_setup(disturbed, begin),
		cmocka_unit_test_setup(ceiling_reached, begin),
		cmocka_unit_test_setup(ceiling_of_the_block, begin),
		cmocka_unit_test_setup(note_says_why, begin),
		cmocka_unit_test_setup(not_run_is_no_failure, begin),
		cmocka_unit_test_setup(void_ceiling, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
