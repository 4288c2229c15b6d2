/* SPDX-License-Identifier: BSD-2-Clause */
/* test-cgroup.c - who may not do it, who is killed, what is left behind; and perf stat
 * as a second witness. */
#include "config.h"

#include <grp.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/sample/cgroup.h"
#include "harness/sample/sample.h"
#include "harness/sample/tests/child.h"

enum { NOBODY = 65534, TASKS = 4, CPU_MS = 100, CANNOT_RUN = 77 };

/* As nobody: measure a workload, and tell the parent through a pipe. */
static void measure_as_nobody(int to)
{
	const char *argv[] = {child_burn(), "-f", "4", "100", "50", NULL};
	struct snapshot at[2], window;
	struct child child;
	struct sample *s;

	if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		_exit(1);
	if (access(argv[0], X_OK) < 0)
		_exit(CANNOT_RUN);
	if (sample_open(&s, NULL, NULL) < 0 || child_start(&child, s, argv) < 0)
		_exit(2);
	sample_read(s, &at[0]);
	sample_read_tasks(s, &at[0]);
	if (child_step(&child) < 0)
		_exit(3);
	sample_read(s, &at[1]);
	sample_read_tasks(s, &at[1]);
	sample_read_memory(s, &at[1].value[METRIC_RSS_PEAK_KIB]);
	child_end(&child);
	sample_close(s);
	sample_delta(&at[0], &at[1], &window);
	_exit(write(to, &window, sizeof window) == sizeof window ? 0 : 4);
}

/* NAN or right; 0 is a lie about a workload that did all of these. */
static void assert_unknown_or_least(const struct snapshot *w, enum metric m,
				    double least)
{
	if (!isnan(w->value[m]) && w->value[m] < least)
		fail_msg("%s: %g, at least %g", metric_name(m), w->value[m], least);
}

static void test_unprivileged(void **state)
{
	struct snapshot window;
	int fd[2], status;

	(void)state;
	if (geteuid() != 0) {
		print_message("# skip: only root can become nobody\n");
		return;
	}
	assert_int_equal(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0)
		measure_as_nobody(fd[1]);
	close(fd[1]);
	ssize_t n = read(fd[0], &window, sizeof window);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_RUN) {
		print_message("# skip: nobody may not execute %s\n", child_burn());
		return;
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(n, sizeof window);
	assert_unknown_or_least(&window, METRIC_CPU_S, TASKS * CPU_MS * 0.9 / 1e3);
	assert_unknown_or_least(&window, METRIC_CPU_USER_S, 0.1);
	assert_unknown_or_least(&window, METRIC_SWITCHES, TASKS * 50);
	assert_unknown_or_least(&window, METRIC_SWITCHES_VOLUNTARY, TASKS * 50);
	assert_unknown_or_least(&window, METRIC_FAULTS_MINOR, TASKS);
	assert_unknown_or_least(&window, METRIC_RSS_PEAK_KIB, 100);
	assert_unknown_or_least(&window, METRIC_CYCLES, 1e6);
	assert_unknown_or_least(&window, METRIC_INSTRUCTIONS, 1e6);
}

/* cmocka's skip() would print "not ok", which Automake's TAP driver takes for a
 * failure; so the reason for skipping is a line of the log. */
static bool can_open(struct cgroup *g)
{
	int rc = cgroup_open(g, true);

	if (rc < 0) {
		print_message("# skip: no cgroup can be made here: %s\n",
			      strerror(-rc));
	}
	return rc == 0;
}

static void test_kill_all(void **state)
{
	const char *argv[] = {
		"/bin/sh", "-c",
		"sleep 60 & sleep 60 & (sleep 60 & exec setsid sleep 60) & "
		"echo ready; wait",
		NULL};
	struct cgroup probe;
	struct child child;
	struct sample *s;

	(void)state;
	if (!can_open(&probe))
		return;
	cgroup_close(&probe);
	assert_int_equal(sample_open(&s, NULL, NULL), 0);
	assert_int_equal(child_start(&child, s, argv), 0);
	assert_true(sample_kill(s) >= 4);
	assert_int_equal(sample_kill(s), 0);
	child_end(&child);
	assert_true(WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGKILL);
	sample_close(s);
	sample_close(NULL);
}

