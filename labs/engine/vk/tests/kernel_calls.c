/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel_calls.c - what tests of the virtual kernel have in common. */
#include "config.h"

#include "labs/engine/vk/tests/kernel_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct scenario *scenario;
struct kernel *kernel;
struct vk_turn turn;

void begin(const char *text)
{
	scenario = calloc(1, sizeof(*scenario));
	assert_non_null(scenario);
	if (scenario_read(scenario, "test.vk", text, NULL) < 0)
		fail_msg("%s", scenario->error);
	kernel = kernel_new(scenario);
	assert_non_null(kernel);
	turn = (struct vk_turn){.thread = 1};
}

int kernel_test_end(void **state)
{
	kernel_delete(kernel);
	free(scenario);
	kernel = NULL;
	scenario = NULL;
	(void)state;
	return 0;
}

int64_t call_with(int op, int object, unsigned ticks, uint64_t value, const char *data)
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

int64_t call(int op, int object)
{
	return call_with(op, object, 0, 0, NULL);
}

int64_t call_message(int port, int told, const char *text)
{
	struct vk_call send = {.op = VK_OP_SEND, .thread = turn.thread, .object = port};
	struct vk_message message = {.port = told};

	strcpy(message.text, text);
	memcpy(send.data, &message, sizeof(message));
	send.size = sizeof(message);
	assert_int_equal(kernel_call(kernel, &send, &turn), 0);
	return turn.result;
}

long fact(const char *name, const char *of)
{
	struct expect e = {.line = 1};

	strcpy(e.fact, name);
	strcpy(e.of, of);
	return facts_tell(kernel, &e);
}

struct vk_event event_got(void)
{
	struct vk_event event;

	memcpy(&event, turn.data, sizeof(event));
	return event;
}

struct vk_message message_got(void)
{
	struct vk_message message;

	memcpy(&message, turn.data, sizeof(message));
	return message;
}

bool said(const char *text)
{
	for (int i = 0; i < kernel->entries; i++)
		if (!strcmp(kernel->entry[i].text, text))
			return true;
	return false;
}
