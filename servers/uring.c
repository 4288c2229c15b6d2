/* SPDX-License-Identifier: BSD-2-Clause */
/* uring.c - one io_uring(7): where libuv.c is told what has been done by a library that
 * polls, here the kernel itself does it, one operation a connection in its hands, and
 * one system call a turn tells it all of them (Axboe, Efficient IO with io_uring,
 * 2019).  Loads are reads of the ring and stop nobody (opening the file does); a spin
 * stops them all. */
#include "config.h"

#include "ring.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

static const struct about about = {
	.name = "uring",
	.family = "event",
	.style = "event",
	.summary = "one io_uring, an operation at a time for each connection",
	.needs = "liburing",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

static struct server server;

static void accept_one(struct io_uring_sqe *e, const struct server *s)
{
	io_uring_prep_accept(e, s->listener, NULL, NULL, SOCK_CLOEXEC);
}

static void on_received(struct operation *o, int result, unsigned flags)
{
	(void)flags;
	machine_got(&o->connection->machine, result == -EINTR ? -EAGAIN : result);
	ring_advance(o->connection);
}

/* Now there is something to receive, straight into the machine's own room. */
static void on_readable(struct operation *o, int result, unsigned flags)
{
	struct connection *c = o->connection;
	size_t len;
	char *room = machine_room(&c->machine, &len);
	struct io_uring_sqe *e;

	(void)result, (void)flags;
	if (!room) {
		machine_got(&c->machine, -ENOMEM);
		ring_advance(c);
		return;
	}
	e = ring_entry(c->ring);
	io_uring_prep_recv(e, c->fd, room, len, 0);
	ring_issue(e, &c->input, on_received);
}

/* A receive would hold its 16 KiB of room as long as the client is silent.  So first
 * wait for input as a readiness loop does; an idle connection has no room. */
static bool receive(struct connection *c)
{
	struct io_uring_sqe *e = ring_entry(c->ring);

	io_uring_prep_poll_add(e, c->fd, POLLIN);
	ring_issue(e, &c->input, on_readable);
	return false;
}

int main(int argc, char **argv)
{
	static const struct way way = {.accept = accept_one, .receive = receive};
	struct ring ring;

	server_setup(&server, argc, argv, &about);
	ring_setup(&ring, &server, &way);
	server_ready(&server);
	ring_run(&ring);
	return server_finish(&server);
}
