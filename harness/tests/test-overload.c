/* SPDX-License-Identifier: BSD-2-Clause */
/* test-overload.c - what made-up trials at twice the peak come to: whose peak it is,
 * what is kept of it, and what is written and told of that. */
#include "config.h"

#include <limits.h>
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

#include "harness/bench/overload.h"
#include "harness/bench/twice.h"
#include "harness/tests/made.h"

enum { BLOCKS = 3, RUNGS = 3 };

static struct variant variant = {.name = "epoll"};
static struct entry entry = {.variant = &variant, .family = "event", .name = "epoll"};
static struct run run;

/* A trial at a load, and rates: of requests answered in time, of all answered, and of
 * those sent. */
static void add(const char *phase, int block, double load_rps, double timely_rps,
		double good_rps, double sent_rps)
{
	const double window_s = 4;
	struct row *row = made_trial(&run, "epoll", phase, block);
	row_set(row, COLUMN_LOAD_RPS, load_rps);
	row_set(row, COLUMN_OFFERED_RPS, load_rps);
	row_set(row, COLUMN_GOOD_RPS, good_rps);
	row_set(row, COLUMN_SENT_RPS, sent_rps);
	row_set(row, COLUMN_WINDOW_S, window_s);
	row_set(row, COLUMN_TIMELY, timely_rps * window_s);
}

/* A ladder of three rungs, the last past the knee, where more is answered and less in
 * time; and a trial at twice its peak in each of three blocks, all answered, of which
 * so many in time, and so many sent. */
static void begin(double top_timely_rps, const double *timely_rps, double sent_rps)
{
	const double loads[RUNGS] = {800, 1000, 1200};
	const double timely[RUNGS] = {800, 1000, top_timely_rps};
	double peak_rps = fmax(1000, top_timely_rps);
	made_begin(&run, KIND_KNEE, BLOCKS, &entry, 1);
	for (int i = 0; i < RUNGS; i++)
		add("ladder", 1, loads[i], timely[i], fmin(loads[i], 1100), loads[i]);
	for (int i = 0; i < BLOCKS; i++)
		add("overload", i + 1, 2 * peak_rps, timely_rps[i], 1300, sent_rps);
}

static const double in_time[BLOCKS] = {500, 900, 800};

/* The peak is the ladder's, of what came in time: neither the rung past the knee nor
 * the overload, which both answered more, raises it. */
static void kept_over_blocks(void **state)
{
	(void)state;
	begin(300, in_time, 2000);
	struct summary_line line = made_line(&run);
	assert_true(fabs(line.capacity.peak_rps - 1000) < 1e-9);
	assert_int_equal(line.kept_2x.n, 3);
	assert_true(fabs(line.kept_2x.mid - 0.8) < 1e-9);
	assert_true(fabs(line.kept_2x.low - 0.5) < 1e-9);
	assert_true(fabs(line.kept_2x.high - 0.9) < 1e-9);
}

/* More came in time under overload than at the peak: still no peak. */
static void overload_is_no_peak(void **state)
{
	const double more[BLOCKS] = {1500, 1500, 1500};
	(void)state;
	begin(300, more, 2000);
	struct summary_line line = made_line(&run);
	assert_true(fabs(line.capacity.peak_rps - 1000) < 1e-9);
	assert_true(fabs(line.kept_2x.mid - 1.5) < 1e-9);
}

/* The highest rung was answered in full: its rate is no peak. */
static void no_peak(void **state)
{
	(void)state;
	begin(1190, in_time, 2000);
	struct summary_line line = made_line(&run);
	assert_int_equal(line.kept_2x.n, 0);
	assert_true(isnan(line.kept_2x.mid));
	char *text = made_table(&run, NULL);
	assert_non_null(strstr(text, " n/a   the ladder ended below its peak\n"));
	assert_null(strstr(text, "each share"));
	free(text);
}

/* What is too short to be an overload is not told as one. */
static void too_short(void **state)
{
	(void)state;
	begin(1190, in_time, 2000);
	for (size_t i = RUNGS; i < run.journal.n; i++)
		row_set(&made_rows[i], COLUMN_WINDOW_S, 0.5);
	char *text = made_table(&run, NULL);
	assert_null(strstr(text, "twice the peak"));
	free(text);
}

