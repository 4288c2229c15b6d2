/* SPDX-License-Identifier: BSD-2-Clause */
/* test-cause.c - for what a trial is void, out of made-up readings and rows: strangers
 * on either CPU, a client that paused, and what the suites' limits are. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/bench/cause.h"
#include "harness/bench/loader.h"
#include "harness/bench/measure.h"

static const struct experiment experiment = {.limit_us = 5000};

/* A second in which each CPU was busy for 0.9 with whom it is for. */
static struct reading reading_new(void)
{
	struct reading r;
	for (enum metric m = 0; m < METRICS; m++)
		r.kernel.value[m] = NAN;
	for (int i = 0; i < READING_COUNTERS; i++)
		r.counter[i] = NAN;
	double *v = r.kernel.value;
	v[METRIC_CPU_S] = v[METRIC_TASKS_S] = v[METRIC_CLIENT_TASKS_S] = 0.9;
	v[METRIC_IDLE_S] = v[METRIC_CLIENT_IDLE_S] = 0.1;
	v[METRIC_STEAL_S] = v[METRIC_CLIENT_STEAL_S] = 0;
	v[METRIC_UNCHARGED_S] = v[METRIC_CLIENT_UNCHARGED_S] = 0;
	return r;
}

static struct row measured(const struct reading *r)
{
	struct row row;
	row_clear(&row);
	row_set(&row, COLUMN_CLIENT_CPU_SHARE, 0.9);
	row_set(&row, COLUMN_WINDOW_S, 1);
	row_set(&row, COLUMN_CLIENT_GAP, 1000);
	measure_fill(&row, r, 1e9, 1, 1);
	return row;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void shares_told(void **state)
{
	struct reading r = reading_new();
	double *v = r.kernel.value;
	(void)state;
	struct row row = measured(&r);
	assert_true(near(row.number[COLUMN_STRANGER_SHARE], 0));
	assert_true(near(row.number[COLUMN_CLIENT_STRANGER_SHARE], 0));
	assert_true(near(row.number[COLUMN_CLIENT_IDLE_SHARE], 0.1));
	v[METRIC_CPU_S] = 0.5; /* others had 0.4 of the server's, 0.2 of the client's */
	v[METRIC_CLIENT_IDLE_S] = 0;
	v[METRIC_CLIENT_TASKS_S] = 1.1;
	row = measured(&r);
	assert_true(near(row.number[COLUMN_STRANGER_SHARE], 0.4));
	assert_true(near(row.number[COLUMN_CLIENT_STRANGER_SHARE], 0.1));
	v[METRIC_TASKS_S] = NAN;
	row = measured(&r);
	assert_true(isnan(row.number[COLUMN_STRANGER_SHARE]));
}

/* What nobody was charged with is no stranger: interrupts in the idle task, interrupts
 * that the kernel tells apart, what was stolen. */
static void not_strangers(void **state)
{
	struct reading r = reading_new();
	double *v = r.kernel.value;
	(void)state;
	v[METRIC_CPU_S] = v[METRIC_TASKS_S] = 0.7;
	struct row row = measured(&r);
	assert_true(near(row.number[COLUMN_STRANGER_SHARE], 0));
	v[METRIC_TASKS_S] = 0.9;
	v[METRIC_UNCHARGED_S] = 0.2;
	row = measured(&r);
	assert_true(near(row.number[COLUMN_STRANGER_SHARE], 0));
	v[METRIC_UNCHARGED_S] = 0;
	v[METRIC_STEAL_S] = 0.2;
	row = measured(&r);
	assert_true(near(row.number[COLUMN_STRANGER_SHARE], 0));
}

/* The cause, in a row that has so many replies a second. */
static const char *cause_of(const char *phase, double rate_rps, double received,
			    enum column column, double value)
{
	struct suite suite = {.void_steal = 0.02,
			      .void_late = 0.005,
			      .void_stranger = 0.1,
			      .void_gap = 0.03};
	struct trial t = {
		.experiment = &experiment, .phase = phase, .rate_rps = rate_rps};
	struct reading r = reading_new();
	struct row row = measured(&r);
	row_set(&row, COLUMN_RECEIVED_RPS, received);
	row_set(&row, column, value);
	const char *word = cause_find(&suite, &t, &row);
	return word ? word : "none";
}

static const char *cause(const char *phase, double rate_rps, enum column column,
			 double value)
{
	return cause_of(phase, rate_rps, 100, column, value);
}

static void strangers(void **state)
{
	(void)state;
	assert_string_equal(cause("full", NAN, COLUMN_STRANGER_SHARE, 0.09), "none");
	assert_string_equal(cause("full", NAN, COLUMN_STRANGER_SHARE, 0.11),
			    "stranger");
	assert_string_equal(cause("full", NAN, COLUMN_CLIENT_STRANGER_SHARE, 0.11),
			    "stranger");
	assert_string_equal(cause("overload", 100, COLUMN_STRANGER_SHARE, 0.11),
			    "stranger");
	assert_string_equal(cause("certificate", 100, COLUMN_STRANGER_SHARE, 0.11),
			    "stranger");
	assert_string_equal(cause("probe", NAN, COLUMN_STRANGER_SHARE, 0.9), "none");
	assert_string_equal(cause("full", NAN, COLUMN_STRANGER_SHARE, NAN), "none");
}

/* Of a window of 1 s: 30 ms. */
static void pauses(void **state)
{
	(void)state;
	assert_string_equal(cause("full", NAN, COLUMN_CLIENT_GAP, 29000), "none");
	assert_string_equal(cause("full", NAN, COLUMN_CLIENT_GAP, 31000), "client-gap");
	assert_string_equal(cause("split", NAN, COLUMN_CLIENT_GAP, 31000),
			    "client-gap");
	assert_string_equal(cause("certificate", 100, COLUMN_CLIENT_GAP, 31000),
			    "client-gap");
	/* Open arrivals are judged by how many were late. */
	assert_string_equal(cause("ladder", 100, COLUMN_CLIENT_GAP, 31000), "none");
	assert_string_equal(cause("ladder", 100, COLUMN_CLIENT_LATE_SHARE, 0.006),
			    "client-late");
	assert_string_equal(cause("probe", NAN, COLUMN_CLIENT_GAP, 31000), "none");
	assert_string_equal(cause("full", NAN, COLUMN_CLIENT_STEAL_SHARE, 0.03),
			    "steal");
}

/* However much a suite lets pass: a client that was away all the time measured nothing.
 */
static void an_absence(void **state)
{
	const struct suite suite = {.void_gap = 1};
	struct trial t = {.experiment = &experiment, .phase = "probe", .rate_rps = NAN};
	struct row row;
	(void)state;
	row_clear(&row);
	row_set(&row, COLUMN_WINDOW_S, 0.1);
	row_set(&row, COLUMN_RECEIVED_RPS, 0);
	row_set(&row, COLUMN_CLIENT_GAP, 99999);
	assert_null(cause_find(&suite, &t, &row));
	row_set(&row, COLUMN_CLIENT_GAP, 100000);
	assert_string_equal(cause_find(&suite, &t, &row), "client-gap");
	/* What was planned was late. */
	t.phase = "ladder";
	t.rate_rps = 100;
	assert_null(cause_find(&suite, &t, &row));
}

/* Who offers all that a link carries waits for it. */
static void a_full_link(void **state)
{
	const struct suite suite = {.void_late = 0.005};
	struct trial t = {.experiment = &experiment, .phase = "xdp", .rate_rps = 100};
	struct row row;
	(void)state;
	row_clear(&row);
	row_set(&row, COLUMN_CLIENT_LATE_SHARE, 0.1);
	assert_string_equal(cause_find(&suite, &t, &row), "client-late");
	t.link_full = true;
	assert_null(cause_find(&suite, &t, &row));
}

/* Without any reply a pause decides, whatever was planned; without a pause it is the
 * server that was silent. */
static void silences(void **state)
{
	static const char *const phases[] = {"ladder", "overload", "probe", "full"};
	(void)state;
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		double rate_rps = i < 2 ? 100 : NAN;
		assert_string_equal(
			cause_of(phases[i], rate_rps, 0, COLUMN_CLIENT_GAP, 31000),
			"client-gap");
		assert_string_equal(
			cause_of(phases[i], rate_rps, 0, COLUMN_CLIENT_GAP, 29000),
			"none");
	}
}

