/* SPDX-License-Identifier: BSD-2-Clause */
/* objects_test.c - what threads of the virtual kernel wait for: devices, streams,
 * semaphores, ports, the scenario's events. */
#include "config.h"

#include "labs/engine/vk/tests/kernel_calls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void device_test(void **state)
{
	begin("file disk takes 30 \"abcdef\"\ncost all 0");
	assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "disk"), 0);
	assert_int_equal(call(VK_OP_NB_READ, 0), -EWOULDBLOCK);
	assert_int_equal(call(VK_OP_NB_READ, 0), -EWOULDBLOCK);
	assert_int_equal(kernel->now, 0);
	assert_int_equal(call(VK_OP_WAIT_EVENT, 0), 0);
	assert_int_equal(event_got().kind, VK_READABLE);
	assert_int_equal(event_got().id, 0);
	assert_int_equal(kernel->now, 30);
	assert_int_equal(fact("lost", ""), 1);
	assert_int_equal(call(VK_OP_NB_READ, 0), 6);
	assert_memory_equal(turn.data, "abcdef", 6);
	assert_int_equal(fact("lost", ""), 0);
	assert_int_equal(fact("polls", ""), 2);
	assert_int_equal(call(VK_OP_READ, 0), 0);
	assert_int_equal(kernel->now, 60);
	assert_int_equal(call(VK_OP_CLOSE, 0), 0);
	assert_int_equal(call(VK_OP_READ, 0), -EBADF);
	assert_int_equal(fact("bad-descriptors", ""), 1);
	(void)state;
}

static void stream_test(void **state)
{
	begin("stream in\narrive in at 20 \"one\"\nfinish in at 50\ncost all 0");
	call_with(VK_OP_OPEN, 0, 0, 0, "in");
	assert_int_equal(call(VK_OP_READ, 0), 3);
	assert_int_equal(kernel->now, 20);
	assert_int_equal(call(VK_OP_READ, 0), 0);
	assert_int_equal(turn.over, 0);
	assert_int_equal(kernel->now, 50);
	(void)state;
}

/* Bytes that threads write come when the device is done with each. */
static void output_test(void **state)
{
	begin("file log takes 10\nfail write 2 ENOSPC\ncost all 0\n"
	      "expect output log \"ac\"");
	call_with(VK_OP_OPEN, 0, 0, 0, "log");
	assert_int_equal(call_with(VK_OP_WRITE, 0, 0, 0, "a"), 1);
	assert_int_equal(call_with(VK_OP_WRITE, 0, 0, 0, "b"), -ENOSPC);
	assert_int_equal(kernel->now, 10);
	assert_int_equal(facts_tell(kernel, &scenario->expect[0]), 0);
	assert_int_equal(call_with(VK_OP_WRITE, 0, 0, 0, "c"), 1);
	assert_int_equal(facts_tell(kernel, &scenario->expect[0]), 1);
	assert_int_equal(fact("failed", "write"), 1);
	(void)state;
}

static void notes_test(void **state)
{
	begin("semaphore door\nsignal door at 10 count 2\nsignal door at 20\n"
	      "take door at 20\nsignal door at 30\ncost all 0");
	call(VK_OP_NB_SEM_WAIT, 0);
	call(VK_OP_NB_SEM_WAIT, 0);
	call(VK_OP_NB_SEM_WAIT, 0);
	for (int i = 0; i < 2; i++) {
		call(VK_OP_WAIT_EVENT, 0);
		assert_int_equal(event_got().kind, VK_SIGNALLED);
		assert_int_equal(kernel->now, 10);
		assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), 0);
	}
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->now, 20);
	assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), -EWOULDBLOCK);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->now, 30);
	assert_int_equal(fact("lost", ""), 1);
	assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), 0);
	assert_int_equal(fact("lost", ""), 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	(void)state;
}

/* One note for a descriptor, however often a read of it has failed: one for each
 * process that wants it. */
