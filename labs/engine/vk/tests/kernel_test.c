/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel_test.c - the virtual kernel by itself: the clock, the processors, threads,
 * processes, and how a run ends. */
#include "config.h"

#include "labs/engine/vk/tests/kernel_calls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void clock_test(void **state)
{
	begin("cost work 2\ncost now 0");
	call(VK_OP_SELF, 0);
	call(VK_OP_NOW, 0);
	assert_int_equal(turn.value, 1);
	call_with(VK_OP_WORK, 0, 40, 7, NULL);
	assert_int_equal(turn.value, kernel_work(scenario, 7, 40));
	call(VK_OP_NOW, 0);
	assert_int_equal(turn.value, 43);
	assert_int_equal(fact("work", ""), 40);
	call(VK_OP_EXIT, 0);
	assert_int_equal(turn.over, 1);
	assert_int_equal(kernel->outcome, OUTCOME_ENDED);
	(void)state;
}

static void sleep_test(void **state)
{
	begin("cost all 0");
	call(VK_OP_THREAD, 0);
	call_with(VK_OP_SLEEP, 0, 70, 0, NULL);
	assert_int_equal(turn.thread, 2);
	call_with(VK_OP_WORK, 0, 30, 0, NULL);
	assert_int_equal(kernel->now, 30);
	call_with(VK_OP_THREAD_EXIT, 0, 0, 0, NULL);
	assert_int_equal(turn.thread, 1);
	assert_int_equal(kernel->now, 70);
	assert_int_equal(fact("idle", ""), 40);
	(void)state;
}

/* What is due at the same tick comes in the order in which it was asked for. */
static void order_test(void **state)
{
	begin("cost all 0");
	call(VK_OP_THREAD, 0);
	call(VK_OP_THREAD, 0);
	for (int thread = 1; thread <= 3; thread++) {
		assert_int_equal(turn.thread, thread);
		call_with(VK_OP_SLEEP, 0, 10, 0, NULL);
	}
	for (int thread = 1; thread <= 3; thread++) {
		assert_int_equal(turn.thread, thread);
		assert_int_equal(kernel->now, 10);
		call(VK_OP_THREAD_EXIT, 0);
	}
	assert_int_equal(kernel->outcome, OUTCOME_ENDED);
	(void)state;
}

static void work_adds_up_test(void **state)
{
	begin("");
	assert_int_equal(kernel_work(scenario, kernel_work(scenario, 5, 3), 4),
			 kernel_work(scenario, 5, 7));
	assert_int_not_equal(kernel_work(scenario, 5, 6), kernel_work(scenario, 5, 7));
	(void)state;
}

/* Two threads on one processor work in turns of a quantum, on two at once. */
static uint64_t both_work(const char *text)
{
	begin(text);
	assert_int_equal(call(VK_OP_THREAD, 0), 2);
	call_with(VK_OP_WORK, 0, 50, 0, NULL);
	if (turn.thread == 2)
		call_with(VK_OP_WORK, 0, 50, 0, NULL);
	while (!turn.over)
		call(turn.thread == 1 ? VK_OP_EXIT : VK_OP_THREAD_EXIT, 0);
	return kernel->now;
}

static void processors_test(void **state)
{
	assert_int_equal(both_work("cpus 2\ncost all 0"), 50);
	kernel_test_end(state);
	assert_int_equal(both_work("cost all 0\nquantum 10"), 90);
}

static void quantum_test(void **state)
{
	begin("quantum 10\ncost all 0");
	call(VK_OP_THREAD, 0);
	call_with(VK_OP_WORK, 0, 25, 0, NULL);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(kernel->now, 10);
	call_with(VK_OP_WORK, 0, 4, 0, NULL);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(kernel->now, 14);
	call_with(VK_OP_WORK, 0, 100, 0, NULL);
	assert_int_equal(turn.thread, 1);
	assert_int_equal(kernel->now, 45);
	(void)state;
}

static void endings_test(void **state)
{
	begin("");
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	kernel_test_end(state);
	begin("server");
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_REST);
	kernel_test_end(state);
	begin("server\nevent job work 5");
	call(VK_OP_WAIT_EVENT, 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	kernel_test_end(state);
	begin("");
	while (!turn.over)
		call(VK_OP_POLL_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_BUSY);
	kernel_test_end(state);
	begin("event late at 5000\nlimit 4000");
	while (!turn.over)
		call(VK_OP_POLL_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_LIMIT);
	assert_int_equal(kernel->now, 4000);
}

