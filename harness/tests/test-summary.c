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
#include <unistd.h>

#include <cmocka.h>

#include "harness/bench/overload.h"
#include "harness/bench/table.h"

enum { BLOCKS = 3, MOST_ROWS = 16 };

static struct row rows[MOST_ROWS];
static struct variant variant = {.name = "epoll"};
static struct entry entry = {.variant = &variant, .family = "event", .name = "epoll"};

/* One experiment of a kind, one variant, no row yet. */
static struct run *run_new(int kind)
{
	struct run *r = calloc(1, sizeof *r);
	assert_non_null(r);
	r->suite.blocks = BLOCKS;
	r->suite.experiments = 1;
	r->suite.experiment[0] = (struct experiment){.name = "one",
						     .kind = kind,
						     .request = "/",
						     .grid = 1.03,
						     .limit_us = 5000,
						     .load_trials = 3,
						     .bracket_from = 2,
						     .rates_rps = {2, {100, 200}}};
	r->entry = &entry;
	r->entries = 1;
	r->journal.rows = rows;
	return r;
}

/* A trial of phase equal at a load; `cause` "0" where it was sound. */
static void add(struct run *r, int block, double load_rps, const char *cause,
		double cpu_us)
{
	assert_true(r->journal.n < MOST_ROWS);
	struct row *row = &rows[r->journal.n++];
	r->journal.replayed = r->journal.n;
	row_clear(row);
	row_text(row, COLUMN_EXPERIMENT, "one");
	row_text(row, COLUMN_PHASE, "equal");
	row_text(row, COLUMN_VARIANT, "epoll");
	row_text(row, COLUMN_VOID, cause);
	row_set(row, COLUMN_FLAGGED, strcmp(cause, "0") != 0);
	row_set(row, COLUMN_BLOCK, block);
	row_set(row, COLUMN_LOAD_RPS, load_rps);
	row_set(row, COLUMN_CPU_US, cpu_us);
	row_set(row, COLUMN_CTX, cpu_us / 10);
}

static struct summary_line line_of(struct run *r)
{
	struct summary s;
	assert_int_equal(summary_make(r, &s), 0);
	struct summary_line line = s.line[0];
	summary_free(&s);
	free(r);
	return line;
}

static void one_bad_block(void **state)
{
	struct run *r = run_new(KIND_EQUAL);
	(void)state;
	add(r, 1, 100, "0", 10);
	add(r, 2, 100, "steal", 9000);
	add(r, 3, 100, "0", 11);
	struct summary_line line = line_of(r);
	assert_true(line.cpu_us == 11);
	assert_true(fabs(line.ctx - 1.1) < 1e-9);
}

static void made_up_for(void **state)
{
	struct run *r = run_new(KIND_EQUAL);
	(void)state;
	add(r, 1, 100, "steal", 9000);
	add(r, 2, 100, "steal", 8000);
	add(r, 3, 100, "0", 30);
	add(r, 1, 100, "0", 10);
	add(r, 2, 100, "0", 20);
	assert_true(line_of(r).cpu_us == 20);
}

/* Nothing sound: what is void and kept is all there is. */
static void kept_alone(void **state)
{
	struct run *r = run_new(KIND_EQUAL);
	(void)state;
	add(r, 1, 100, "client-late", 40);
	assert_true(line_of(r).cpu_us == 40);
}

/* Work at another load is other work. */
static void first_rate_only(void **state)
{
	struct run *r = run_new(KIND_EQUAL);
	(void)state;
	add(r, 1, 200, "0", 70);
	add(r, 1, 100, "0", 50);
	add(r, 2, 200, "0", 70);
	assert_true(line_of(r).cpu_us == 50);
}

static void none(void **state)
{
	(void)state;
	assert_true(isnan(line_of(run_new(KIND_EQUAL)).cpu_us));
}

/* The table as one text, to be freed. */
static char *table_text(struct run *r, void (*change)(struct summary *s))
{
	struct summary s;
	char *text;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	assert_non_null(to);
	assert_int_equal(summary_make(r, &s), 0);
	if (change)
		change(&s);
	table_print(r, &s, to);
	fclose(to);
	summary_free(&s);
	free(r);
	return text;
}

