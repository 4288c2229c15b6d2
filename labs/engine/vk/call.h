/* SPDX-License-Identifier: BSD-2-Clause */
/* call.h - how a subject's library and the virtual kernel in the judge's process speak:
 * a call one way; the other way, which thread goes on and with what result. */
#ifndef VK_CALL_H
#define VK_CALL_H

#include "vk.h"
#include "wire.h"

enum vk_op {
	VK_OP_NOW,
	VK_OP_WORK,
	VK_OP_SLEEP,
	VK_OP_WAIT_EVENT,
	VK_OP_POLL_EVENT,
	VK_OP_LOOK_EVENT,
	VK_OP_ANSWER,
	VK_OP_STAGE,
	VK_OP_OPEN,
	VK_OP_CLOSE,
	VK_OP_READ,
	VK_OP_NB_READ,
	VK_OP_WRITE,
	VK_OP_SEM_CREATE,
	VK_OP_SEM_FIND,
	VK_OP_SEM_WAIT,
	VK_OP_NB_SEM_WAIT,
	VK_OP_SEM_SIGNAL,
	VK_OP_PORT_CREATE,
	VK_OP_PORT_FIND,
	VK_OP_PORT_DELETE,
	VK_OP_SEND,
	VK_OP_RECEIVE,
	VK_OP_NB_RECEIVE,
	VK_OP_THREAD,
	VK_OP_PROCESS,
	VK_OP_JOIN,
	VK_OP_DETACH,
	VK_OP_SELF,
	VK_OP_YIELD,
	VK_OP_THREAD_EXIT,
	VK_OP_EXIT, /* of the process: its first function has returned */
	VK_OPS,
};

struct vk_call {
	int32_t op;
	int32_t thread; /* who calls, from 1 */
	int32_t object; /* descriptor, semaphore, port, thread, event, place */
	uint32_t ticks; /* or what else is a number without a sign */
	uint64_t value;
	uint64_t where; /* in the program: the return address, less its start */
	uint32_t size;  /* of what is in data, or what there is room for */
	uint32_t depth; /* bytes of the stack in use */
	char data[VK_DATA_MAX];
};

struct vk_turn {
	int32_t thread; /* who goes on: its own call is what this answers */
	int32_t over;   /* nobody goes on any more */
	int64_t result; /* >= 0 or -errno */
	uint64_t value;
	uint32_t size;
	uint32_t unused;
	char data[VK_DATA_MAX];
};

/* What both see. */
struct vk_page {
	struct wire_turn whose;
	struct vk_call call;
	struct vk_turn turn;
};

/* The name in scenarios and logs: the function's, without vk_. */
const char *call_name(int op);
/* -1 if there is none. */
int call_find(const char *name);
/* Would another call in its place have waited? */
int call_polls(int op);

#endif