static void readable_test(void **state)
{
	begin("stream a\nstream b\narrive a at 10 \"x\"\narrive b at 10 \"y\"\n"
	      "cost all 0");
	call_with(VK_OP_OPEN, 0, 0, 0, "a");
	call_with(VK_OP_OPEN, 0, 0, 0, "b");
	for (int i = 0; i < 4; i++)
		assert_int_equal(call(VK_OP_NB_READ, i / 2), -EWOULDBLOCK);
	call(VK_OP_PROCESS, 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(call(VK_OP_NB_READ, 0), -EWOULDBLOCK);
	for (int id = 0; id < 2; id++) {
		call(VK_OP_WAIT_EVENT, 0);
		assert_int_equal(turn.thread, 1);
		assert_int_equal(event_got().kind, VK_READABLE);
		assert_int_equal(event_got().id, id);
	}
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(event_got().id, 0);
	assert_int_equal(call(VK_OP_NB_READ, 0), 1);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	assert_int_equal(fact("lost", ""), 1);
	(void)state;
}

/* A port's note has the port's number, and is lost if nobody receives. */
static void message_note_test(void **state)
{
	begin("port other\nport open\nclient c at 5\n\ttell open \"hi\"\nend\n"
	      "cost all 0");
	assert_int_equal(call(VK_OP_NB_RECEIVE, 2), -EWOULDBLOCK);
	assert_int_equal(call(VK_OP_WAIT_EVENT, 0), 0);
	assert_int_equal(turn.size, sizeof(struct vk_event));
	assert_int_equal(event_got().kind, VK_MESSAGE);
	assert_int_equal(event_got().id, 2);
	assert_int_equal(kernel->now, 5);
	assert_int_equal(fact("lost", ""), 1);
	assert_int_equal(call(VK_OP_NB_RECEIVE, 2), 0);
	assert_int_equal(fact("lost", ""), 0);
	(void)state;
}

/* What has been closed while a device fetches for it is not taken again before that is
 * done; so no number of them can be more than the kernel has room for. */
static void abandoned_test(void **state)
{
	begin("file disk takes 30 \"ab\"\nfile other takes 50 \"c\"\ncost all 0");
	for (int i = 0; i < KERNEL_OPENED_MAX; i++) {
		assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "disk"), 0);
		assert_int_equal(call(VK_OP_NB_READ, 0), -EWOULDBLOCK);
		assert_int_equal(call(VK_OP_CLOSE, 0), 0);
	}
	assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "other"), -ENFILE);
	call_with(VK_OP_WORK, 0, 30, 0, NULL);
	assert_int_equal(call(VK_OP_POLL_EVENT, 0), -EWOULDBLOCK);
	assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "other"), 0);
	assert_int_equal(call(VK_OP_NB_READ, 0), -EWOULDBLOCK);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->now, 80);
	assert_int_equal(call(VK_OP_NB_READ, 0), 1);
	(void)state;
}

/* Who asks ever again in vain, or never takes a note, is no harm to the judge. */
static void forgotten_test(void **state)
{
	begin("event later at 100\ncost all 0");
	call_with(VK_OP_SEM_CREATE, 0, 0, 0, NULL);
	for (int i = 0; i < KERNEL_INTERESTS_MAX + 5; i++)
		assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), -EWOULDBLOCK);
	for (int i = 0; i < KERNEL_NOTES_MAX + 5; i++) {
		assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), -EWOULDBLOCK);
		call(VK_OP_SEM_SIGNAL, 0);
		assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), 0);
	}
	assert_in_range(kernel->interests, 1, KERNEL_INTERESTS_MAX);
	assert_in_range(kernel->notes, 1, KERNEL_NOTES_MAX);
	assert_int_equal(call(VK_OP_POLL_EVENT, 0), 0);
	assert_int_equal(event_got().kind, VK_SIGNALLED);
	(void)state;
}

/* Another takes what there is, and waits for nothing. */
static void take_test(void **state)
{
	begin("semaphore door\ntake door at 5\nsignal door at 10\ncost all 0");
	assert_int_equal(call(VK_OP_SEM_WAIT, 0), 0);
	assert_int_equal(kernel->now, 10);
	assert_int_equal(call(VK_OP_NB_SEM_WAIT, 0), -EWOULDBLOCK);
	assert_true(said("another signals door"));
	assert_false(said("another takes door"));
	(void)state;
}

/* Who waits longest is woken first. */
static void semaphore_test(void **state)
{
	begin("cost all 0");
	assert_int_equal(call_with(VK_OP_SEM_CREATE, 0, 0, 0, NULL), 0);
	call(VK_OP_THREAD, 0);
	call(VK_OP_THREAD, 0);
	call(VK_OP_YIELD, 0);
	assert_int_equal(turn.thread, 2);
	call(VK_OP_SEM_WAIT, 0);
	assert_int_equal(turn.thread, 3);
	call(VK_OP_SEM_WAIT, 0);
	assert_int_equal(turn.thread, 1);
	call(VK_OP_SEM_SIGNAL, 0);
	call(VK_OP_SEM_SIGNAL, 0);
	call(VK_OP_YIELD, 0);
	assert_int_equal(turn.thread, 2);
	call(VK_OP_YIELD, 0);
	assert_int_equal(turn.thread, 3);
	call(VK_OP_SEM_WAIT, 0);
	assert_int_equal(fact("waiting", "sem_wait"), 1);
	(void)state;
}