static void causes_counted(void **state)
{
	struct run *r = run_new(KIND_EQUAL);
	(void)state;
	add(r, 1, 100, "0", 1);
	add(r, 1, 100, "steal", 1);
	add(r, 2, 100, "load", 1);
	add(r, 2, 100, "steal", 1);
	char *text = table_text(r, NULL);
	assert_non_null(strstr(text,
			       "3 of 4 trials void: steal 2 (2 of these of epoll), "
			       "load 1; 3 of the void ones kept"));
	free(text);
}

/* What a trial's requests came to: rates of those answered in time, of all answered,
 * and of those sent. */
static void answers(struct row *row, const char *phase, double timely_rps,
		    double good_rps, double sent_rps)
{
	const double window_s = 4;
	row_text(row, COLUMN_PHASE, phase);
	row_set(row, COLUMN_OFFERED_RPS, row->number[COLUMN_LOAD_RPS]);
	row_set(row, COLUMN_GOOD_RPS, good_rps);
	row_set(row, COLUMN_SENT_RPS, sent_rps);
	row_set(row, COLUMN_WINDOW_S, window_s);
	row_set(row, COLUMN_TIMELY, timely_rps * window_s);
}

/* A ladder of three rungs, the last past the knee, where more is answered and less in
 * time; and a trial at twice its peak in each of three blocks, all answered, of which
 * so many in time, and so many sent. */
static struct run *run_overload(double top_timely_rps, const double *timely_rps,
				double sent_rps)
{
	const double loads[] = {800, 1000, 1200};
	const double timely[] = {800, 1000, top_timely_rps};
	double peak_rps = fmax(1000, top_timely_rps);
	struct run *r = run_new(KIND_KNEE);
	for (int i = 0; i < 3; i++) {
		add(r, 1, loads[i], "0", 10);
		answers(&rows[i], "ladder", timely[i], fmin(loads[i], 1100), loads[i]);
	}
	for (int i = 0; i < BLOCKS; i++) {
		add(r, i + 1, 2 * peak_rps, "0", 10);
		answers(&rows[3 + i], "overload", timely_rps[i], 1300, sent_rps);
	}
	return r;
}

static const double in_time[BLOCKS] = {500, 900, 800};

/* The peak is the ladder's, of what came in time: neither the rung past the knee nor
 * the overload, which both answered more, raises it. */
static void kept_over_blocks(void **state)
{
	struct summary_line line = line_of(run_overload(300, in_time, 2000));
	(void)state;
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
	struct summary_line line = line_of(run_overload(300, more, 2000));
	(void)state;
	assert_true(fabs(line.capacity.peak_rps - 1000) < 1e-9);
	assert_true(fabs(line.kept_2x.mid - 1.5) < 1e-9);
}

/* The highest rung was answered in full: its rate is no peak. */
static void no_peak(void **state)
{
	struct summary_line line = line_of(run_overload(1190, in_time, 2000));
	(void)state;
	assert_int_equal(line.kept_2x.n, 0);
	assert_true(isnan(line.kept_2x.mid));
}

/* The table as one text, to be freed; of what `s` is made to be. */
static char *overload_text(double sent_rps)
{
	struct run *r = run_overload(300, in_time, sent_rps);
	struct summary s;
	char *text;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	assert_non_null(to);
	assert_int_equal(summary_make(r, &s), 0);
	overload_table(&s, to);
	fclose(to);
	summary_free(&s);
	free(r);
	return text;
}

