/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel_test.c - the virtual kernel by itself: calls in, turns out, and the clock. */
#include "config.h"

#include "facts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scenario *scenario;
static struct kernel *kernel;
static struct vk_turn turn;

static void begin(const char *text)
{
	scenario = calloc(1, sizeof(*scenario));
	assert_non_null(scenario);
	if (scenario_read(scenario, "test.vk", text, NULL) < 0)
		fail_msg("%s", scenario->error);
	kernel = kernel_new(scenario);
	assert_non_null(kernel);
	turn = (struct vk_turn){.thread = 1};
}

static int end(void **state)
{
	kernel_delete(kernel);
	free(scenario);
	kernel = NULL;
	scenario = NULL;
	(void)state;
	return 0;
}

/* What the thread whose turn it is calls.  The result is that of whoever goes on then.
 */
static int64_t call_with(int op, int object, unsigned ticks, uint64_t value,
			 const char *data)
{
	struct vk_call call = {.op = op, .thread = turn.thread, .object = object};

	call.ticks = ticks;
	call.value = value;
	call.size = data ? (uint32_t)strlen(data) : VK_DATA_MAX;
	if (data)
		memcpy(call.data, data, call.size);
	assert_int_equal(kernel_call(kernel, &call, &turn), 0);
	return turn.result;
}

static int64_t call(int op, int object)
{
	return call_with(op, object, 0, 0, NULL);
}

static long fact(const char *name, const char *of)
{
	struct expect e = {.line = 1};

	strcpy(e.fact, name);
	strcpy(e.of, of);
	return facts_tell(kernel, &e);
}

static struct vk_event event_got(void)
{
	struct vk_event event;

	memcpy(&event, turn.data, sizeof(event));
	return event;
}

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
	end(state);
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

/* One note for each call that failed, one unit for each note; and another process may
 * be faster. */
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

static void endings_test(void **state)
{
	begin("");
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	end(state);
	begin("server");
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_REST);
	end(state);
	begin("server\nevent job work 5");
	call(VK_OP_WAIT_EVENT, 0);
	call(VK_OP_WAIT_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_HANG);
	end(state);
	begin("");
	while (!turn.over)
		call(VK_OP_POLL_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_BUSY);
	end(state);
	begin("event late at 5000\nlimit 4000");
	while (!turn.over)
		call(VK_OP_POLL_EVENT, 0);
	assert_int_equal(kernel->outcome, OUTCOME_LIMIT);
	assert_int_equal(kernel->now, 4000);
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
	call_with(VK_OP_ANSWER, 1, 0, turn.value, NULL);
	assert_int_equal(fact("answered", "job"), 1);
	assert_int_equal(call_with(VK_OP_STAGE, 1, 0, 0, NULL), -EINVAL);
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

static int64_t call_message(int port)
{
	struct vk_call send = {.op = VK_OP_SEND, .thread = turn.thread, .object = port};

	send.size = sizeof(struct vk_message);
	assert_int_equal(kernel_call(kernel, &send, &turn), 0);
	return turn.result;
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
	assert_int_equal(call_message(9), -ECONNREFUSED);
	assert_int_equal(fact("dead-letters", ""), 2);
	assert_int_equal(call_message(2), 0);
	assert_int_equal(call(VK_OP_PORT_DELETE, 2), 0);
	assert_int_equal(fact("dead-letters", ""), 3);
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
		end(state);
		begin("cost all 0\nevent e work 1");
		call_with(op, 1 << 30, UINT32_MAX, 0, NULL);
		end(state);
		begin("");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(clock_test, end),
		cmocka_unit_test_teardown(sleep_test, end),
		cmocka_unit_test_teardown(work_adds_up_test, end),
		cmocka_unit_test_teardown(processors_test, end),
		cmocka_unit_test_teardown(quantum_test, end),
		cmocka_unit_test_teardown(device_test, end),
		cmocka_unit_test_teardown(stream_test, end),
		cmocka_unit_test_teardown(output_test, end),
		cmocka_unit_test_teardown(notes_test, end),
		cmocka_unit_test_teardown(semaphore_test, end),
		cmocka_unit_test_teardown(endings_test, end),
		cmocka_unit_test_teardown(busy_but_working_test, end),
		cmocka_unit_test_teardown(answers_test, end),
		cmocka_unit_test_teardown(stages_test, end),
		cmocka_unit_test_teardown(processes_test, end),
		cmocka_unit_test_teardown(ports_test, end),
		cmocka_unit_test_teardown(nonsense_test, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