/* Who waits at a port that is deleted is told; a queue that is full takes no more. */
static void queue_test(void **state)
{
	begin("port open\ncost all 0");
	for (int i = 0; i < KERNEL_QUEUE_MAX; i++)
		assert_int_equal(call_message(1, 0, "x"), 0);
	assert_int_equal(call_message(1, 0, "x"), -ENOBUFS);
	for (int i = 0; i < KERNEL_QUEUE_MAX; i++)
		assert_int_equal(call(VK_OP_RECEIVE, 1), 0);
	call(VK_OP_THREAD, 0);
	call(VK_OP_RECEIVE, 1);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(call(VK_OP_PORT_DELETE, 1), 0);
	assert_int_equal(turn.thread, 2);
	assert_int_equal(call(VK_OP_THREAD_EXIT, 0), -EINVAL);
	assert_int_equal(turn.thread, 1);
	(void)state;
}

/* Calls that can come to nothing but this. */
static void refused_test(void **state)
{
	static const struct {
		int op, object;
		const char *data;
		int64_t result;
	} calls[] = {
		{VK_OP_SEM_FIND, 0, "door", 1},
		{VK_OP_SEM_FIND, 0, "doo", -ENOENT},
		{VK_OP_SEM_WAIT, 2, NULL, -EINVAL},
		{VK_OP_SEM_WAIT, -1, NULL, -EINVAL},
		{VK_OP_NB_SEM_WAIT, 2, NULL, -EINVAL},
		{VK_OP_SEM_SIGNAL, 2, NULL, -EINVAL},
		{VK_OP_PORT_FIND, 0, "open", 1},
		{VK_OP_PORT_FIND, 0, "ope", -ENOENT},
		{VK_OP_PORT_CREATE, KERNEL_CLIENT_PORT, NULL, -EINVAL},
		{VK_OP_PORT_DELETE, 5, NULL, -EINVAL},
		{VK_OP_RECEIVE, 5, NULL, -EINVAL},
		{VK_OP_NB_RECEIVE, 5, NULL, -EINVAL},
		{VK_OP_SEND, 1, "short", -EINVAL},
		{VK_OP_OPEN, 0, "lin", -ENOENT},
		{VK_OP_OPEN, 0, "line", 0},
		{VK_OP_WRITE, 0, "x", -EINVAL},
		{VK_OP_WRITE, 1, "x", -EBADF},
		{VK_OP_NB_READ, 1, NULL, -EBADF},
		{VK_OP_CLOSE, 1, NULL, -EBADF},
		{VK_OP_JOIN, 1, NULL, -ESRCH},
		{VK_OP_JOIN, 2, NULL, -ESRCH},
		{VK_OP_DETACH, 1, NULL, -ESRCH},
		{VK_OP_ANSWER, 1, NULL, -EINVAL},
		{VK_OP_STAGE, 1, NULL, -EINVAL},
	};

	begin("semaphore first\nsemaphore door\nport open\nstream line\ncost all 0");
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		int64_t result =
			call_with(calls[i].op, calls[i].object, 0, 0, calls[i].data);

		if (turn.over || result != calls[i].result)
			fail_msg("call %zu: %lld", i, (long long)result);
	}
	for (int fd = 1; fd < VK_FILES_MAX; fd++)
		assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "line"), fd);
	assert_int_equal(call_with(VK_OP_OPEN, 0, 0, 0, "line"), -EMFILE);
	assert_int_equal(fact("bad-descriptors", ""), 3);
	(void)state;
}

static void answers_test(void **state)
{
	struct vk_event event;
	uint64_t value;

	begin("cost all 0\nevent job at 10 work 20 count 2");
	call(VK_OP_WAIT_EVENT, 0);
	event = event_got();
	assert_int_equal(event.due, 10);
	assert_int_equal(event.ticks, 20);
	assert_string_equal(event.source, "job");
	assert_int_equal(call_with(VK_OP_ANSWER, 2, 0, 0, NULL), -EINVAL);
	call_with(VK_OP_WORK, 0, 20, event.value, NULL);
	value = turn.value;
	assert_int_equal(call_with(VK_OP_ANSWER, event.id, 0, value, NULL), 0);
	assert_int_equal(call_with(VK_OP_ANSWER, event.id, 0, value, NULL), -EALREADY);
	call(VK_OP_WAIT_EVENT, 0);
	call_with(VK_OP_ANSWER, 2, 0, value, NULL);
	assert_int_equal(fact("answered", "job"), 1);
	assert_int_equal(fact("wrong", "job"), 1);
	assert_int_equal(fact("latency", "job"), 20);
	assert_int_equal(fact("response", "job"), 20);
	(void)state;
}