/* The row of a result in which so many a second were sent and many were lost, among
 * them the percentiles. */
static struct row lost_row(int sent_rps)
{
	char path[] = "/tmp/duality-cause.XXXXXX";
	struct row row;
	FILE *to = fdopen(mkstemp(path), "w");
	assert_non_null(to);
	fprintf(to,
		"{\"window_s\": 1, \"lost\": 500, \"sent_rps\": %d, \"latency\": "
		"{\"p50\": "
		"null, \"p99\": null}, \"service\": {\"p99\": null}, \"client\": "
		"{\"late_share\": 0.1}}",
		sent_rps);
	fclose(to);
	row_clear(&row);
	assert_int_equal(loader_result(path, &row), 0);
	unlink(path);
	return row;
}

/* Where the server lost requests, its own time is over the limit, infinitely: that the
 * client was late too voids nothing.  Where the client sent none, it does. */
static void server_failed_itself(void **state)
{
	const struct suite suite = {.void_late = 0.005};
	const struct trial t = {
		.experiment = &experiment, .phase = "overload", .rate_rps = 100};
	(void)state;
	struct row row = lost_row(100);
	assert_true(isinf(row.number[COLUMN_LAT_P50]));
	assert_true(isinf(row.number[COLUMN_SVC_P99]));
	assert_null(cause_find(&suite, &t, &row));
	row = lost_row(0);
	assert_true(isinf(row.number[COLUMN_LAT_P50]));
	assert_string_equal(cause_find(&suite, &t, &row), "client-late");
}

static void suites_limits(void **state)
{
	static struct suite suite;
	char folder[PATH_MAX];
	const char *source = getenv("DUALITY_SOURCE");
	(void)state;
	assert_non_null(source);
	snprintf(folder, sizeof folder, "%s/workloads", source);
	assert_int_equal(suite_read(&suite, folder, "goals"), 0);
	assert_true(suite.void_stranger == 0.1);
	assert_true(suite.void_gap == 0.03);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_told),   cmocka_unit_test(not_strangers),
		cmocka_unit_test(strangers),     cmocka_unit_test(pauses),
		cmocka_unit_test(an_absence),    cmocka_unit_test(silences),
		cmocka_unit_test(a_full_link),   cmocka_unit_test(server_failed_itself),
		cmocka_unit_test(suites_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
