/* SPDX-License-Identifier: BSD-2-Clause */
/* ring_accept.c - how clients come to a ring.  It may accept more of them than asked
 * for, and fails before a client has come: both are seen to here. */
#include "config.h"

#include "ring.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static struct connection *connection_make(struct ring *r, int fd)
{
	struct connection *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->ring = r;
	c->fd = fd;
	c->input.connection = c->work.connection = c->timer.connection = c;
	machine_init(&c->machine, &r->server->service);
	return c;
}

static void connection_begin(struct connection *c)
{
	c->ring->connections++;
	ring_advance(c);
}

static struct connection *dequeue(struct ring *r)
{
	struct connection *c = r->first;

	r->first = c->next;
	if (!r->first)
		r->last = &r->first;
	return c;
}

/* Those without a place; they are not counted as connections yet. */
static unsigned drop_queue(struct ring *r)
{
	unsigned n = 0;

	for (; r->first; n++) {
		struct connection *c = dequeue(r);

		close(c->fd);
		free(c);
	}
	return n;
}

/* Accepted clients get the places there are.  Those of which an entry took too many
 * wait for theirs here, as if they stood in the backlog. */
static void admit(struct ring *r)
{
	while (r->first && !server_full(r->server)) {
		struct connection *c = dequeue(r);

		server_opened(r->server, c->fd);
		connection_begin(c);
	}
}

static void enqueue(struct ring *r, int fd)
{
	struct connection *c = connection_make(r, fd);

	if (!c) {
		server_refused(r->server, server_opened(r->server, fd));
		return;
	}
	*r->last = c;
	r->last = &c->next;
}

static void on_accepted(struct operation *o, int result, unsigned flags);
static void on_client(struct operation *o, int result, unsigned flags);

/* Out of descriptors an accept fails before a client has come, and would do so again at
 * once: after a failure wait for one, and leave it to server_accept. */
static void listen_begin(struct ring *r)
{
	struct io_uring_sqe *e = ring_entry(r);

	if (r->failed)
		io_uring_prep_poll_add(e, r->server->listener, POLLIN);
	else
		r->way->accept(e, r->server);
	ring_issue(e, &r->listener, r->failed ? on_client : on_accepted);
	r->failed = r->paused = false;
}

void ring_listen(struct ring *r)
{
	if (server_stopping())
		return;
	admit(r);
	if (server_full(r->server) || r->first) {
		if (!r->paused)
			server_deferred(r->server);
		if (!r->paused && r->listener.pending)
			ring_cancel(r, &r->listener);
		r->paused = true;
	} else if (!r->listener.pending) {
		listen_begin(r);
	}
}

static void on_client(struct operation *o, int result, unsigned flags)
{
	struct ring *r = (struct ring *)((char *)o - offsetof(struct ring, listener));
	int fd = result < 0 ? result : server_accept(r->server, 0);
	struct connection *c = fd < 0 ? NULL : connection_make(r, fd);

	(void)flags;
	if (c)
		connection_begin(c);
	else if (fd >= 0)
		server_refused(r->server, fd);
	ring_listen(r);
}

static void on_accepted(struct operation *o, int result, unsigned flags)
{
	struct ring *r = (struct ring *)((char *)o - offsetof(struct ring, listener));

	(void)flags;
	r->failed = result < 0 && result != -ECANCELED;
	if (result >= 0)
		enqueue(r, result);
	/* Those without a place leave what there is to those that have one. */
	if (result == -EMFILE || result == -ENFILE)
		counter_add(r->server->counters, COUNTER_CLOSED_NO_FD, drop_queue(r));
	ring_listen(r);
}

void ring_listen_end(struct ring *r)
{
	drop_queue(r);
}