static void sent_and_answered(void **state)
{
	(void)state;
	begin(300, in_time, 2000);
	char *text = made_table(&run, NULL);
	assert_non_null(
		strstr(text, "2.00    80 % (50-90)    130 % (130-130)       1300 "));
	assert_non_null(strstr(text,
			       "\neach share is of its own peak, the best rung of the "
			       "ladder (one trial): "));
	assert_null(strstr(text, "peaks differ"));
	assert_null(strchr(text, '!'));
	free(text);
}

/* A twin whose ladder found another peak: it answers as much at twice the load, and
 * yet another share. */
static void peaks_differ(void **state)
{
	struct entry both[2] = {entry, entry};
	(void)state;
	begin(300, in_time, 2000);
	size_t n = run.journal.n;
	strcpy(both[1].name, "epoll@aa");
	both[1].twin = true;
	run.entry = both;
	run.entries = 2;
	for (size_t i = 0; i < n; i++) {
		struct row *row = made_trial(&run, "epoll", "ladder", 1);
		*row = made_rows[i];
		row_text(row, COLUMN_VARIANT, "epoll@aa");
	}
	row_set(&made_rows[n + 1], COLUMN_TIMELY, 960 * 4);
	char *text = made_table(&run, NULL);
	assert_non_null(strstr(text, "; the A/A pair's peaks differ by 4.2 %\n"));
	free(text);
}

/* What became of the arrivals, a second: overload.tsv has a column for each. */
static void fates_written(void **state)
{
	static const char expected[] =
		"epoll\tevent\t-\t1000\t3\t2000\t1900\t700\t6\t1300\t"
		"800\t1.9\t0.8\t0.5\t0.9\t1.3\t1.3\t1.3\t";
	char text[4096], path[PATH_MAX + 16];
	struct summary s;
	(void)state;
	begin(300, in_time, 1900);
	for (int i = RUNGS; i < RUNGS + BLOCKS; i++) {
		row_set(&made_rows[i], COLUMN_ACCEPTED, 2800);
		row_set(&made_rows[i], COLUMN_BAD, 4);
		row_set(&made_rows[i], COLUMN_ERRORS, 8);
		row_set(&made_rows[i], COLUMN_RESETS, 12);
	}
	strcpy(run.folder, "/tmp/duality-overload.XXXXXX");
	assert_non_null(mkdtemp(run.folder));
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(overload_write(&run, &s), 0);
	summary_free(&s);
	snprintf(path, sizeof path, "%s/overload.tsv", run.folder);
	FILE *from = fopen(path, "r");
	assert_non_null(from);
	text[fread(text, 1, sizeof text - 1, from)] = '\0';
	fclose(from);
	unlink(path);
	rmdir(run.folder);
	assert_non_null(strstr(text, expected));
	assert_non_null(strstr(text, "\t-\n")); /* 0.95 of twice the peak is enough */
}

/* The client ran out: what it sent is told, and marked. */
static void short_of_twice(void **state)
{
	(void)state;
	begin(300, in_time, 1100);
	struct selection s = {made_rows, run.journal.n, &run.suite.experiment[0],
			      "epoll"};
	assert_true(twice_is_short(&s));
	char *text = made_table(&run, NULL);
	assert_non_null(strstr(text, "1.10!   80 %"));
	assert_non_null(strstr(text, "\n! the client could not send twice the peak\n"));
	free(text);
	row_set(&made_rows[RUNGS], COLUMN_SENT_RPS, 2000); /* makes up for no other */
	assert_true(twice_is_short(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_over_blocks),
		cmocka_unit_test(overload_is_no_peak),
		cmocka_unit_test(no_peak),
		cmocka_unit_test(too_short),
		cmocka_unit_test(sent_and_answered),
		cmocka_unit_test(peaks_differ),
		cmocka_unit_test(fates_written),
		cmocka_unit_test(short_of_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
