/* SPDX-License-Identifier: BSD-2-Clause */
/* end_test.c - modules that crash, do what they may not, or do not return; and how a
 * graph is stopped. */
#include "config.h"

#include "parts.h"
#include "runtimes/graph/runner.h"
#include "timer_heap.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* One that is told what to do, and two bystanders; the first, so that of several that
 * are late it is the one that is named. */
static const char lurkers[] = "module c lurker %s\n"
			      "module a lurker\n"
			      "module b lurker\n"
			      "region memory 8K\n"
			      "grant memory a.memory write\n"
			      "grant memory c.memory read\n";

static int run_lurker(const char *what, const struct graph_settings *settings,
		      struct graph_error *error)
{
	char text[512];
	struct graph *g;
	int result;

	snprintf(text, sizeof text, lurkers, what);
	assert_int_equal(graph_text(&g, text, error), 0);
	result = graph_run(g, settings, error);
	graph_free(g);
	return result;
}

static void ends_with(const char *what, int result, const char *text)
{
	const struct graph_settings settings = {.placement = GRAPH_PROCESSES,
						.stopping_ms = 200};
	struct graph_error error;
	int got = run_lurker(what, &settings, &error);

	if (got != result || !strstr(error.text, text))
		fail_msg("%s: %d, \"%s\" and not \"%s\"", what, got, error.text, text);
}

static void crashes_are_told(void **state)
{
	(void)state;
	ends_with("on=write", -ECHILD,
		  ":1: module 'c' (a lurker) was killed by SIGSEGV: it wrote to region "
		  "'memory' at offset 100, which line 6 lets it read");
	ends_with("on=null", -ECHILD,
		  ":1: module 'c' (a lurker) was killed by SIGSEGV at address 0x0");
	ends_with("on=abort", -ECHILD,
		  ":1: module 'c' (a lurker) was killed by SIGABRT");
	ends_with("on=exit", -ECHILD,
		  ":1: module 'c' (a lurker) ended by itself, with "
		  "status 7");
	ends_with("on=done-exit", -ECHILD,
		  ":1: module 'c' (a lurker) ended by itself, with status 9");
	ends_with("on=fail", -ENOSPC,
		  ":1: module 'c' (a lurker) failed: it cannot begin: "
		  "No space left");
	ends_with(
		"on=hang budget=20", -ETIME,
		":1: module 'c' (a lurker) did not return within its budget of 20 ms");
	ends_with(
		"on=done-stay budget=20", -ETIME,
		":1: module 'c' (a lurker) did not return within its budget of 20 ms");
}

/* Who started this program may ignore what becomes of children (signal(7): that is
 * passed on by execve). */
static void crashes_are_told_also_then(void **state)
{
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	ends_with("on=exit", -ECHILD, "ended by itself, with status 7");
	assert_true(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

/* What its thread waits with is no epoll any more; in old age it gives up. */
static int blind_init(struct module *m)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	module_deadline(m, timer_now() + UINT64_C(20000000000));
	return dup2(null, resident_of(m)->executor->epfd) < 0 ? -errno : close(null);
}

static void blind_notified(struct module *m, unsigned channel)
{
	(void)channel;
	module_done(m);
}

static void blind_ready(struct module *m, void *watched, uint32_t events)
{
	(void)m, (void)watched, (void)events;
}

/* A thread that cannot wait for descriptors does not look for them again and again. */
static void waits_that_fail_are_told(void **state)
{
	static const struct port_rule none[] = {{.kind = PORT_NONE}};
	static const struct module_type blind = {.name = "blind",
						 .ports = none,
						 .init = blind_init,
						 .notified = blind_notified,
						 .ready = blind_ready};
	static const struct module_type *const types[] = {&blind, NULL};
	struct graph_settings settings = {.placement = GRAPH_ONE};
	struct graph_error error;
	struct graph *g;

	(void)state;
	for (int i = GRAPH_ONE; i <= GRAPH_PROCESSES; i++) {
		settings.placement = (enum graph_placement)i;
		assert_int_equal(
			graph_read_text(&g, "module c blind", "t", types, &error), 0);
		assert_int_equal(graph_run(g, &settings, &error), -EINVAL);
		assert_string_equal(error.text,
				    "t:1: module 'c' (a blind) failed: cannot wait for "
				    "descriptors: Invalid argument");
		graph_free(g);
	}
}

/* A process that there is no memory for is not begun for ever. */
static void beginnings_are_counted(void **state)
{
	static const struct port_rule none[] = {{.kind = PORT_NONE}};
	static const struct module_type vast = {.name = "vast",
						.ports = none,
						.state_bytes = UINT64_MAX / 2,
						.restarts = true,
						.init = nothing_init};
	static const struct module_type *const types[] = {&vast, NULL};
	static const char *const texts[] = {"module c vast", "module c vast restart=2"};
	const struct graph_settings settings = {.placement = GRAPH_PROCESSES};
	struct graph_error error;
	struct graph *g;

	(void)state;
	if (SANITIZED) {
		print_message("# want of memory is a sanitizer's in this build\n");
		return;
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(graph_read_text(&g, texts[i], "t", types, &error), 0);
		assert_int_equal(graph_run(g, &settings, &error), -ENOMEM);
		assert_string_equal(error.text, "t:1: module 'c' (a vast) could not "
						"begin: Cannot allocate memory");
		graph_free(g);
	}
}

static void stop_when_ready(void *program)
{
	(void)program;
	kill(getpid(), SIGTERM);
}

/* It is not called again and cannot be ended: the program is. */
static void thread_stays(const char *what, const char *text)
{
	const struct graph_settings settings = {.placement = GRAPH_THREADS,
						.stopping_ms = 3000,
						.signals = true,
						.ready = stop_when_ready};
	struct graph_error error;
	int how;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run_lurker(what, &settings, &error) == -ETIME &&
				      strstr(error.text, text)
			      ? 42
			      : 1);
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_int_equal(WEXITSTATUS(how), 42);
}

