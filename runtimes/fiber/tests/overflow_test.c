/* SPDX-License-Identifier: BSD-2-Clause */
/* overflow_test.c - how much of its stack a fiber used; and if it was all, that this is
 * told from other faults, by a guard or a canary: in child processes, as their last. */
#include "config.h"

#include "try.h"

#include "worker.h"

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

__attribute__((noinline)) static int frames(int n)
{
	volatile char frame[FRAME];
	int below;

	memset((char *)frame, n, sizeof frame);
	below = n > 0 ? frames(n - 1) : 1;
	return frame[(unsigned)below % FRAME]; /* wanted after the call: no loop */
}

static struct fiber_sem sem;

static int run_with(void *workers, int (*body)(void *arg))
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)workers};

	return fiber_run(&options, body, NULL);
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
	struct fiber *user;
	int n;

	user = try_create(NULL, use_some, &n).fiber;
	while (atomic_load(&user->state) != FIBER_BLOCKED)
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
	return run_with(arg, overflow);
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
	return run_with(arg, overflow);
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
	return run_with(arg, fault);
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
	return run_with(arg, sent);
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
	signal(SIGABRT, SIG_DFL);
	return run_with(arg, canary);
}

static void canary_is_told(void *workers, int (*body)(void *arg))
{
	struct child c;

	child_run(&c, body, workers);
	assert_said(&c,
		    "fiber: stack overflow: fiber miner used all of its 98304 bytes");
	assert_ended_by(&c, SIGABRT);
}

static void canary_test(void **state)
{
	canary_is_told(*state, canary_blocks_run);
	canary_is_told(*state, canary_ends_run);
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"high water", water_test, NULL, NULL, one},
		{"overflow", overflow_test, NULL, NULL, one},
		{"overflow, 2 workers", overflow_test, NULL, NULL, two},
		{"overflow, a handler before", overflow_caught_test, NULL, NULL, one},
		{"no overflow", no_overflow_test, NULL, NULL, one},
		{"canary", canary_test, NULL, NULL, one},
		{"canary, 2 workers", canary_test, NULL, NULL, two},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
