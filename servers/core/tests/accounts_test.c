/* SPDX-License-Identifier: BSD-2-Clause */
/* accounts_test.c - the total stays, whoever moves what meanwhile, and whoever dies. */
#include "config.h"

#include "accounts.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	TOTAL = ACCOUNTS * ACCOUNT_START,
	THREADS = 4,
	MOVES = 20000,
	FEW = 3,         /* accounts that all threads move between */
	STEPS = 1000000, /* more than a transfer has instructions */
	POINTS = 500     /* to be killed at, at most */
};

static struct counters *counters;

static struct accounts *accounts_new(enum accounts_policy policy)
{
	struct accounts *a;

	assert_int_equal(accounts_create(&a, policy, counters), 0);
	return a;
}

static void test_moves(void **state)
{
	(void)state;
	for (int policy = ACCOUNTS_FREE; policy <= ACCOUNTS_EACH; policy++) {
		struct accounts *a = accounts_new((enum accounts_policy)policy);

		assert_int_equal(accounts_total(a), TOTAL);
		assert_int_equal(accounts_transfer(a, 1, 2, ACCOUNT_START), 0);
		assert_int_equal(accounts_transfer(a, 1, 2, 1), -EDQUOT);
		assert_int_equal(accounts_transfer(a, 2, 1, 2 * ACCOUNT_START), 0);
		assert_int_equal(accounts_transfer(a, 1, 1, 2 * ACCOUNT_START), 0);
		assert_int_equal(accounts_transfer(a, 1, 1, 2 * ACCOUNT_START + 1),
				 -EDQUOT);
		assert_int_equal(accounts_transfer(a, ACCOUNTS - 1, 0, ACCOUNT_START),
				 0);
		assert_int_equal(accounts_total(a), TOTAL);
		accounts_destroy(a);
	}
}

static void *mover(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)&arg;

	for (int i = 0; i < MOVES; i++) {
		unsigned from = (unsigned)rand_r(&seed) % FEW;
		unsigned to = (unsigned)rand_r(&seed) % FEW;

		accounts_transfer(arg, from, to, (unsigned)rand_r(&seed) % 100);
	}
	return NULL;
}

/* Whoever looks sees the total, also between two transfers of others. */
static void test_threads(void **state)
{
	(void)state;
	for (int policy = ACCOUNTS_MONITOR; policy <= ACCOUNTS_EACH; policy++) {
		struct accounts *a = accounts_new((enum accounts_policy)policy);
		pthread_t thread[THREADS];

		for (int i = 0; i < THREADS; i++)
			pthread_create(&thread[i], NULL, mover, a);
		for (int i = 0; i < 100; i++)
			assert_int_equal(accounts_total(a), TOTAL);
		for (int i = 0; i < THREADS; i++)
			pthread_join(thread[i], NULL);
		assert_int_equal(accounts_total(a), TOTAL);
		accounts_destroy(a);
	}
}

static volatile bool *over; /* the traced transfer is; shared */

static void traced_transfer(struct accounts *a)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	accounts_transfer(a, 5, 7, 600);
	*over = true;
	_exit(0);
}

/* Kill a process after so many instructions of a transfer, or at its end.  Returns how
 * many it made. */
static int killed_after(struct accounts *a, int steps)
{
	pid_t child;
	int status, made = 0;

	*over = false;
	child = fork();
	if (child == 0)
		traced_transfer(a);
	assert_int_equal(waitpid(child, &status, 0), child);
	for (; made < steps && !*over; made++) {
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		waitpid(child, &status, 0);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return made;
}

/* Killed anywhere in a transfer, it was made or not, and the next one can be. */
static void test_killed(void **state)
{
	struct accounts *a = accounts_new(ACCOUNTS_MONITOR);
	int all, stride, made = 0, undone = 0;

	(void)state;
	over = mmap(NULL, sizeof *over, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(over != MAP_FAILED);
	all = killed_after(a, STEPS);
	assert_true(all < STEPS);
	stride = all / POINTS + 1; /* 1, but for a sanitizer's build */
	for (int steps = 0; steps < all; steps += stride) {
		/* As at the start. */
		accounts_destroy(a);
		a = accounts_new(ACCOUNTS_MONITOR);
		killed_after(a, steps);
		assert_int_equal(accounts_total(a), TOTAL);
		if (accounts_transfer(a, 7, 5, ACCOUNT_START + 600) == 0)
			made++;
		else
			undone++;
		assert_int_equal(accounts_total(a), TOTAL);
	}
	assert_true(made > 0);
	assert_true(undone > 20);
	accounts_destroy(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_killed),
	};

	counters = counters_map(NULL);
	return counters ? cmocka_run_group_tests(tests, NULL, NULL) : 99;
}
