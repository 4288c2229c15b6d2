/* SPDX-License-Identifier: BSD-2-Clause */
/* stack_guard_test.c - guards of stacks: they kill who touches them, and outlive the
 * stack's memory; a canary. */
#include "config.h"

#include "stack.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 64 << 10 };

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Other tests may hold all process numbers for a moment. */
static pid_t fork_patiently(void)
{
	pid_t child = fork();

	for (int tries = 0; child < 0 && errno == EAGAIN && tries < 1000; tries++) {
		usleep(10000);
		child = fork();
	}
	return child;
}

/* The signal that ends a child that writes there, or 0. */
static int touch_signal(volatile char *there)
{
	const pid_t child = fork_patiently();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		signal(SIGSEGV, SIG_DFL);
		*there = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void guard_check(enum stack_guard guard, size_t size)
{
	struct stack_pool pool;
	struct stack s;

	stack_pool_init(&pool, SIZE, 2);
	pool.guard = guard;
	assert_int_equal(stack_get(&pool, size, &s), 0);
	assert_int_equal(s.guard, guard);
	assert_int_equal(touch_signal(s.low), 0);
	assert_int_equal(touch_signal(s.low + size - 1), 0);
	assert_int_equal(touch_signal(s.low - 1), SIGSEGV);
	assert_int_equal(touch_signal(s.low - page_bytes()), SIGSEGV);
	assert_true(stack_guards(&s, s.low - 1));
	assert_true(stack_guards(&s, s.low - page_bytes()));
	assert_false(stack_guards(&s, s.low));
	assert_false(stack_guards(&s, s.low - page_bytes() - 1));
	stack_put(&pool, &s);
	stack_pool_free(&pool);
}

static void test_guard_advice(void **state)
{
	(void)state;
	if (stack_guard_best() != STACK_GUARD_ADVICE) {
		print_message("# no MADV_GUARD_INSTALL here: %s\n",
			      stack_guard_name(stack_guard_best()));
		return;
	}
	guard_check(STACK_GUARD_ADVICE, SIZE);
	guard_check(STACK_GUARD_ADVICE, 3 * SIZE);
}

static void test_guard_mprotect(void **state)
{
	(void)state;
	guard_check(STACK_GUARD_MPROTECT, SIZE);
	guard_check(STACK_GUARD_MPROTECT, 3 * SIZE);
}

/* A guard outlives that its stack's memory is given back. */
static void test_guard_stays(void **state)
{
	struct stack_pool pool;
	struct stack s, again;

	(void)state;
	stack_pool_init(&pool, SIZE, 0);
	assert_int_equal(stack_get(&pool, SIZE, &s), 0);
	memset(s.low, 1, s.size);
	stack_put(&pool, &s);
	assert_int_equal(stack_get(&pool, SIZE, &again), 0);
	assert_ptr_equal(again.low, s.low);
	assert_int_equal(again.low[0], 0);
	assert_int_equal(touch_signal(s.low - 1), SIGSEGV);
	stack_pool_free(&pool);
}

static void test_canary(void **state)
{
	struct stack_pool pool;
	unsigned char resident;
	struct stack s, odd;

	(void)state;
	stack_pool_init(&pool, SIZE, 0);
	pool.guard = STACK_GUARD_CANARY;
	for (int round = 0; round < 3; round++) {
		const size_t size = round < 2 ? SIZE : 2 * SIZE;

		assert_int_equal(stack_get(&pool, size, &s), 0);
		assert_int_equal(s.guard, STACK_GUARD_CANARY);
		memset(s.low, 1, s.size);
		assert_true(stack_is_whole(&s));
		s.low[-1]++;
		assert_false(stack_is_whole(&s));
		stack_put(&pool, &s);
	}
	assert_int_equal(stack_get(&pool, SIZE, &s), 0);
	stack_put(&pool, &s);
	assert_int_equal(stack_get(&pool, 2 * SIZE, &odd), 0);
	assert_int_equal(mincore(s.low - page_bytes(), 1, &resident), 0);
	assert_int_equal(resident & 1, 0); /* given back too */
	stack_put(&pool, &odd);
	stack_pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guard_advice),
		cmocka_unit_test(test_guard_mprotect),
		cmocka_unit_test(test_guard_stays),
		cmocka_unit_test(test_canary),
	};

	return cmocka_run_group_tests_name("guards of stacks", tests, NULL, NULL);
}
