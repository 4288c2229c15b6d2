/* SPDX-License-Identifier: BSD-2-Clause */
/* fork_test.c - what the child of a fiber's fork(2) may do, and may not. */
#include "config.h"

#include "try.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WELL = 5, REFUSED = 126 };

static struct fiber_sem sem;

static void *wait_sem(void *arg)
{
	fiber_sem_wait(&sem);
	return arg;
}

static int never(void *arg)
{
	(void)arg;
	return 1;
}

static int child_status(void (*in_child)(void))
{
	const pid_t child = fork();
	int status = -1;

	if (child == 0) {
		in_child();
		_exit(1);
	}
	expect(child > 0 && waitpid(child, &status, 0) == child, "waited for");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void child_exits(void)
{
	_exit(WELL);
}

static void child_executes(void)
{
	execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
}

static void child_yields(void)
{
	fiber_yield();
}

static void child_sleeps(void)
{
	fiber_sleep_ns(1);
}

static void child_ends(void)
{
	fiber_exit(NULL);
}

static void child_runs(void)
{
	_exit(fiber_run(NULL, never, NULL) == -EBUSY ? WELL : 1);
}

static void *fork_it(void *arg)
{
	expect(child_status(child_exits) == WELL, "it may exit");
	expect(child_status(child_executes) == 7, "it may execute another program");
	expect(child_status(child_yields) == REFUSED, "it may not yield");
	expect(child_status(child_sleeps) == REFUSED, "nor block");
	expect(child_status(child_ends) == REFUSED, "nor end as a fiber");
	expect(child_status(child_runs) == WELL, "nor run a runtime of its own");
	return arg;
}

static int forks(void *arg)
{
	struct fiber_id beside, forker;

	fiber_sem_init(&sem, 0);
	beside = try_create(NULL, wait_sem, NULL);
	forker = try_create(NULL, fork_it, NULL);
	expect(fiber_join(forker, NULL) == 0, "the parent goes on");
	fiber_sem_post(&sem);
	expect(fiber_join(beside, NULL) == 0, "and whoever waited there");
	return arg ? 1 : WELL;
}

static int forks_run(void *arg)
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)arg};

	return fiber_run(&options, forks, NULL);
}

static void forks_test(void **state)
{
	static const char once[] =
		"fiber: the child of a fiber's fork(2) cannot switch: it "
		"may only exec or _exit\n";
	char thrice[3 * sizeof once];
	struct child c;

	/* cmocka's skip() prints "not ok", which Automake's driver takes for a failure
	 */
	if (is_thread_sanitized()) {
		print_message("# not with the thread sanitizer: after a fork it no "
			      "longer orders fibers by their switches\n");
		return;
	}
	snprintf(thrice, sizeof thrice, "%s%s%s", once, once, once);
	child_run(&c, forks_run, *state);
	assert_true(WIFEXITED(c.status) && WEXITSTATUS(c.status) == WELL);
	assert_string_equal(c.said, thrice);
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"fork", forks_test, NULL, NULL, one},
		{"fork, 2 workers", forks_test, NULL, NULL, two},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
