/* SPDX-License-Identifier: BSD-2-Clause */
/* test-sample.c - the sampler against a workload of known cost and against wait4(2)
 * (the numbers `time -v` prints), over every source that can be had here. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/sample/sample.h"
#include "harness/sample/tests/child.h"

enum { TASKS = 4, CPU_MS = 60, SLEEPS = 100 };

/* Readings at: before the fork, ready, done, after the end. */
enum { BEFORE, READY, DONE, AFTER, POINTS };

struct run {
	struct snapshot at[POINTS], window, whole;
	struct child child;
	double rss_kib;
	char source[METRICS][128];
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void read_all(struct sample *s, struct snapshot *out)
{
	sample_read(s, out);
	sample_read_tasks(s, out);
}

static void run_program(struct run *r, unsigned options, const char *const *argv)
{
	struct sample *s;

	assert_int_equal(sample_open_with(&s, NULL, "0", options), 0);
	read_all(s, &r->at[BEFORE]);
	assert_int_equal(child_start(&r->child, s, argv), 0);
	read_all(s, &r->at[READY]);
	assert_int_equal(child_step(&r->child), 0);
	read_all(s, &r->at[DONE]);
	sample_read_memory(s, &r->rss_kib);
	assert_int_equal(child_end(&r->child), 0);
	read_all(s, &r->at[AFTER]);
	sample_delta(&r->at[READY], &r->at[DONE], &r->window);
	sample_delta(&r->at[BEFORE], &r->at[AFTER], &r->whole);
	for (int m = 0; m < METRICS; m++)
		strcpy(r->source[m], sample_source(s, (enum metric)m));
	sample_close(s);
}

static void assert_near(const char *what, double got, double want, double share,
			double slack)
{
	if (fabs(got - want) <= want * share + slack)
		return;
	fail_msg("%s: %g, expected %g", what, got, want);
}

/* Whether a metric has the source the test is about.  cmocka's skip() would print "not
 * ok", which Automake's TAP driver takes for a failure; so the reason is a line of the
 * log. */
static bool has_source(const struct run *r, enum metric m, const char *source)
{
	if (strncmp(r->source[m], source, strlen(source)) == 0)
		return true;
	print_message("# skip: %s: no %s here (%s)\n", metric_name(m), source,
		      r->source[m]);
	return false;
}

static void run_burn(struct run *r, unsigned options, const char *flags)
{
	const char *argv[] = {child_burn(), flags, "4", "60", "100", NULL};

	run_program(r, options, argv);
}

/* The same, if the metric then has this source. */
static bool run_burn_by(struct run *r, unsigned options, const char *flags,
			enum metric m, const char *source)
{
	run_burn(r, options, flags);
	return has_source(r, m, source);
}

/* CPU of tasks that all ended inside the window. */
static void check_cpu(const struct run *r)
{
	const double *value = r->window.value;
	double burnt_s = TASKS * CPU_MS / 1e3;

	assert_true(value[METRIC_CPU_S] >= burnt_s * 0.95 - 0.02);
	assert_near("user + system",
		    value[METRIC_CPU_USER_S] + value[METRIC_CPU_SYSTEM_S],
		    value[METRIC_CPU_S], 0.001, 1e-5);
}

static void check_cpu_whole(const struct run *r)
{
	const struct rusage *u = &r->child.usage;

	check_cpu(r);
	assert_near("cpu_s", r->whole.value[METRIC_CPU_S],
		    seconds(u->ru_utime) + seconds(u->ru_stime), 0.05, 0.02);
}

/* wait4 knows no switch of a task's exit; the cgroup knows none before it was joined.
 */
static void check_switches(const struct run *r)
{
	const struct rusage *u = &r->child.usage;
	double want = (double)(u->ru_nvcsw + u->ru_nivcsw) + TASKS + 1;

	assert_true(r->window.value[METRIC_SWITCHES] >= TASKS * SLEEPS);
	assert_near("switches", r->whole.value[METRIC_SWITCHES], want, 0.02, 12);
}

static void check_faults(const struct run *r)
{
	double faults = r->whole.value[METRIC_FAULTS_MINOR];

	assert_near("minor faults", faults, (double)r->child.usage.ru_minflt, 0.05, 60);
}

/* All that a cgroup tells, against wait4. */
static void check_cgroup(const char *flags)
{
	struct run r;

	if (!run_burn_by(&r, 0, flags, METRIC_CPU_S, "cgroup"))
		return;
	check_cpu_whole(&r);
	if (!has_source(&r, METRIC_SWITCHES, "perf cgroup"))
		return;
	check_switches(&r);
	check_faults(&r);
}

static void test_threads_cgroup(void **state)
{
	(void)state;
	check_cgroup("--");
}

static void test_children_cgroup(void **state)
{
	(void)state;
	check_cgroup("-f");
}

static void test_unwaited_children_cgroup(void **state)
{
	struct run r;

	(void)state;
	if (!run_burn_by(&r, 0, "-fi", METRIC_CPU_S, "cgroup"))
		return;
	check_cpu(&r);
}

static void test_children_cpuacct(void **state)
{
	struct run r;

	(void)state;
	if (!run_burn_by(&r, SAMPLE_NO_UNIFIED, "-f", METRIC_CPU_S,
			 "cgroup v1 cpuacct"))
		return;
	check_cpu_whole(&r);
}

static void test_children_proc(void **state)
{
	struct run r;

	(void)state;
	if (!run_burn_by(&r, SAMPLE_NO_CGROUP | SAMPLE_NO_PERF, "-f", METRIC_CPU_S,
			 "/proc/PID/stat"))
		return;
	check_cpu(&r);
	assert_true(r.window.value[METRIC_FAULTS_MINOR] > TASKS * 10);
	assert_true(isnan(r.window.value[METRIC_SWITCHES]));
	assert_true(isnan(r.at[AFTER].value[METRIC_CPU_S]));
}

/* The workload is the leader's grandchild, and nobody has waited for it yet. */
static void test_descendants_proc(void **state)
{
	const char *argv[] = {"/bin/sh", "-c",
			      "sh -c '\"$0\" -- 4 60 100; :' \"$0\"; :", child_burn(),
			      NULL};
	struct run r;

	(void)state;
	run_program(&r, SAMPLE_NO_CGROUP | SAMPLE_NO_PERF, argv);
	check_cpu(&r);
	assert_true(r.rss_kib > 100 && r.rss_kib < 1e6);
}

/* What cannot be known must not read 0. */
static void test_unwaited_children_proc(void **state)
{
	struct run r;

	(void)state;
	run_burn(&r, SAMPLE_NO_CGROUP | SAMPLE_NO_PERF, "-fi");
	assert_true(isnan(r.window.value[METRIC_CPU_S]));
}

static void test_threads_inherit(void **state)
{
	struct run r;

	(void)state;
	if (!run_burn_by(&r, SAMPLE_NO_CGROUP, "--", METRIC_SWITCHES, "perf inherit"))
		return;
	check_cpu(&r);
	assert_true(r.window.value[METRIC_SWITCHES] >= TASKS * SLEEPS);
	assert_true(r.window.value[METRIC_FAULTS_MINOR] > TASKS * 10);
}

static void check_split(const struct run *r)
{
	const double *value = r->window.value;

	assert_near("voluntary + involuntary",
		    value[METRIC_SWITCHES_VOLUNTARY] +
			    value[METRIC_SWITCHES_INVOLUNTARY],
		    value[METRIC_SWITCHES], 0.02, 8);
	assert_true(value[METRIC_SWITCHES_VOLUNTARY] >= TASKS * SLEEPS);
}

/* Tasks that live through the window: the split is known without the tracepoint. */
static void test_split_live(void **state)
{
	struct run r;

	(void)state;
	if (!run_burn_by(&r, 0, "-l", METRIC_SWITCHES, "perf cgroup"))
		return;
	check_split(&r);
}

/* Tasks that come and go: it is not, and says so. */
static void test_split_churn(void **state)
{
	struct run r;

	(void)state;
	if (!run_burn_by(&r, 0, "-f", METRIC_SWITCHES, "perf cgroup"))
		return;
	assert_int_equal(r.at[READY].tasks, r.at[DONE].tasks);
	assert_true(isnan(r.window.value[METRIC_SWITCHES_VOLUNTARY]));
	assert_true(isnan(r.window.value[METRIC_SWITCHES_INVOLUNTARY]));
	assert_true(!isnan(r.window.value[METRIC_SWITCHES]));
}

static void test_split_tracepoint(void **state)
{
	struct run r;

	(void)state;
	if (!run_burn_by(&r, SAMPLE_SPLIT, "-f", METRIC_SWITCHES_VOLUNTARY,
			 "perf cgroup"))
		return;
	check_split(&r);
	assert_near("voluntary", r.whole.value[METRIC_SWITCHES_VOLUNTARY],
		    (double)r.child.usage.ru_nvcsw + TASKS + 1, 0.02, 12);
	assert_near("involuntary", r.whole.value[METRIC_SWITCHES_INVOLUNTARY],
		    (double)r.child.usage.ru_nivcsw, 0.02, 12);
}

static void test_host(void **state)
{
	struct run r;
	double busy_s;

	(void)state;
	run_burn(&r, 0, "--");
	/* Over all CPUs no more than all the time there was; a tick of slack for each.
	 */
	busy_s = (double)r.window.at_ns / 1e9 * (double)sysconf(_SC_NPROCESSORS_ONLN);
	assert_true(r.window.value[METRIC_IDLE_S] >= 0);
	assert_true(r.window.value[METRIC_IDLE_S] <= busy_s * 1.05 + 0.1);
	assert_true(r.at[DONE].value[METRIC_IDLE_S] > 0);
	assert_true(r.window.value[METRIC_SOFTIRQ_S] >= 0);
	assert_true(r.window.value[METRIC_STEAL_S] >= 0);
	assert_true(r.window.value[METRIC_LISTEN_OVERFLOWS] >= 0);
	assert_true(r.rss_kib > 100 && r.rss_kib < 1e6);
}

static void test_bad_cpus(void **state)
{
	static const char *const bad[] = {"",     "x",       "1-", "3-1",
					  "0,,1", "0-99999", "-1"};
	struct sample *s;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(sample_open(&s, bad[i], NULL), -EINVAL);
	assert_null(s);
}

/* A CPU that is not there has no times. */
static void test_absent_cpu(void **state)
{
	struct snapshot now;
	struct sample *s;

	(void)state;
	assert_int_equal(sample_open(&s, "0,1023", "0"), 0);
	sample_read(s, &now);
	assert_true(isnan(now.value[METRIC_IDLE_S]));
	assert_true(!isnan(now.value[METRIC_CLIENT_STEAL_S]));
	sample_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_cgroup),
		cmocka_unit_test(test_children_cgroup),
		cmocka_unit_test(test_unwaited_children_cgroup),
		cmocka_unit_test(test_children_cpuacct),
		cmocka_unit_test(test_children_proc),
		cmocka_unit_test(test_descendants_proc),
		cmocka_unit_test(test_unwaited_children_proc),
		cmocka_unit_test(test_threads_inherit),
		cmocka_unit_test(test_split_live),
		cmocka_unit_test(test_split_churn),
		cmocka_unit_test(test_split_tracepoint),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_bad_cpus),
		cmocka_unit_test(test_absent_cpu),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