/* Who has waited longest, not who has been there longest, is woken. */
static void waiters_test(void **state)
{
	begin("cpus 3\ncost all 0\nsemaphore s");
	call(VK_OP_THREAD, 0);
	call(VK_OP_THREAD, 0);
	call_with(VK_OP_WORK, 0, 50, 0, NULL);
	assert_int_equal(turn.thread, 2);
	call_with(VK_OP_WORK, 0, 10, 0, NULL);
	assert_int_equal(turn.thread, 3);
	call_with(VK_OP_WORK, 0, 5, 0, NULL);
	assert_int_equal(turn.thread, 3);
	call(VK_OP_SEM_WAIT, 0);
	assert_int_equal(turn.thread, 2);
	call(VK_OP_SEM_WAIT, 0);
	assert_int_equal(turn.thread, 1);
	call(VK_OP_SEM_SIGNAL, 0);
	call_with(VK_OP_WORK, 0, 1, 0, NULL);
	assert_int_equal(turn.thread, 3);
	assert_int_equal(fact("waiting", "sem_wait"), 1);
	assert_int_equal(fact("failed", "sem_wait"), 0);
	assert_int_equal(fact("failed", "sem_signal"), 0);
	(void)state;
}

/* Who never stops calling is stopped. */
static void calls_limit_test(void **state)
{
	unsigned calls = 0;

	begin("cost all 0");
	call(VK_OP_SEM_CREATE, 0);
	for (; !turn.over; calls++)
		call(VK_OP_SEM_SIGNAL, 0);
	assert_int_equal(kernel->outcome, OUTCOME_LIMIT);
	assert_int_equal(calls + 1, scenario->calls_max);
	(void)state;
}

/* Another thread that computes for long is no busy wait. */
static void busy_but_working_test(void **state)
{
	begin("cpus 2");
	call(VK_OP_THREAD, 0);
	if (turn.thread == 1)
		call(VK_OP_POLL_EVENT, 0);
	assert_int_equal(turn.thread, 2);
	call_with(VK_OP_WORK, 0, 3000, 0, NULL);
	while (turn.thread == 1 && !turn.over)
		call(VK_OP_POLL_EVENT, 0);
	assert_int_equal(turn.over, 0);
	assert_int_equal(turn.thread, 2);
	(void)state;
}

/* Many calls that each do something are no busy wait, though nothing is due. */
static void many_calls_test(void **state)
{
	enum { MANY = KERNEL_IDLE_CALLS_MAX + 100 };
	static const int ops[] = {VK_OP_SEM_SIGNAL,  VK_OP_SEM_WAIT, VK_OP_SEM_SIGNAL,
				  VK_OP_NB_SEM_WAIT, VK_OP_WORK,     VK_OP_WAIT_EVENT,
				  VK_OP_POLL_EVENT};

	begin("semaphore s\nevent e count 2200\ncost all 0");
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		for (int n = 0; n < MANY; n++)
			assert_int_equal(call(ops[i], 0), 0);
	for (int n = 1; n <= MANY; n++)
		assert_int_equal(call(VK_OP_ANSWER, n), 0);
	assert_int_equal(turn.over, 0);
	assert_int_equal(call(VK_OP_POLL_EVENT, 0), -EWOULDBLOCK);
	(void)state;
}

/* A join takes the result once; who is detached is nobody's to join. */
static void joins_test(void **state)
{
	begin("cost all 0");
	assert_int_equal(call(VK_OP_THREAD, 0), 2);
	call(VK_OP_JOIN, 2);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(call_with(VK_OP_THREAD_EXIT, 0, 0, 77, NULL), 0);
	assert_int_equal(turn.thread, 1);
	assert_int_equal(turn.value, 77);
	assert_int_equal(call(VK_OP_JOIN, 2), -ESRCH);
	assert_int_equal(call(VK_OP_THREAD, 0), 3);
	assert_int_equal(call(VK_OP_DETACH, 3), 0);
	assert_int_equal(call(VK_OP_JOIN, 3), -ESRCH);
	call(VK_OP_YIELD, 0);
	assert_int_equal(turn.thread, 3);
	call(VK_OP_THREAD_EXIT, 0);
	assert_int_equal(fact("unjoined", ""), 0);
	assert_int_equal(fact("threads", ""), 2);
	(void)state;
}

/* A child's descriptors stay when the parent's are closed; its threads end with it. */
static void inherited_test(void **state)
{
	begin("cost all 0\nfile f \"x\"\nfile g \"y\"");
	call_with(VK_OP_OPEN, 0, 0, 0, "f");
	assert_int_equal(call(VK_OP_PROCESS, 0), 2);
	call(VK_OP_CLOSE, 0);
	assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "g"), 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(call(VK_OP_READ, 0), 1);
	assert_int_equal(turn.data[0], 'x');
	assert_int_equal(call(VK_OP_THREAD, 0), 3);
	call(VK_OP_EXIT, 0);
	assert_int_equal(turn.thread, 1);
	assert_int_equal(fact("unjoined", ""), 1);
	(void)state;
}

