/* SPDX-License-Identifier: BSD-2-Clause */
/* report_test.c - what is told to people: who waits for what, a deadlock with its
 * cycle.  In child processes, whose standard error is read. */
#include "config.h"

#include "try.h"

#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SLEEP_S = 3600, WAIT_S = 7200, WELL = 5 };

/* That is the line, and most of so many seconds still to come: a child has few. */
static void assert_left(const struct child *c, const char *line, unsigned asked_s)
{
	const char *at = strstr(c->said, line);
	unsigned long left_ms = 0;

	assert_said(c, line);
	assert_int_equal(sscanf(at, "%*[^,\n], %lu ms more; stack: ", &left_ms), 1);
	assert_in_range(left_ms, (asked_s - CHILD_MOST_S) * 1000UL, asked_s * 1000UL);
}

static int run_with(void *workers, const char *load, int (*body)(void *arg))
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)workers,
					      .load = load};

	return fiber_run(&options, body, NULL);
}

/* --- what each waits for -----------------------------------------------------------
 */

static struct fiber_mutex mutex, other;
static struct fiber_cond cond;
static struct fiber_sem sem;
static int ends[2];

static void *hold_and_sleep(void *arg)
{
	fiber_mutex_lock(&mutex);
	fiber_sleep_ns(SLEEP_S * UINT64_C(1000000000));
	return arg;
}

static void *want_mutex(void *arg)
{
	fiber_mutex_lock(&mutex);
	return arg;
}

static void *want_cond(void *arg)
{
	fiber_mutex_lock(&other);
	fiber_cond_wait_until(&cond, &other,
			      fiber_now_ns() + WAIT_S * UINT64_C(1000000000));
	return arg;
}

static void *want_sem(void *arg)
{
	fiber_sem_wait(&sem);
	return arg;
}

static void *want_fd(void *arg)
{
	fiber_wait_fd(ends[0], POLLIN, FIBER_FOREVER);
	return arg;
}

static void *want_fiber(void *arg)
{
	fiber_join(*(struct fiber_id *)arg, NULL);
	return NULL;
}

static int call(void *arg)
{
	return (int)read(ends[0], arg, 1);
}

static void *want_call(void *arg)
{
	char byte;

	fiber_call(call, &byte);
	return arg;
}

static void *want_nothing(void *arg)
{
	return arg;
}

static unsigned in_state(enum fiber_state state)
{
	unsigned n = 0;

	for (struct fiber *f = atomic_load(&fiber_runtime.all); f; f = f->all_next)
		n += atomic_load(&f->state) == state;
	return n;
}

static void sleep_until(unsigned blocked, unsigned ended)
{
	while (in_state(FIBER_BLOCKED) < blocked || in_state(FIBER_ENDED) < ended)
		fiber_sleep_ns(1000000);
}

/* A second worker may run whoever is ready before the report comes to it. */
static int all_kinds(void *arg)
{
	struct fiber_id sleeper = try_create("sleeper", hold_and_sleep, NULL);

	sleep_until(1, 0); /* it has the mutex: the locker might be quicker elsewhere */
	try_create("locker", want_mutex, NULL);
	try_create("waiter", want_cond, NULL);
	try_create(NULL, want_sem, NULL);
	try_create("reader", want_fd, NULL);
	try_create("joiner", want_fiber, &sleeper);
	try_create("caller", want_call, NULL);
	try_create("gone", want_nothing, NULL);
	sleep_until(7, 1);
	if (!several_workers())
		try_create("newcomer", want_nothing, NULL);
	fiber_report();
	expect(write(ends[1], "x", 1) == 1, "for the caller, who else never ends");
	return arg != NULL;
}

static int all_kinds_run(void *arg)
{
	return pipe(ends) < 0 ? 1 : run_with(arg, "helpers", all_kinds);
}

static void kinds_test(void **state)
{
	struct child c;

	child_run(&c, all_kinds_run, *state);
	assert_int_equal(c.status, 0);
	assert_said(&c, "fiber: main: running; stack: ");
	assert_left(&c, "fiber: sleeper: sleeps, ", SLEEP_S);
	assert_said(&c, "fiber: locker: waits for mutex 0x");
	if (workers_of(state) == 1)
		assert_said(&c, " held by sleeper; stack: ");
	assert_left(&c, "fiber: waiter: waits for condition 0x", WAIT_S);
	assert_said(&c, "fiber: #");
	assert_said(&c, ": waits for semaphore 0x");
	assert_said(&c, "fiber: reader: waits for descriptor ");
	assert_said(&c, " to be readable; stack: ");
	assert_said(&c, "fiber: joiner: joins sleeper; ");
	assert_said(&c, "fiber: caller: waits for call 0x");
	if (workers_of(state) == 1)
		assert_said(&c, "fiber: newcomer: ready; ");
	assert_said(&c, " live, 1 ended that nobody joined\n");
	assert_not_said(&c, "cycle");
}

static int too_many(void *arg)
{
	for (int i = 0; i < 100; i++)
		try_create("one of many", want_sem, NULL);
	fiber_report();
	return arg != NULL;
}

static int too_many_run(void *arg)
{
	return run_with(arg, NULL, too_many);
}

static void most_test(void **state)
{
	struct child c;

	child_run(&c, too_many_run, *state);
	assert_int_equal(c.status, 0);
	assert_said(&c, "fiber: and 51 more\nfiber: 101 live, 0 ended");
}

/* --- deadlock ----------------------------------------------------------------------
 */

static _Atomic(unsigned) holders;

static void *lock_two(void *arg)
{
	struct fiber_mutex **two = arg;

	fiber_mutex_lock(two[0]);
	atomic_fetch_add(&holders, 1);
	while (atomic_load(&holders) < 2)
		fiber_yield();
	fiber_mutex_lock(two[1]);
	return NULL;
}

static int embrace(void *arg)
{
	struct fiber_mutex *there[] = {&mutex, &other}, *back[] = {&other, &mutex};
	struct fiber_id one;

	one = try_create("Tristan", lock_two, there);
	try_create("Isolde", lock_two, back);
	fiber_join(one, NULL);
	return arg != NULL;
}

static int embrace_run(void *arg)
{
	return run_with(arg, NULL, embrace) == -EDEADLK ? WELL : 1;
}

static void deadlock_test(void **state)
{
	struct child c;

	child_run(&c, embrace_run, *state);
	assert_true(WIFEXITED(c.status) && WEXITSTATUS(c.status) == WELL);
	assert_said(&c, "fiber: deadlock: all fibers wait for each other\n");
	assert_said(&c, "fiber: main: joins Tristan; ");
	assert_said(&c, "fiber: cycle: Tristan waits for mutex 0x");
	assert_said(&c, "fiber: cycle: Isolde waits for mutex 0x");
	assert_said(&c, " held by Tristan\n");
	assert_said(&c, " held by Isolde\n");
	assert_not_said(&c, "fiber: cycle: main");
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"kinds", kinds_test, NULL, NULL, one},
		{"kinds, 2 workers", kinds_test, NULL, NULL, two},
		{"too many", most_test, NULL, NULL, one},
		{"deadlock", deadlock_test, NULL, NULL, one},
		{"deadlock, 2 workers", deadlock_test, NULL, NULL, two},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