static void threads_do_not_return(void **state)
{
	(void)state;
	thread_stays("on=hang budget=20", "within its budget of 20 ms");
	thread_stays("on=done-stay",
		     ":1: module 'c' (a lurker) is done, and does not return");
}

/* SIGTERM reaches modules as CHANNEL_STOP; one that stays is named. */

static void signals_stop(void **state)
{
	struct graph_settings settings = {.signals = true, .ready = stop_when_ready};
	struct graph_error error;

	(void)state;
	for (int i = GRAPH_ONE; i <= GRAPH_PROCESSES; i++) {
		settings.placement = (enum graph_placement)i;
		settings.stopping_ms = 0;
		assert_int_equal(run_lurker("", &settings, &error), 0);
		settings.stopping_ms = 1000;
		assert_int_equal(run_lurker("on=stay", &settings, &error), -ETIME);
		assert_non_null(strstr(error.text,
				       ":1: module 'c' (a lurker) was told to "
				       "stop, and is not done in time"));
	}
	assert_int_equal(run_lurker("on=done-stay", &settings, &error), -ETIME);
	assert_non_null(strstr(error.text, "'c' (a lurker) was told to stop, and"));
}

/* It put a message, and died before it told of that, or before it woke whom it told:
 * the next life does. */
static void a_put_is_told(void **state)
{
	static const char *const deaths[] = {"put-once", "signal-once"};
	static const char wiring[] = "module a lurker restart=1 on=%s\n"
				     "module c sink most=1\n"
				     "region result 4K\n"
				     "grant result c.result write\n"
				     "ring x a.out c.in slots=64\n";
	struct result result;
	char text[256];

	(void)state;
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof text, wiring, deaths[i]);
		graph_free(graph_done(text, GRAPH_PROCESSES, &result));
		assert_int_equal(result.count[0], 1);
	}
}

/* A module has mapped what it is granted, as it is; and no way to more. */
static void nothing_else_is_mapped(void **state)
{
	static const char text[] = "module a lurker\n"
				   "module b lurker on=search\n"
				   "module c lurker on=search\n"
				   "region memory 8K\n"
				   "grant memory a.memory write\n"
				   "grant memory c.memory read\n";
	const struct graph_settings settings = {.placement = GRAPH_PROCESSES,
						.signals = true,
						.ready = stop_when_ready};
	struct graph_error error;
	struct graph *g;

	(void)state;
	assert_int_equal(graph_text(&g, text, &error), 0);
	if (graph_run(g, &settings, &error) < 0)
		fail_msg("%s", error.text);
	graph_free(g);
}

static int told;

static void on_restart(void *program, const char *text)
{
	(void)program;
	told += strstr(text, ":1: module 'c' (a lurker) was killed by SIGABRT") != NULL;
}

static void restarts_are_counted(void **state)
{
	struct graph_settings settings = {.placement = GRAPH_PROCESSES,
					  .signals = true,
					  .ready = stop_when_ready,
					  .restarts = on_restart};
	struct graph_error error;

	(void)state;
	assert_int_equal(run_lurker("on=abort-once restart=1", &settings, &error), 0);
	/* what a busy machine holds up that long is begun again, too */
	assert_int_equal(
		run_lurker("on=hang-once restart=1000 budget=20", &settings, &error),
		0);
	settings.signals = false;
	settings.ready = NULL;
	assert_int_equal(run_lurker("on=abort restart=2", &settings, &error), -ECHILD);
	assert_non_null(strstr(error.text, "was killed by SIGABRT"));
	assert_int_equal(told, 3);
}

/* A module dies in the middle, thrice; what it had not taken is there in its next life.
 */
static void nothing_is_lost(void **state)
{
	static const char text[] = "module a source messages=3000\n"
				   "module b mortal restart=3\n"
				   "module c sink\n"
				   "region result 4K\n"
				   "grant result c.result write\n"
				   "ring x a.out b.in slots=64\n"
				   "ring y b.out c.in slots=64\n";
	struct result result;
	struct graph *g = graph_done(text, GRAPH_PROCESSES, &result);

	(void)state;
	assert_int_equal(result.count[0], 3000);
	assert_int_equal(result.disorder, 0);
	assert_int_equal(atomic_load(&graph_counts(g, "b")->lives), 4);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crashes_are_told),
		cmocka_unit_test(crashes_are_told_also_then),
		cmocka_unit_test(waits_that_fail_are_told),
		cmocka_unit_test(beginnings_are_counted),
		cmocka_unit_test(threads_do_not_return),
		cmocka_unit_test(signals_stop),
		cmocka_unit_test(restarts_are_counted),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(a_put_is_told),
		cmocka_unit_test(nothing_else_is_mapped),
	};

	alarm(600); /* whoever does not return, does not for ever */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