static void sent_and_answered(void **state)
{
	(void)state;
	char *text = overload_text(2000);
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
	struct run *r = run_overload(300, in_time, 2000);
	size_t n = r->journal.n;
	(void)state;
	strcpy(both[1].name, "epoll@aa");
	both[1].twin = true;
	r->entry = both;
	r->entries = 2;
	for (size_t i = 0; i < n; i++) {
		add(r, (int)rows[i].number[COLUMN_BLOCK],
		    rows[i].number[COLUMN_LOAD_RPS], "0", 10);
		rows[n + i] = rows[i];
		row_text(&rows[n + i], COLUMN_VARIANT, "epoll@aa");
	}
	row_set(&rows[n + 1], COLUMN_TIMELY, 960 * 4);
	char *text = table_text(r, NULL);
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
	struct run *r = run_overload(300, in_time, 1900);
	struct summary s;
	(void)state;
	for (int i = 3; i < 3 + BLOCKS; i++) {
		row_set(&rows[i], COLUMN_ACCEPTED, 2800);
		row_set(&rows[i], COLUMN_BAD, 4);
		row_set(&rows[i], COLUMN_ERRORS, 8);
		row_set(&rows[i], COLUMN_RESETS, 12);
	}
	strcpy(r->folder, "/tmp/duality-summary.XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	assert_int_equal(summary_make(r, &s), 0);
	assert_int_equal(overload_write(r, &s), 0);
	snprintf(path, sizeof path, "%s/overload.tsv", r->folder);
	FILE *from = fopen(path, "r");
	assert_non_null(from);
	text[fread(text, 1, sizeof text - 1, from)] = '\0';
	fclose(from);
	unlink(path);
	rmdir(r->folder);
	assert_non_null(strstr(text, expected));
	assert_non_null(strstr(text, "\t-\n")); /* 0.95 of twice the peak is enough */
	summary_free(&s);
	free(r);
}

/* The client ran out: what it sent is told, and marked. */
static void short_of_twice(void **state)
{
	(void)state;
	struct run *r = run_overload(300, in_time, 1100);
	struct selection s = {rows, r->journal.n, &r->suite.experiment[0], "epoll"};
	assert_true(twice_is_short(&s));
	row_set(&rows[3], COLUMN_SENT_RPS, 2000); /* one good block makes up for none */
	assert_true(twice_is_short(&s));
	free(r);
	char *text = overload_text(1100);
	assert_non_null(strstr(text, "1.10!   80 %"));
	assert_non_null(strstr(text, "\n! the client could not send twice the peak\n"));
	free(text);
}

static void nothing_void(void **state)
{
	struct run *r = run_new(KIND_EQUAL);
	(void)state;
	add(r, 1, 100, "0", 1);
	char *text = table_text(r, NULL);
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
		struct run *r = run_new(KIND_KNEE);
		r->suite.blocks = blocks;
		char *text = table_text(r, bracket_loose);
		assert_non_null(strstr(text, "100 .. 110 *"));
		assert_non_null(strstr(text, "\n* a bound rests on fewer than the 3 "));
		free(text);
	}
	char *text = table_text(run_new(KIND_KNEE), bracket_settled);
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
	struct run *r = run_new(KIND_KNEE);
	struct summary_line line = {.entry = &entry};
	char *text = NULL, *begin;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	assert_non_null(to);
	s.line = &line;
	s.lines = 1;
	table_print(r, &s, to);
	fclose(to);
	free(r);
	begin = strstr(text, "A/A (");
	assert_non_null(begin);
	begin[strcspn(begin, "\n")] = '\0';
	memmove(text, begin, strlen(begin) + 1);
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
		cmocka_unit_test(one_bad_block),
		cmocka_unit_test(made_up_for),
		cmocka_unit_test(kept_alone),
		cmocka_unit_test(first_rate_only),
		cmocka_unit_test(none),
		cmocka_unit_test(causes_counted),
		cmocka_unit_test(kept_over_blocks),
		cmocka_unit_test(overload_is_no_peak),
		cmocka_unit_test(no_peak),
		cmocka_unit_test(sent_and_answered),
		cmocka_unit_test(peaks_differ),
		cmocka_unit_test(fates_written),
		cmocka_unit_test(short_of_twice),
		cmocka_unit_test(nothing_void),
		cmocka_unit_test(mark_explained),
		cmocka_unit_test(aa_as_measured),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
