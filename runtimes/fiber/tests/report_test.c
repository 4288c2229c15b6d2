/* SPDX-License-Identifier: BSD-2-Clause */
/* report_test.c - what is told to people: who waits for what, a deadlock with its
 * cycle, a stack that was used to its end.  In child processes: most of it is their
 * last. */
#include "config.h"

#include "try.h"

#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NS_PER_S = 1000000000, FRAME = 256, WELL = 5 };

static void assert_said(const struct child *c, const char *what)
{
	if (!strstr(c->said, what))
		fprintf(stderr, "# %s: not in what was said:\n%s", what, c->said);
	assert_non_null(strstr(c->said, what));
}

static void assert_not_said(const struct child *c, const char *what)
{
	assert_null(strstr(c->said, what));
}

static void assert_ended_by(const struct child *c, int number)
{
	assert_true(WIFSIGNALED(c->status) && WTERMSIG(c->status) == number);
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
	fiber_sleep_ns(3600 * UINT64_C(1000000000));
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
			      fiber_now_ns() + 7200 * UINT64_C(1000000000));
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

static int all_kinds(void *arg)
{
	struct fiber_id sleeper = try_create("sleeper", hold_and_sleep, NULL);

	try_create("locker", want_mutex, NULL);
	try_create("waiter", want_cond, NULL);
	try_create(NULL, want_sem, NULL);
	try_create("reader", want_fd, NULL);
	try_create("joiner", want_fiber, &sleeper);
	try_create("caller", want_call, NULL);
	try_create("gone", want_nothing, NULL);
	while (in_state(FIBER_BLOCKED) < 7 || in_state(FIBER_ENDED) < 1)
		fiber_sleep_ns(1000000);
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
	assert_said(&c, "fiber: sleeper: sleeps, 3599");
	assert_said(&c, "fiber: locker: waits for mutex 0x");
	if (workers_of(state) == 1)
		assert_said(&c, " held by sleeper; stack: ");
	assert_said(&c, "fiber: waiter: waits for condition 0x");
	assert_said(&c, ", 7199");
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

__attribute__((noinline)) static int frames(int n)
{
	volatile char frame[FRAME];
	int below;

	memset((char *)frame, n, sizeof frame);
	below = n > 0 ? frames(n - 1) : 1;
	return frame[(unsigned)below % FRAME]; /* wanted after the call: no loop */
}

static void *use_some(void *arg)
{
	*(int *)arg = frames(64);
	fiber_sem_wait(&sem);
	return NULL;
}

static int water(void *arg)
{
	struct fiber_counters c;
	int n;

	try_create(NULL, use_some, &n);
	while (in_state(FIBER_BLOCKED) < 1)
		fiber_yield();
	fiber_counters(&c);
	expect(c.stack_high_water > 64 * FRAME, "all that was used");
	expect(c.stack_high_water < FIBER_STACK_DEFAULT, "and not much more");
	return arg != NULL;
}

static void water_test(void **state)
{
	try_run(workers_of(state), water);
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

/* --- overflow ----------------------------------------------------------------------
 */

static void *use_all(void *arg)
{
	return frames(1000) ? arg : NULL;
}

static int overflow(void *arg)
{
	fiber_join(try_create("deep", use_all, NULL), NULL);
	return arg != NULL;
}

static int overflow_run(void *arg)
{
	signal(SIGSEGV, SIG_DFL); /* cmocka's */
	return run_with(arg, NULL, overflow);
}

static void overflow_test(void **state)
{
	struct child c;

	child_run(&c, overflow_run, *state);
	assert_said(&c,
		    "fiber: stack overflow: fiber deep used all of its 65536 bytes\n");
	assert_ended_by(&c, SIGSEGV);
}

static void leave_well(int number)
{
	(void)number;
	_exit(WELL);
}

static int overflow_caught_run(void *arg)
{
	struct sigaction a = {.sa_handler = leave_well, .sa_flags = SA_ONSTACK};

	sigaction(SIGSEGV, &a, NULL);
	return run_with(arg, NULL, overflow);
}

static void overflow_caught_test(void **state)
{
	struct child c;

	child_run(&c, overflow_caught_run, *state);
	assert_said(&c, "fiber: stack overflow: fiber deep");
	assert_true(WIFEXITED(c.status) && WEXITSTATUS(c.status) == WELL);
}

__attribute__((no_sanitize("undefined"))) static int fault(void *arg)
{
	static char *volatile nowhere;

	*nowhere = 1;
	return arg != NULL;
}

static int fault_run(void *arg)
{
	signal(SIGSEGV, SIG_DFL);
	return run_with(arg, NULL, fault);
}

static int sent(void *arg)
{
	kill(getpid(), SIGSEGV);
	fiber_sleep_ns(NS_PER_S);
	return arg != NULL;
}

static int sent_run(void *arg)
{
	signal(SIGSEGV, SIG_DFL);
	return run_with(arg, NULL, sent);
}

static void no_overflow_test(void **state)
{
	struct child c;

	child_run(&c, fault_run, *state);
	assert_ended_by(&c, SIGSEGV);
	assert_not_said(&c, "fiber: stack overflow");
	child_run(&c, sent_run, *state);
	assert_ended_by(&c, SIGSEGV);
	assert_not_said(&c, "fiber: stack overflow");
}

__attribute__((no_sanitize("address"))) static void *write_below(void *arg)
{
	*(volatile uint64_t *)(void *)(fiber_current()->stack.low - 8) = 0;
	if (arg)
		fiber_sem_wait(&sem);
	return NULL;
}

/* As where the process may have no more mappings. */
static int canary(void *arg)
{
	const struct fiber_attr attr = {.stack_size = 96 << 10, .name = "miner"};
	struct fiber_id id;

	fiber_sem_init(&sem, 0);
	for (unsigned i = 0; i < fiber_runtime.worker_count; i++)
		fiber_runtime.workers[i].stacks.guard = STACK_GUARD_CANARY;
	expect(fiber_create(&id, &attr, write_below, arg) == 0, "made");
	fiber_join(id, NULL);
	return 0;
}

static int canary_blocks_run(void *arg)
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)arg};

	signal(SIGABRT, SIG_DFL);
	return fiber_run(&options, canary, "blocks");
}

static int canary_ends_run(void *arg)
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)arg};

	signal(SIGABRT, SIG_DFL);
	return fiber_run(&options, canary, NULL);
}

static void canary_test(void **state)
{
	struct child c;

	child_run(&c, canary_blocks_run, *state);
	assert_said(&c,
		    "fiber: stack overflow: fiber miner used all of its 98304 bytes");
	assert_ended_by(&c, SIGABRT);
	child_run(&c, canary_ends_run, *state);
	assert_said(&c,
		    "fiber: stack overflow: fiber miner used all of its 98304 bytes");
	assert_ended_by(&c, SIGABRT);
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"kinds", kinds_test, NULL, NULL, one},
		{"kinds, 2 workers", kinds_test, NULL, NULL, two},
		{"too many", most_test, NULL, NULL, one},
		{"high water", water_test, NULL, NULL, one},
		{"deadlock", deadlock_test, NULL, NULL, one},
		{"deadlock, 2 workers", deadlock_test, NULL, NULL, two},
		{"overflow", overflow_test, NULL, NULL, one},
		{"overflow, 2 workers", overflow_test, NULL, NULL, two},
		{"overflow, a handler before", overflow_caught_test, NULL, NULL, one},
		{"no overflow", no_overflow_test, NULL, NULL, one},
		{"canary", canary_test, NULL, NULL, one},
		{"canary, 2 workers", canary_test, NULL, NULL, two},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
