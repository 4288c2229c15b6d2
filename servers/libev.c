/* SPDX-License-Identifier: BSD-2-Clause */
/* libev.c - the loop of epoll.c, as a library has it: watchers and callbacks instead of
 * a loop of one's own.  The machine is the same, and so is what stops it: a load, a
 * spin. */
#include "config.h"

#include "machine.h"
#include "setup.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

static const struct about about = {
	.name = "libev",
	.family = "event",
	.style = "event",
	.summary = "one libev loop, readiness callbacks",
	.needs = "libev",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

enum { ACCEPTS = 16 };

/* A /fan: a timer a part, and a counter that goes down instead of a join. */
struct call {
	struct connection *connection;
	unsigned left;
	struct fan fan;
	ev_timer part[];
};

struct connection {
	ev_io io;
	ev_timer timer;
	struct call *call;
	struct machine machine;
};

static struct server server;
static ev_io listener;

static void advance(struct ev_loop *loop, struct connection *c);

static void call_end(struct ev_loop *loop, struct connection *c)
{
	for (unsigned i = 0; c->call && i < c->call->fan.n; i++)
		ev_timer_stop(loop, &c->call->part[i]);
	free(c->call);
	c->call = NULL;
}

static void on_part(struct ev_loop *loop, ev_timer *part, int events)
{
	struct call *call = part->data;
	struct connection *c = call->connection;
	int result = fan_part_result(&call->fan, (unsigned)(part - call->part));

	(void)events;
	if (--call->left > 0 && result == 0)
		return;
	call_end(loop, c);
	machine_done(&c->machine, result);
	advance(loop, c);
}

static void call_begin(struct ev_loop *loop, struct connection *c)
{
	const struct fan *f = machine_fan(&c->machine);
	struct call *call = c->call =
		calloc(1, sizeof *call + f->n * sizeof call->part[0]);

	if (!call) {
		machine_done(&c->machine, -ENOMEM);
		return;
	}
	call->connection = c;
	call->fan = *f;
	call->left = f->n;
	ev_now_update(loop); /* the loop's time is that of its last wake-up */
	for (unsigned i = 0; i < f->n; i++) {
		ev_timer_init(&call->part[i], on_part, (double)fan_part_ns(f, i) / 1e9,
			      0.);
		call->part[i].data = call;
		ev_timer_start(loop, &call->part[i]);
	}
}

static void close_connection(struct ev_loop *loop, struct connection *c)
{
	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->timer);
	call_end(loop, c);
	machine_free(&c->machine);
	server_closed(&server, c->io.fd);
	free(c);
	if (!server_stopping())
		ev_io_start(loop, &listener); /* there is room for one more */
}

static void watch(struct ev_loop *loop, struct connection *c, int events)
{
	if (ev_is_active(&c->io) && c->io.events == events)
		return;
	ev_io_stop(loop, &c->io);
	ev_io_modify(&c->io, events);
	if (events)
		ev_io_start(loop, &c->io);
}

/* Perform what takes time.  Returns false if its end comes with a timer. */
static bool perform(struct ev_loop *loop, struct connection *c, enum want want)
{
	if (want == WANT_LOAD || want == WANT_SPIN)
		machine_block(&c->machine);
	if (want == WANT_FAN)
		call_begin(loop, c);
	return want != WANT_WAIT && !c->call;
}

/* Let the machine run until it has to wait, and see to it that it is woken. */
static void advance(struct ev_loop *loop, struct connection *c)
{
	bool may_read = true;
	enum want want;
	double timeout_s;

	do
		want = machine_drive(&c->machine, c->io.fd, &may_read);
	while (machine_is_busy(&c->machine) && perform(loop, c, want));
	if (want == WANT_CLOSE) {
		close_connection(loop, c);
		return;
	}
	watch(loop, c,
	      machine_is_busy(&c->machine) ? 0
	      : want == WANT_WRITE         ? EV_WRITE
					   : EV_READ);
	timeout_s = (double)machine_timeout_ns(&c->machine) / 1e9;
	if (timeout_s > 0 && !ev_is_active(&c->timer)) {
		ev_now_update(loop); /* the loop's time is that of its last wake-up */
		ev_timer_set(&c->timer, timeout_s, 0.);
		ev_timer_start(loop, &c->timer);
	}
}

static void on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	(void)events;
	advance(loop, (struct connection *)io);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct connection *c = timer->data;

	(void)events;
	if (machine_wants(&c->machine) == WANT_WAIT) {
		machine_done(&c->machine, 0);
		advance(loop, c);
	} else {
		close_connection(loop, c); /* drained long enough */
	}
}

static void open_connection(struct ev_loop *loop, int fd)
{
	struct connection *c = calloc(1, sizeof *c);

	if (!c) {
		server_refused(&server, fd);
		return;
	}
	machine_init(&c->machine, &server.service);
	ev_timer_init(&c->timer, on_timer, 0., 0.);
	c->timer.data = c;
	ev_io_init(&c->io, on_ready, fd, EV_READ);
	ev_io_start(loop, &c->io);
}

static void on_listener(struct ev_loop *loop, ev_io *io, int events)
{
	int fd = 0;

	(void)events;
	for (int i = 0; i < ACCEPTS && fd >= 0 && !server_full(&server); i++) {
		fd = server_accept(&server, SOCK_NONBLOCK);
		if (fd >= 0)
			open_connection(loop, fd);
	}
	if (fd == -ECANCELED || server_full(&server))
		ev_io_stop(loop, io);
	if (fd != -ECANCELED && server_full(&server))
		server_deferred(&server);
}

int main(int argc, char **argv)
{
	struct ev_loop *loop;

	server_setup(&server, argc, argv, &about);
	loop = ev_loop_new(EVBACKEND_EPOLL);
	if (!loop)
		server_cannot("make a libev loop", errno);
	MUST(fcntl(server.listener, F_SETFL, O_NONBLOCK));
	ev_io_init(&listener, on_listener, server.listener, EV_READ);
	ev_set_priority(&listener, EV_MINPRI); /* live connections first */
	ev_io_start(loop, &listener);
	server_ready(&server);

	/* Ends when nothing is watched any more: stopped, and all connections closed.
	 */
	ev_run(loop, 0);
	ev_loop_destroy(loop);
	return server_finish(&server);
}
