/* SPDX-License-Identifier: BSD-2-Clause */
/* vk_calls.c - the subject's calls, each as the kernel wants it told. */
#include "config.h"

#include "subject.h"

#include <errno.h>
#include <string.h>

/* The same, with a name. */
static int do_name(int op, const char *name, const void *caller)
{
	struct vk_call call = {.op = op};
	size_t size = strlen(name);

	if (size >= VK_NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	call.size = (uint32_t)size;
	memcpy(call.data, name, size);
	return (int)subject_call(&call, caller);
}

/* The same, where a struct comes back. */
static int do_struct(struct vk_call *call, void *data, size_t size, const void *caller)
{
	int result = (int)subject_call(call, caller);

	if (result >= 0)
		memcpy(data, subject_turn()->data, size);
	return result;
}

static int do_object(int op, int object, const void *caller)
{
	struct vk_call call = {.op = op, .object = object};

	return (int)subject_call(&call, caller);
}

/* --- time, work, events ------------------------------------------------------------
 */

uint64_t vk_now(void)
{
	struct vk_call call = {.op = VK_OP_NOW};

	subject_call(&call, __builtin_return_address(0));
	return subject_turn()->value;
}

uint64_t vk_work(int place, uint64_t state, unsigned ticks)
{
	struct vk_call call = {
		.op = VK_OP_WORK, .object = place, .value = state, .ticks = ticks};

	subject_call(&call, __builtin_return_address(0));
	return subject_turn()->value;
}

void vk_sleep(unsigned ticks)
{
	struct vk_call call = {.op = VK_OP_SLEEP, .ticks = ticks};

	subject_call(&call, __builtin_return_address(0));
}

int vk_wait_event(struct vk_event *event)
{
	struct vk_call call = {.op = VK_OP_WAIT_EVENT};

	return do_struct(&call, event, sizeof(*event), __builtin_return_address(0));
}

int vk_poll_event(struct vk_event *event)
{
	struct vk_call call = {.op = VK_OP_POLL_EVENT};

	return do_struct(&call, event, sizeof(*event), __builtin_return_address(0));
}

int vk_look_event(int id, struct vk_event *event)
{
	struct vk_call call = {.op = VK_OP_LOOK_EVENT, .object = id};

	return do_struct(&call, event, sizeof(*event), __builtin_return_address(0));
}

int vk_answer(int id, uint64_t value)
{
	struct vk_call call = {.op = VK_OP_ANSWER, .object = id, .value = value};

	return (int)subject_call(&call, __builtin_return_address(0));
}

int vk_stage(int id, uint64_t *state)
{
	struct vk_call call = {.op = VK_OP_STAGE, .object = id, .value = *state};
	int place = (int)subject_call(&call, __builtin_return_address(0));

	if (place >= 0)
		*state = subject_turn()->value;
	return place;
}

/* --- files -------------------------------------------------------------------------
 */

int vk_open(const char *name)
{
	return do_name(VK_OP_OPEN, name, __builtin_return_address(0));
}

int vk_close(int fd)
{
	return do_object(VK_OP_CLOSE, fd, __builtin_return_address(0));
}

static ssize_t read_with(int op, int fd, void *data, size_t size, const void *caller)
{
	struct vk_call call = {.op = op, .object = fd};
	ssize_t n;

	call.size = (uint32_t)(size < VK_DATA_MAX ? size : VK_DATA_MAX);
	n = (ssize_t)subject_call(&call, caller);
	if (n > 0)
		memcpy(data, subject_turn()->data, (size_t)n);
	return n;
}

ssize_t vk_read(int fd, void *data, size_t size)
{
	return read_with(VK_OP_READ, fd, data, size, __builtin_return_address(0));
}

ssize_t vk_nb_read(int fd, void *data, size_t size)
{
	return read_with(VK_OP_NB_READ, fd, data, size, __builtin_return_address(0));
}

ssize_t vk_write(int fd, const void *data, size_t size)
{
	struct vk_call call = {.op = VK_OP_WRITE, .object = fd};

	call.size = (uint32_t)(size < VK_DATA_MAX ? size : VK_DATA_MAX);
	memcpy(call.data, data, call.size);
	return (ssize_t)subject_call(&call, __builtin_return_address(0));
}

/* --- semaphores and ports ----------------------------------------------------------
 */

int vk_sem_create(unsigned value)
{
	struct vk_call call = {.op = VK_OP_SEM_CREATE, .ticks = value};

	return (int)subject_call(&call, __builtin_return_address(0));
}

int vk_sem_find(const char *name)
{
	return do_name(VK_OP_SEM_FIND, name, __builtin_return_address(0));
}

int vk_sem_wait(int sem)
{
	return do_object(VK_OP_SEM_WAIT, sem, __builtin_return_address(0));
}

int vk_nb_sem_wait(int sem)
{
	return do_object(VK_OP_NB_SEM_WAIT, sem, __builtin_return_address(0));
}

int vk_sem_signal(int sem)
{
	return do_object(VK_OP_SEM_SIGNAL, sem, __builtin_return_address(0));
}

int vk_port_create(int number)
{
	return do_object(VK_OP_PORT_CREATE, number, __builtin_return_address(0));
}

int vk_port_find(const char *name)
{
	return do_name(VK_OP_PORT_FIND, name, __builtin_return_address(0));
}

int vk_port_delete(int port)
{
	return do_object(VK_OP_PORT_DELETE, port, __builtin_return_address(0));
}

int vk_send(int port, const struct vk_message *message)
{
	struct vk_call call = {.op = VK_OP_SEND, .object = port};

	call.size = sizeof(*message);
	memcpy(call.data, message, sizeof(*message));
	return (int)subject_call(&call, __builtin_return_address(0));
}

int vk_receive(int port, struct vk_message *message)
{
	struct vk_call call = {.op = VK_OP_RECEIVE, .object = port};

	return do_struct(&call, message, sizeof(*message), __builtin_return_address(0));
}

int vk_nb_receive(int port, struct vk_message *message)
{
	struct vk_call call = {.op = VK_OP_NB_RECEIVE, .object = port};

	return do_struct(&call, message, sizeof(*message), __builtin_return_address(0));
}

/* --- threads -----------------------------------------------------------------------
 */

int vk_join(int id, uint64_t *result)
{
	struct vk_call call = {.op = VK_OP_JOIN, .object = id};
	int status = (int)subject_call(&call, __builtin_return_address(0));

	if (status >= 0 && result)
		*result = subject_turn()->value;
	return status;
}

int vk_detach(int id)
{
	return do_object(VK_OP_DETACH, id, __builtin_return_address(0));
}

int vk_self(void)
{
	return do_object(VK_OP_SELF, 0, __builtin_return_address(0));
}

void vk_yield(void)
{
	do_object(VK_OP_YIELD, 0, __builtin_return_address(0));
}
