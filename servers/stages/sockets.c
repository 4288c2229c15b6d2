/* SPDX-License-Identifier: BSD-2-Clause */
/* sockets.c - listen, read, write: one read or write of every socket that is ready,
 * then the connection is another stage's. */
#include "config.h"

#include "sockets.h"
#include "timekeeper.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { ACCEPTS = 16 };

struct poller listening, reading, writing;
static struct server *server;
static struct stage_event listener;         /* it is ready */
static _Atomic bool accepting = true, full; /* full: the listener is not watched */

static void listener_watch(bool again)
{
	MUST(poller_watch(&listening, server->listener, EPOLLIN, &listener, again));
}

/* As long as the server is full, nobody watches the listener; whoever then closes a
 * connection does so again.  Full is set before looking again, lest the last one to
 * close was just too early to see it. */
static void listener_pause(void)
{
	server_deferred(server);
	full = true;
	if (!server_full(server) && atomic_exchange(&full, false))
		listener_watch(true);
}

void connection_close(struct connection *c)
{
	if (c->drop_ns)
		timekeeper_cancel(c);
	machine_free(&c->machine);
	server_closed(server, c->fd); /* leaves the pollers with it, epoll(7) */
	free(c);
	if (atomic_exchange(&full, false))
		listener_watch(true); /* there is room for one more */
}

void connection_await(struct connection *c)
{
	if (poller_watch(&reading, c->fd, EPOLLIN, &c->event, true) < 0)
		connection_close(c);
}

static void open_connection(int fd)
{
	struct connection *c = calloc(1, sizeof *c);

	if (c) {
		c->fd = fd;
		machine_init(&c->machine, &server->service);
		c->machine.by_steps = true;
	}
	if (!c || poller_watch(&reading, fd, EPOLLIN, &c->event, false) < 0) {
		free(c);
		server_refused(server, fd);
	}
}

/* New connections, some at a time; -> socket read. */
void socket_listen(struct stage_event **batch, unsigned n)
{
	int fd = 0;

	(void)batch;
	(void)n;
	for (int i = 0; i < ACCEPTS && fd >= 0; i++) {
		if (server_full(server) && !server_stopping())
			break;
		fd = server_accept(server, SOCK_NONBLOCK);
		if (fd >= 0)
			open_connection(fd);
	}
	if (fd == -ECANCELED)
		accepting = false;
	else if (server_full(server) && !server_stopping())
		listener_pause();
	else
		listener_watch(true);
}

/* One read each; -> HttpParse.  Who has sent nothing waits in the poller again. */
void socket_read(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct connection *c = connection_of(batch[i]);
		bool may_read = true;

		if (c->drop_ns && timer_now() >= c->drop_ns)
			machine_got(&c->machine, 0); /* drained long enough */
		machine_drive(&c->machine, c->fd, &may_read);
		connection_pass(c);
	}
}

static bool blocked(const struct machine *m)
{
	return machine_due(m) == STEP_NONE && machine_wants(m) == WANT_WRITE;
}

/* Write until done or it would block; -> HttpParse, with what came in meanwhile, or
 * socket read. */
void socket_write(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct connection *c = connection_of(batch[i]);
		bool may_read = false, again = c->watched_out;

		machine_drive(&c->machine, c->fd, &may_read);
		if (c->machine.lingering)
			timekeeper_linger(c);
		if (!blocked(&c->machine)) {
			connection_pass(c);
			continue;
		}
		c->watched_out = true;
		if (poller_watch(&writing, c->fd, EPOLLOUT, &c->event, again) < 0)
			connection_close(c);
	}
}

bool sockets_accepting(void)
{
	return accepting;
}

int sockets_open(struct server *s)
{
	int err = poller_open(&listening);

	server = s;
	if (err == 0)
		err = poller_open(&reading);
	return err == 0 ? poller_open(&writing) : err;
}

void sockets_accept(void)
{
	MUST(fcntl(server->listener, F_SETFL, O_NONBLOCK));
	listener_watch(false);
}

void sockets_close(void)
{
	poller_close(&listening);
	poller_close(&reading);
	poller_close(&writing);
}
