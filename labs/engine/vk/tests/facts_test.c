/* SPDX-License-Identifier: BSD-2-Clause */
/* facts_test.c - a run in numbers: delays and answers of a source's events, and when
 * what was expected holds. */
#include "config.h"

#include "labs/engine/vk/tests/kernel_calls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Works on that event from now on, and answers it. */
static void answer(struct vk_event event, unsigned ticks)
{
	call_with(VK_OP_WORK, 0, ticks, event.value, NULL);
	assert_int_equal(call_with(VK_OP_ANSWER, event.id, 0, turn.value, NULL), 0);
}

/* One job waits while another is worked on; each source has numbers of its own. */
static void delays_test(void **state)
{
	struct vk_event job;

	begin("cost all 0\nevent tick at 7\nevent tick at 8\n"
	      "event job at 10 work 20 count 2\nevent late at 500");
	call_with(VK_OP_WORK, 0, 9, 0, NULL);
	for (int i = 0; i < 3; i++)
		call(VK_OP_WAIT_EVENT, 0);
	job = event_got();
	answer(job, 20);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(fact("latency", "tick"), 2);
	assert_int_equal(fact("latency", "job"), 20);
	assert_int_equal(fact("response", "job"), 20);
	answer(event_got(), 15);
	assert_int_equal(fact("latency", "job"), 20);
	assert_int_equal(fact("response", "job"), 35);
	assert_int_equal(fact("mean-response", "job"), (20 + 35) / 2);
	assert_int_equal(fact("answered", "job"), 1);
	assert_int_equal(fact("wrong", "job"), 1);
	assert_int_equal(fact("latency", "late"), 0);
	assert_int_equal(fact("response", "late"), 0);
	assert_int_equal(fact("mean-response", "late"), 0);
	(void)state;
}

/* What was not done by now counts as done now; the first is not the slowest. */
static void undone_test(void **state)
{
	begin("cost all 0\nevent tick at 0\nevent job at 10 work 20\n"
	      "event job at 0 work 20\nevent tick at 5");
	call(VK_OP_WAIT_EVENT, 0);
	call(VK_OP_WAIT_EVENT, 0);
	call_with(VK_OP_WORK, 0, 100, 0, NULL);
	assert_int_equal(kernel->now, 100);
	assert_int_equal(fact("latency", "job"), 90);
	assert_int_equal(fact("response", "job"), 100);
	assert_int_equal(fact("latency", "tick"), 95);
	assert_int_equal(fact("missed", "tick"), 1);
	assert_int_equal(fact("missed", "job"), 2);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(fact("missed", "tick"), 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(fact("latency", "job"), 90);
	answer(event_got(), 20);
	assert_int_equal(fact("missed", "job"), 1);
	(void)state;
}

/* Lost is what the program was told of and left; not what another took meanwhile, nor
 * what nobody asked for. */
static void lost_test(void **state)
{
	begin("semaphore door\nsemaphore other value 3\nsignal door at 10\n"
	      "take door at 10\ncost all 0");
	assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), -EWOULDBLOCK);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(event_got().kind, VK_SIGNALLED);
	assert_int_equal(fact("lost", ""), 0);
	call(VK_OP_SEM_SIGNAL, 0);
	assert_int_equal(fact("lost", ""), 0);
	(void)state;
}

static void hold_test(void **state)
{
	static const struct {
		const char *compare;
		bool less, equal, more;
	} table[] = {{"=", false, true, false},
		     {"<", true, false, false},
		     {"<=", true, true, false},
		     {">", false, false, true},
		     {">=", false, true, true}};
	struct expect e = {.number = 4};

	strcpy(e.fact, "polls");
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		strcpy(e.compare, table[i].compare);
		assert_int_equal(facts_hold(&e, 3), table[i].less);
		assert_int_equal(facts_hold(&e, 4), table[i].equal);
		assert_int_equal(facts_hold(&e, 5), table[i].more);
	}
	(void)state;
}

/* A run is good if it ends, or rests as a server, and all that is expected holds. */
static void good_test(void **state)
{
	begin("expect polls = 0\nexpect threads = 1");
	assert_false(facts_good(kernel));
	call(VK_OP_EXIT, 0);
	assert_true(facts_good(kernel));
	kernel_test_end(state);
	begin("expect polls = 0\nexpect threads = 2");
	call(VK_OP_EXIT, 0);
	assert_false(facts_good(kernel));
	kernel_test_end(state);
	begin("outcome hang");
	call(VK_OP_WAIT_EVENT, 0);
	assert_true(facts_good(kernel));
	kernel_test_end(state);
	begin("outcome ended\nserver");
	call(VK_OP_WAIT_EVENT, 0);
	assert_false(facts_good(kernel));
	kernel_test_end(state);
	begin("server");
	call(VK_OP_WAIT_EVENT, 0);
	assert_true(facts_good(kernel));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(delays_test, kernel_test_end),
		cmocka_unit_test_teardown(undone_test, kernel_test_end),
		cmocka_unit_test_teardown(lost_test, kernel_test_end),
		cmocka_unit_test_teardown(hold_test, kernel_test_end),
		cmocka_unit_test_teardown(good_test, kernel_test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
