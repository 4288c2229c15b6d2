/* SPDX-License-Identifier: BSD-2-Clause */
/* netin_client.c - waiting for a connection, reading of it, closing it.  No buffer, no
 * reading: it stands in line for one, and is not watched meanwhile. */
#include "config.h"

#include "netin_client.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void listener_watch(struct netin *n, bool on)
{
	int err = 0;

	if (n->closed || n->listening == on)
		return;
	n->listening = on;
	if (on)
		err = module_watch(n->module, n->server->listener, EPOLLIN, NULL);
	else
		module_unwatch(n->module, n->server->listener);
	if (err < 0)
		module_fail(n->module, err, "the listener cannot be watched");
}

void client_unwatch(struct netin *n, struct client *c)
{
	if (c->armed)
		module_unwatch(n->module, client_descriptor(n, c));
	c->armed = 0;
}

void client_close(struct netin *n, struct client *c)
{
	int fd = client_descriptor(n, c);

	timer_cancel(&n->timers, &c->drained);
	client_unwatch(n, c);
	if (c->verdict == VERDICT_REFUSE) {
		shutdown(fd, SHUT_RDWR); /* netout may have it, too */
		server_refused(n->server, fd);
	} else {
		server_closed(n->server, fd);
	}
	*c = (struct client){.here = false};
	listener_watch(n, true);
}

/* In line for a buffer. */
static void client_thirsts(struct netin *n, struct client *c)
{
	client_unwatch(n, c);
	c->next = NULL;
	*n->last = c;
	n->last = &c->next;
	module_again(n->module, NETIN_EMPTY);
}

int client_watch(struct netin *n, struct client *c, uint32_t events)
{
	int err = 0;

	if (c->armed != events)
		err = module_watch(n->module, client_descriptor(n, c), events, c);
	c->armed = err == 0 ? events : 0;
	return err;
}

void client_await(struct netin *n, struct client *c, uint32_t events)
{
	c->error = client_watch(n, c, events);
	if (c->error < 0)
		client_thirsts(n, c);
}

static bool spare_take(struct netin *n)
{
	if (!n->has_spare)
		n->has_spare = port_get(n->module, NETIN_EMPTY, &n->spare, 1) == 1;
	return n->has_spare;
}

/* It is http's from now on. */
static void client_tell(struct netin *n, struct client *c, uint32_t length, int word)
{
	n->spare.length = length;
	n->spare.tag = tag_of((uint32_t)client_descriptor(n, c), word);
	c->here = n->has_spare = false;
	port_put(n->module, NETIN_FILLED, &n->spare, 1);
}

static void client_read(struct netin *n, struct client *c)
{
	uint64_t size;
	char *input = port_memory(n->module, NETIN_INPUT, &size);
	ssize_t got =
		read(client_descriptor(n, c), input + n->spare.offset, INPUT_BYTES);

	if (got >= 0)
		client_tell(n, c, (uint32_t)got, NEWS_INPUT);
	else if (errno == EAGAIN || errno == EINTR)
		client_await(n, c, EPOLLIN);
	else
		client_tell(n, c, 0, -errno);
}

void client_ready(struct netin *n, struct client *c)
{
	if (!spare_take(n))
		client_thirsts(n, c);
	else if (c->error)
		client_tell(n, c, 0, c->error);
	else if (c->verdict == VERDICT_WRITABLE)
		client_tell(n, c, 0, NEWS_WRITABLE);
	else
		client_read(n, c);
}

void client_next(struct netin *n)
{
	struct client *c = n->thirsty;

	if (!c || !spare_take(n))
		return;
	n->thirsty = c->next;
	if (!n->thirsty)
		n->last = &n->thirsty;
	client_ready(n, c);
	module_again(n->module, NETIN_EMPTY);
}

void client_drain(struct netin *n, struct client *c)
{
	char bytes[4096];
	ssize_t got = read(client_descriptor(n, c), bytes, sizeof bytes);

	if (got > 0)
		counter_add(n->server->counters, COUNTER_BYTES_IN, (uint64_t)got);
	else if (got == 0)
		client_close(n, c);
	else if (errno != EAGAIN && errno != EINTR) {
		counter_add(n->server->counters, COUNTER_RESETS, 1);
		client_close(n, c);
	}
}