static void look_test(void **state)
{
	begin("cost all 0\nevent other at 5\nevent job at 10 work 20");
	assert_int_equal(call(VK_OP_LOOK_EVENT, 2), -EINVAL);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(call(VK_OP_LOOK_EVENT, 2), -EINVAL);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(call(VK_OP_LOOK_EVENT, 2), 0);
	assert_int_equal(turn.size, sizeof(struct vk_event));
	assert_int_equal(event_got().kind, VK_SOURCE);
	assert_int_equal(event_got().id, 2);
	assert_int_equal(event_got().place, 0);
	assert_int_equal(event_got().due, 10);
	assert_int_equal(event_got().ticks, 20);
	assert_string_equal(event_got().source, "job");
	assert_true(said("job (event 2) is due"));
	(void)state;
}

static void stages_test(void **state)
{
	struct vk_event event;

	begin("cost all 0\ncold 5\nevent job stages 1:10 2:20 2:30");
	call(VK_OP_WAIT_EVENT, 0);
	event = event_got();
	assert_int_equal(event.place, 1);
	assert_int_equal(event.ticks, 0);
	assert_int_equal(call_with(VK_OP_STAGE, 1, 0, event.value, NULL), 2);
	assert_int_equal(kernel->now, 15);
	assert_int_equal(call_with(VK_OP_STAGE, 1, 0, turn.value, NULL), 2);
	assert_int_equal(kernel->now, 40);
	assert_int_equal(call_with(VK_OP_STAGE, 1, 0, turn.value, NULL), 0);
	assert_int_equal(kernel->now, 70);
	assert_int_equal(fact("work", ""), 60);
	call_with(VK_OP_ANSWER, 1, 0, turn.value, NULL);
	assert_int_equal(fact("answered", "job"), 1);
	assert_int_equal(call_with(VK_OP_STAGE, 1, 0, 0, NULL), -EINVAL);
	(void)state;
}

static void ports_test(void **state)
{
	struct vk_message message = {.port = 0};

	begin("cost all 0\nport open\nclient c at 5\n\task open \"hi\"\n"
	      "\ttell it \"more\"\nend");
	assert_int_equal(call_with(VK_OP_PORT_FIND, 0, 0, 0, "open"), 1);
	assert_int_equal(call(VK_OP_NB_RECEIVE, 1), -EWOULDBLOCK);
	assert_int_equal(call(VK_OP_RECEIVE, 1), 0);
	assert_int_equal(kernel->now, 5);
	memcpy(&message, turn.data, sizeof(message));
	assert_string_equal(message.text, "hi");
	assert_int_equal(call(VK_OP_PORT_CREATE, 1), -EEXIST);
	assert_int_equal(call(VK_OP_PORT_CREATE, VK_ANY), 2);
	client_answer(kernel, 0, &(struct vk_message){.port = 2});
	assert_int_equal(call(VK_OP_RECEIVE, 2), 0);
	assert_memory_equal(turn.data + offsetof(struct vk_message, text), "more", 5);
	assert_int_equal(fact("sessions", ""), 1);
	assert_int_equal(fact("dead-letters", ""), 0);
	client_answer(kernel, 0, &message);
	assert_int_equal(fact("dead-letters", ""), 1);
	assert_int_equal(call_message(9, 0, ""), -ECONNREFUSED);
	assert_int_equal(fact("dead-letters", ""), 2);
	assert_int_equal(call_message(2, 0, ""), 0);
	assert_int_equal(call(VK_OP_PORT_DELETE, 2), 0);
	assert_int_equal(fact("dead-letters", ""), 3);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(device_test, kernel_test_end),
		cmocka_unit_test_teardown(stream_test, kernel_test_end),
		cmocka_unit_test_teardown(output_test, kernel_test_end),
		cmocka_unit_test_teardown(notes_test, kernel_test_end),
		cmocka_unit_test_teardown(readable_test, kernel_test_end),
		cmocka_unit_test_teardown(message_note_test, kernel_test_end),
		cmocka_unit_test_teardown(abandoned_test, kernel_test_end),
		cmocka_unit_test_teardown(forgotten_test, kernel_test_end),
		cmocka_unit_test_teardown(take_test, kernel_test_end),
		cmocka_unit_test_teardown(semaphore_test, kernel_test_end),
		cmocka_unit_test_teardown(queue_test, kernel_test_end),
		cmocka_unit_test_teardown(refused_test, kernel_test_end),
		cmocka_unit_test_teardown(answers_test, kernel_test_end),
		cmocka_unit_test_teardown(look_test, kernel_test_end),
		cmocka_unit_test_teardown(stages_test, kernel_test_end),
		cmocka_unit_test_teardown(ports_test, kernel_test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
