/* SPDX-License-Identifier: BSD-2-Clause */
/* clients_test.c - the scenario's clients: what they do by their steps, and that none
 * counts as served who was not. */
#include "config.h"

#include "labs/engine/vk/tests/kernel_calls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Receives on that port: the text, and the tick by which it was there. */
static void receives(int port, const char *text, uint64_t now)
{
	assert_int_equal(call(VK_OP_RECEIVE, port), 0);
	assert_string_equal(message_got().text, text);
	assert_int_equal(kernel->now, now);
}

static void answer_test(void **state)
{
	begin("server\ncost all 0\nport other\nport open\nclient c at 5\n"
	      "\task open \"hi\"\n\twant \"yes\"\n\tthink 30\n"
	      "\ttell open \"thanks\"\nend");
	receives(2, "hi", 5);
	assert_int_equal(message_got().port, KERNEL_CLIENT_PORT);
	assert_int_equal(fact("sessions", ""), 0);
	assert_int_equal(call_message(KERNEL_CLIENT_PORT, 0, "yes"), 0);
	receives(2, "thanks", 35);
	assert_int_equal(fact("sessions", ""), 1);
	assert_true(said("c is done"));
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_REST);
	assert_int_equal(fact("dead-letters", ""), 0);
	(void)state;
}

static void wrong_answer_test(void **state)
{
	begin("server\ncost all 0\nport open\nclient c at 5\n\task open \"hi\"\n"
	      "\twant \"yes\"\nend");
	receives(1, "hi", 5);
	assert_int_equal(call_message(KERNEL_CLIENT_PORT, 0, "no"), 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	assert_int_equal(fact("sessions", ""), 0);
	assert_true(said("c gives up: that was not the answer it wants"));
	(void)state;
}

/* Who asks where there is no port goes away; so it wants no answer any more. */
static void no_port_test(void **state)
{
	begin("server\ncost all 0\nport open\nclient c at 5\n\task it \"hi\"\nend");
	call_with(VK_OP_WORK, 0, 10, 0, NULL);
	assert_int_equal(fact("dead-letters", ""), 1);
	assert_true(said("c gives up: nobody takes it"));
	assert_int_equal(call_message(KERNEL_CLIENT_PORT, 0, "yes"), 0);
	assert_int_equal(fact("dead-letters", ""), 2);
	assert_int_equal(fact("sessions", ""), 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	(void)state;
}

static void nobody_test(void **state)
{
	begin("cost all 0\nport open\nclient c at 5\n\tthink 1\nend");
	assert_int_equal(call_message(KERNEL_CLIENT_PORT + 1, 0, "hi"), -ECONNREFUSED);
	assert_int_equal(call_message(-1, 0, "hi"), -ECONNREFUSED);
	assert_int_equal(fact("dead-letters", ""), 2);
	assert_int_equal(call_message(KERNEL_CLIENT_PORT, 0, "hi"), 0);
	assert_int_equal(fact("dead-letters", ""), 3);
	(void)state;
}

/* The first two of three come to the meeting and wait; and none goes on twice. */
static void meeting_test(void **state)
{
	begin("cost all 0\nport open\nclient c count 3 at 5 every 10\n"
	      "\ttell open \"come\"\n\tmeet\n\ttell open \"go\"\nend\n"
	      "client d at 50\n\ttell open \"last\"\nend");
	receives(1, "come", 5);
	receives(1, "come", 15);
	assert_int_equal(call(VK_OP_NB_RECEIVE, 1), -EWOULDBLOCK);
	assert_int_equal(fact("sessions", ""), 0);
	receives(1, "come", 25);
	for (int i = 0; i < 3; i++)
		receives(1, "go", 25);
	assert_int_equal(fact("sessions", ""), 3);
	receives(1, "last", 50);
	assert_int_equal(fact("sessions", ""), 4);
	(void)state;
}

/* Who waits for an answer has not come to the meeting. */
static void absent_test(void **state)
{
	begin("server\ncost all 0\nport open\nclient c count 2 at 5\n"
	      "\task open \"hi\"\n\tmeet\nend");
	receives(1, "hi", 5);
	receives(1, "hi", 5);
	assert_int_equal(call_message(KERNEL_CLIENT_PORT, 0, "yes"), 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	assert_int_equal(fact("sessions", ""), 0);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(answer_test, kernel_test_end),
		cmocka_unit_test_teardown(wrong_answer_test, kernel_test_end),
		cmocka_unit_test_teardown(no_port_test, kernel_test_end),
		cmocka_unit_test_teardown(nobody_test, kernel_test_end),
		cmocka_unit_test_teardown(meeting_test, kernel_test_end),
		cmocka_unit_test_teardown(absent_test, kernel_test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
