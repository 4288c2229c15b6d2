/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_test.c - a signal every millisecond, while fibers switch and wait: nothing is
 * lost, no call ends early, and the handler is on no fiber's stack. */
#include "config.h"

#include "try.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	SIGNALS = 30, /* that have come, at least */
	PERIOD_US = 1000,
	YIELDS = 100000,
	SLEEP_NS = 2000000
};

static _Atomic(unsigned) came, on_fibers_stack;
static _Atomic(bool) enough;
static int there[2], back[2];

static void count_signal(int number)
{
	stack_t now;

	(void)number;
	if (sigaltstack(NULL, &now) < 0 || !(now.ss_flags & SS_ONSTACK))
		atomic_fetch_add(&on_fibers_stack, 1);
	if (atomic_fetch_add(&came, 1) + 1 >= SIGNALS)
		atomic_store(&enough, true);
}

static void *yields(void *arg)
{
	unsigned *turns = arg;

	while (*turns < YIELDS || !atomic_load(&enough)) {
		fiber_yield();
		++*turns;
	}
	return NULL;
}

/* Each byte is the next number: none lost, none twice. */
static void *echoes(void *arg)
{
	unsigned char byte;

	while (fiber_read(there[0], &byte, 1) == 1)
		expect(fiber_write(back[1], &byte, 1) == 1, "written whole");
	return arg;
}

static void *asks(void *arg)
{
	unsigned char n = 0, byte;

	do {
		n++;
		expect(fiber_write(there[1], &n, 1) == 1, "written whole");
		expect(fiber_read(back[0], &byte, 1) == 1, "read whole");
		expect(byte == n, "what was written");
	} while (!atomic_load(&enough));
	fiber_close(there[1]);
	return arg;
}

static void *sleeps(void *arg)
{
	do {
		const uint64_t before_ns = fiber_now_ns();

		fiber_sleep_ns(SLEEP_NS);
		expect(fiber_now_ns() - before_ns >= SLEEP_NS, "slept to the end");
	} while (!atomic_load(&enough));
	return arg;
}

/* First with nothing to do but to wait: signals come while the worker sleeps. */
static int disturbed(void *arg)
{
	unsigned turns[2] = {0};
	struct fiber_id id[5];

	expect(fiber_join(try_create(NULL, sleeps, NULL), NULL) == 0, "joined");
	atomic_store(&came, 0);
	atomic_store(&enough, false);
	id[0] = try_create(NULL, yields, &turns[0]);
	id[1] = try_create(NULL, yields, &turns[1]);
	id[2] = try_create(NULL, echoes, NULL);
	id[3] = try_create(NULL, asks, NULL);
	id[4] = try_create(NULL, sleeps, NULL);
	for (int i = 0; i < 5; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(turns[0] >= YIELDS && turns[1] >= YIELDS, "all turns");
	return arg != NULL;
}

static void timer_set(suseconds_t period_us)
{
	const struct itimerval t = {{0, period_us}, {0, period_us}};

	assert_int_equal(setitimer(ITIMER_REAL, &t, NULL), 0);
}

static void disturb(unsigned workers, const char *wait)
{
	const struct sigaction a = {.sa_handler = count_signal, .sa_flags = SA_ONSTACK};
	const struct fiber_options options = {.workers = workers, .wait = wait};

	assert_int_equal(pipe2(there, O_NONBLOCK), 0);
	assert_int_equal(pipe2(back, O_NONBLOCK), 0);
	atomic_store(&came, 0);
	atomic_store(&on_fibers_stack, 0);
	atomic_store(&enough, false);
	assert_int_equal(sigaction(SIGALRM, &a, NULL), 0);
	timer_set(PERIOD_US);
	try_run_with(&options, disturbed);
	timer_set(0);
	close(there[0]);
	close(back[0]);
	close(back[1]);
}

/* Before fiber_run and after it the handler is where it always was. */
static void signal_test(void **state)
{
	disturb(workers_of(state), "epoll");
	disturb(workers_of(state), "relinquish");
}

static int handler_is_aside(void *arg)
{
	atomic_store(&on_fibers_stack, 0);
	for (int i = 0; i < 10; i++)
		expect(raise(SIGALRM) == 0, "sent");
	expect(atomic_load(&on_fibers_stack) == 0, "the handler has its own stack");
	return arg != NULL;
}

static void stack_test(void **state)
{
	const struct sigaction a = {.sa_handler = count_signal, .sa_flags = SA_ONSTACK};

	assert_int_equal(sigaction(SIGALRM, &a, NULL), 0);
	try_run(workers_of(state), handler_is_aside);
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"signals", signal_test, NULL, NULL, one},
		{"signals, 2 workers", signal_test, NULL, NULL, two},
		{"their stack", stack_test, NULL, NULL, one},
		{"their stack, 2 workers", stack_test, NULL, NULL, two},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
