/* SPDX-License-Identifier: BSD-2-Clause */
/* call.c - the calls' names. */
#include "config.h"

#include "call.h"

#include <string.h>

static const char *const names[VK_OPS] = {
	[VK_OP_NOW] = "now",
	[VK_OP_WORK] = "work",
	[VK_OP_SLEEP] = "sleep",
	[VK_OP_WAIT_EVENT] = "wait_event",
	[VK_OP_POLL_EVENT] = "poll_event",
	[VK_OP_LOOK_EVENT] = "look_event",
	[VK_OP_ANSWER] = "answer",
	[VK_OP_STAGE] = "stage",
	[VK_OP_OPEN] = "open",
	[VK_OP_CLOSE] = "close",
	[VK_OP_READ] = "read",
	[VK_OP_NB_READ] = "nb_read",
	[VK_OP_WRITE] = "write",
	[VK_OP_SEM_CREATE] = "sem_create",
	[VK_OP_SEM_FIND] = "sem_find",
	[VK_OP_SEM_WAIT] = "sem_wait",
	[VK_OP_NB_SEM_WAIT] = "nb_sem_wait",
	[VK_OP_SEM_SIGNAL] = "sem_signal",
	[VK_OP_PORT_CREATE] = "port_create",
	[VK_OP_PORT_FIND] = "port_find",
	[VK_OP_PORT_DELETE] = "port_delete",
	[VK_OP_SEND] = "send",
	[VK_OP_RECEIVE] = "receive",
	[VK_OP_NB_RECEIVE] = "nb_receive",
	[VK_OP_THREAD] = "thread",
	[VK_OP_PROCESS] = "process",
	[VK_OP_JOIN] = "join",
	[VK_OP_DETACH] = "detach",
	[VK_OP_SELF] = "self",
	[VK_OP_YIELD] = "yield",
	[VK_OP_THREAD_EXIT] = "thread_exit",
	[VK_OP_EXIT] = "exit",
};

const char *call_name(int op)
{
	return op >= 0 && op < VK_OPS ? names[op] : "unknown";
}

int call_find(const char *name)
{
	for (int op = 0; op < VK_OPS; op++)
		if (!strcmp(names[op], name))
			return op;
	return -1;
}

int call_polls(int op)
{
	return op == VK_OP_POLL_EVENT || op == VK_OP_NB_READ ||
	       op == VK_OP_NB_SEM_WAIT || op == VK_OP_NB_RECEIVE;
}