static void test_closed_is_gone(void **state)
{
	struct cgroup g;
	char path[CGROUP_KINDS][PATH_MAX];

	(void)state;
	if (!can_open(&g))
		return;
	for (int i = 0; i < CGROUP_KINDS; i++)
		snprintf(path[i], PATH_MAX, "%s",
			 g.place[i].dir >= 0 ? g.place[i].path : "/nonexistent");
	cgroup_close(&g);
	for (int i = 0; i < CGROUP_KINDS; i++)
		assert_int_equal(access(path[i], F_OK), -1);
}

/* A child makes groups and ends without a word; the next to open removes them. */
static void test_leftovers_removed(void **state)
{
	struct cgroup g;
	char path[PATH_MAX] = "";
	int fd[2], status;

	(void)state;
	if (!can_open(&g))
		return;
	cgroup_close(&g);
	assert_int_equal(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (cgroup_open(&g, true) < 0)
			_exit(1);
		int kind = g.place[CGROUP_UNIFIED].dir >= 0 ? CGROUP_UNIFIED
							    : CGROUP_CPUACCT;
		_exit(write(fd[1], g.place[kind].path, PATH_MAX) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(fd[0], path, sizeof path), PATH_MAX);
	assert_int_equal(access(path, F_OK), 0);
	if (!can_open(&g))
		return;
	assert_int_equal(access(path, F_OK), -1);
	cgroup_close(&g);
	close(fd[0]);
	close(fd[1]);
}

static double perf_count(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];
	double count = (double)NAN;

	while (file && fgets(line, sizeof line, file))
		if (strstr(line, ",context-switches"))
			count = strtod(line, NULL);
	if (file)
		fclose(file);
	return count;
}

/* The same run seen by both.  perf stat is itself inside the cgroup, which adds the few
 * switches of its own start and end, and does not see the exit of each task. */
static void test_perf_stat(void **state)
{
	char path[] = "/tmp/duality-perf-XXXXXX";
	const char *argv[] = {"/usr/bin/perf",
			      "stat",
			      "-x,",
			      "-e",
			      "context-switches",
			      "-o",
			      path,
			      "--",
			      child_burn(),
			      "--",
			      "4",
			      "10",
			      "1500",
			      NULL};
	struct snapshot before, after, delta;
	struct child child;
	struct sample *s;

	(void)state;
	if (access(argv[0], X_OK) < 0) {
		print_message("# skip: no %s\n", argv[0]);
		return;
	}
	close(mkstemp(path));
	assert_int_equal(sample_open(&s, NULL, NULL), 0);
	sample_read(s, &before);
	int started = child_start(&child, s, argv);
	int stepped = started == 0 ? child_step(&child) : -1;
	int ended = child_end(&child);
	sample_read(s, &after);
	sample_close(s);
	double want = perf_count(path);
	unlink(path);
	sample_delta(&before, &after, &delta);
	double got = delta.value[METRIC_SWITCHES];
	if (stepped < 0 || ended != 0 || isnan(want) || isnan(got)) {
		print_message("# skip: perf stat or the sampler cannot count here\n");
		return;
	}
	assert_true(want >= 4 * 1500);
	/* Ours has perf's own besides, more of them the busier the machine. */
	if (fabs(got - want) > want * 0.05 + 60)
		fail_msg("switches: %g, perf stat says %g", got, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unprivileged),
		cmocka_unit_test(test_kill_all),
		cmocka_unit_test(test_closed_is_gone),
		cmocka_unit_test(test_leftovers_removed),
		cmocka_unit_test(test_perf_stat),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