/* There is room for so many, and no more. */
static void room_test(void **state)
{
	begin("cost all 0");
	for (int i = 1; i < KERNEL_PROCESSES_MAX; i++)
		assert_int_equal(call(VK_OP_PROCESS, 0), i + 1);
	assert_int_equal(call(VK_OP_PROCESS, 0), -EAGAIN);
	for (int i = KERNEL_PROCESSES_MAX; i < VK_THREADS_MAX; i++)
		assert_int_equal(call(VK_OP_THREAD, 0), i + 1);
	assert_int_equal(call(VK_OP_THREAD, 0), -EAGAIN);
	for (int i = 0; i < KERNEL_SEMS_MAX; i++)
		assert_int_equal(call(VK_OP_SEM_CREATE, 0), i);
	assert_int_equal(call(VK_OP_SEM_CREATE, 0), -ENOSPC);
	(void)state;
}

static void processes_test(void **state)
{
	begin("cost all 0\nfile f \"x\"");
	call_with(VK_OP_OPEN, 0, 0, 0, "f");
	assert_int_equal(call(VK_OP_PROCESS, 0), 2);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(call(VK_OP_JOIN, 1), -ESRCH);
	assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "f"), 1);
	assert_int_equal(fact("threads", ""), 2);
	call(VK_OP_CLOSE, 0);
	call_with(VK_OP_EXIT, 0, 0, 99, NULL);
	assert_int_equal(fact("unclosed", ""), 2);
	assert_int_equal(turn.thread, 1);
	assert_int_equal(event_got().kind, VK_ENDED);
	assert_int_equal(event_got().id, 2);
	assert_int_equal(fact("unjoined", ""), 1);
	assert_int_equal(call(VK_OP_JOIN, 2), 0);
	assert_int_equal(turn.value, 99);
	assert_int_equal(fact("unjoined", ""), 0);
	assert_int_equal(call(VK_OP_JOIN, 2), -ESRCH);
	assert_int_equal(call(VK_OP_CLOSE, 0), 0);
	assert_int_equal(fact("unclosed", ""), 1);
	assert_int_equal(call(VK_OP_POLL_EVENT, 0), -EWOULDBLOCK);
	assert_int_equal(fact("polls", ""), 1);
	(void)state;
}

static void nonsense_test(void **state)
{
	struct vk_call bad = {.op = VK_OP_NOW, .thread = 2},
		       was = {.op = VK_OPS, .thread = 1};

	begin("");
	assert_int_equal(kernel_call(kernel, &bad, &turn), -EPROTO);
	assert_int_equal(kernel_call(kernel, &was, &turn), -EPROTO);
	bad.thread = 1;
	bad.size = VK_DATA_MAX + 1;
	assert_int_equal(kernel_call(kernel, &bad, &turn), -EPROTO);
	for (int op = 0; op < VK_OPS && !turn.over; op++) {
		if (op == VK_OP_EXIT || op == VK_OP_THREAD_EXIT)
			continue;
		call_with(op, -5, 0, 0, NULL);
		kernel_test_end(state);
		begin("cost all 0\nevent e work 1");
		call_with(op, 1 << 30, UINT32_MAX, 0, NULL);
		kernel_test_end(state);
		begin("");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(clock_test, kernel_test_end),
		cmocka_unit_test_teardown(sleep_test, kernel_test_end),
		cmocka_unit_test_teardown(order_test, kernel_test_end),
		cmocka_unit_test_teardown(work_adds_up_test, kernel_test_end),
		cmocka_unit_test_teardown(processors_test, kernel_test_end),
		cmocka_unit_test_teardown(quantum_test, kernel_test_end),
		cmocka_unit_test_teardown(endings_test, kernel_test_end),
		cmocka_unit_test_teardown(waiters_test, kernel_test_end),
		cmocka_unit_test_teardown(calls_limit_test, kernel_test_end),
		cmocka_unit_test_teardown(busy_but_working_test, kernel_test_end),
		cmocka_unit_test_teardown(many_calls_test, kernel_test_end),
		cmocka_unit_test_teardown(joins_test, kernel_test_end),
		cmocka_unit_test_teardown(inherited_test, kernel_test_end),
		cmocka_unit_test_teardown(room_test, kernel_test_end),
		cmocka_unit_test_teardown(processes_test, kernel_test_end),
		cmocka_unit_test_teardown(nonsense_test, kernel_test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
