/* SPDX-License-Identifier: BSD-2-Clause */
/* calls_port.c - ports: queues of messages with a number that can be sent in one
 * (Jones, lecture 31, section 5). */
#include "config.h"

#include "kernel.h"

#include <errno.h>
#include <string.h>

static struct port *port_numbered(struct kernel *k, int number)
{
	for (int i = 0; i < KERNEL_PORTS_MAX; i++)
		if (number > 0 && k->port[i].number == number) {
			k->port[i].told = false;
			return &k->port[i];
		}
	return NULL;
}

static int port_id(const struct kernel *k, const struct port *port)
{
	return (int)(port - k->port);
}

static struct port *port_unused(struct kernel *k)
{
	for (int i = 0; i < KERNEL_PORTS_MAX; i++)
		if (!k->port[i].number)
			return &k->port[i];
	return NULL;
}

/* The scenario's ports have the first numbers; a client's are its own. */
void call_port_create(struct kernel *k, struct thread *t)
{
	struct port *port = port_unused(k);
	int number = t->call.object;

	while (t->call.object == VK_ANY && port_numbered(k, ++number))
		;
	if (number < 0 || number >= KERNEL_CLIENT_PORT) {
		kernel_done(k, t, -EINVAL);
	} else if (port_numbered(k, number)) {
		kernel_done(k, t, -EEXIST);
	} else if (!port) {
		kernel_done(k, t, -ENOSPC);
	} else {
		memset(port, 0, sizeof(*port));
		port->number = number;
		kernel_progress(k);
		kernel_done(k, t, number);
	}
}

void call_port_find(struct kernel *k, struct thread *t)
{
	for (int i = 0; i < KERNEL_PORTS_MAX; i++)
		if (k->port[i].number && *k->port[i].name &&
		    strlen(k->port[i].name) == t->call.size &&
		    !memcmp(k->port[i].name, t->call.data, t->call.size)) {
			kernel_done(k, t, k->port[i].number);
			return;
		}
	kernel_done(k, t, -ENOENT);
}

void call_port_delete(struct kernel *k, struct thread *t)
{
	struct port *port = port_numbered(k, t->call.object);
	struct thread *waiter;

	if (!port) {
		kernel_done(k, t, -EINVAL);
		return;
	}
	k->dead_letters += (unsigned)port->messages;
	while ((waiter = kernel_waiter(k, WAIT_PORT, port_id(k, port))))
		kernel_wake(k, waiter, -EINVAL);
	memset(port, 0, sizeof(*port));
	kernel_progress(k);
	kernel_done(k, t, 0);
}

/* --- messages ----------------------------------------------------------------------
 */

static int64_t take_message(struct thread *t, struct port *port)
{
	memcpy(t->turn.data, &port->message[0], sizeof(struct vk_message));
	t->turn.size = sizeof(struct vk_message);
	port->messages--;
	memmove(&port->message[0], &port->message[1],
		(size_t)port->messages * sizeof(struct vk_message));
	return 0;
}

int port_give(struct kernel *k, int number, const struct vk_message *message)
{
	struct port *port = port_numbered(k, number);
	int client = client_find(k, number);
	struct thread *t;

	if (client >= 0) {
		client_answer(k, client, message);
		return 0;
	}
	if (!port) {
		k->dead_letters++;
		kernel_say(k, "a message to port %d, which is not there", number);
		return -ECONNREFUSED;
	}
	if (port->messages == KERNEL_QUEUE_MAX)
		return -ENOBUFS;
	port->message[port->messages++] = *message;
	t = kernel_waiter(k, WAIT_PORT, port_id(k, port));
	if (t)
		kernel_wake(k, t, take_message(t, port));
	else
		notes_tell(k, VK_MESSAGE, port_id(k, port), false);
	return 0;
}

void call_send(struct kernel *k, struct thread *t)
{
	struct vk_message message;

	if (t->call.size != sizeof(message)) {
		kernel_done(k, t, -EINVAL);
		return;
	}
	memcpy(&message, t->call.data, sizeof(message));
	message.text[VK_TEXT_MAX - 1] = '\0';
	kernel_progress(k);
	kernel_done(k, t, port_give(k, t->call.object, &message));
}

void call_receive(struct kernel *k, struct thread *t)
{
	struct port *port = port_numbered(k, t->call.object);

	if (!port) {
		kernel_done(k, t, -EINVAL);
	} else if (port->messages == 0) {
		kernel_block(k, t, WAIT_PORT, port_id(k, port));
	} else {
		kernel_progress(k);
		kernel_done(k, t, take_message(t, port));
	}
}

void call_nb_receive(struct kernel *k, struct thread *t)
{
	struct port *port = port_numbered(k, t->call.object);

	if (!port) {
		kernel_done(k, t, -EINVAL);
	} else if (port->messages == 0) {
		notes_want(k, t->process, VK_MESSAGE, port_id(k, port));
		kernel_done(k, t, -EWOULDBLOCK);
	} else {
		kernel_progress(k);
		kernel_done(k, t, take_message(t, port));
	}
}
