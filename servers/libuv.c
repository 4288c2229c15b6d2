/* SPDX-License-Identifier: BSD-2-Clause */
/* libuv.c - one libuv loop: where epoll.c and libev.c are told that they may read or
 * write, here the library does it and calls when it is done (completions, not
 * readiness).  Loads go to libuv's own pool of threads and stop nobody; a spin stops
 * them all. */
#include "config.h"

#include "machine.h"
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <uv.h>

static const struct about about = {
	.name = "libuv",
	.family = "event",
	.style = "event",
	.summary = "one libuv loop, completion callbacks, loads on its thread pool",
	.needs = "libuv",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_FREE,
};

enum { BACKLOG = 4096, POOL = 64, OWN_DESCRIPTORS = 24 };

/* A /fan: a timer a part, and a counter that goes down instead of a join.  It is freed
 * when the last of its timers is closed. */
struct call {
	struct connection *connection;
	unsigned left, handles;
	struct fan fan;
	uv_timer_t part[];
};

/* One thing at a time: a connection reads, or writes, or works, or waits. */
struct connection {
	uv_tcp_t tcp;
	uv_timer_t timer;
	struct call *call;
	union {
		uv_write_t write;
		uv_work_t work;
	} request;
	size_t writing; /* bytes of the write in flight */
	int loaded;     /* what the load came to */
	int handles;    /* not closed yet: tcp and timer */
	bool reading;
	struct machine machine;
};

static struct server server;
static uv_tcp_t listener;
static bool client_waits; /* libuv accepted a client there was no room for */

static void advance(struct connection *c);
static void on_connection(uv_stream_t *stream, int status);
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);
static void on_timer(uv_timer_t *timer);

static int descriptor(struct connection *c)
{
	uv_os_fd_t fd;

	return uv_fileno((uv_handle_t *)&c->tcp, &fd) < 0 ? -1 : fd;
}

static void on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;

	if (--c->handles == 0)
		free(c);
}

static void on_part_closed(uv_handle_t *handle)
{
	struct call *call = handle->data;

	if (--call->handles == 0)
		free(call);
}

static void call_end(struct connection *c)
{
	struct call *call = c->call;

	c->call = NULL;
	for (unsigned i = 0; call && i < call->fan.n; i++)
		uv_close((uv_handle_t *)&call->part[i], on_part_closed);
}

static void on_part(uv_timer_t *part)
{
	struct call *call = part->data;
	struct connection *c = call->connection;
	int result = fan_part_result(&call->fan, (unsigned)(part - call->part));

	if (--call->left > 0 && result == 0)
		return;
	call_end(c);
	machine_done(&c->machine, result);
	advance(c);
}

static uint64_t ms_of(uint64_t ns)
{
	return (ns + 999999) / 1000000;
}

static void call_begin(struct connection *c)
{
	const struct fan *f = machine_fan(&c->machine);
	struct call *call = calloc(1, sizeof *call + f->n * sizeof call->part[0]);

	if (!call) {
		machine_done(&c->machine, -ENOMEM);
		return;
	}
	*call = (struct call){c, f->n, f->n, *f};
	c->call = call;
	uv_update_time(listener.loop); /* it is that of the last wake-up */
	for (unsigned i = 0; i < f->n; i++) {
		uv_timer_init(listener.loop, &call->part[i]);
		call->part[i].data = call;
		uv_timer_start(&call->part[i], on_part, ms_of(fan_part_ns(f, i)), 0);
	}
}

static void close_connection(struct connection *c)
{
	call_end(c);
	machine_free(&c->machine);
	server_forget(&server, descriptor(c));
	uv_close((uv_handle_t *)&c->tcp, on_closed);
	uv_close((uv_handle_t *)&c->timer, on_closed);
	if (client_waits)
		on_connection((uv_stream_t *)&listener, 0);
}

static void on_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct connection *c = handle->data;
	size_t len = 0;
	char *room = machine_room(&c->machine, &len);

	(void)hint;
	*buf = uv_buf_init(room, (unsigned)len);
}

static void read_or_not(struct connection *c, bool reading)
{
	if (reading && !c->reading)
		uv_read_start((uv_stream_t *)&c->tcp, on_room, on_read);
	else if (!reading && c->reading)
		uv_read_stop((uv_stream_t *)&c->tcp);
	c->reading = reading;
}

/* A read that filled its room is followed by up to 31 more at once, and a client that
 * never stops sending would keep the others from their turn: it goes on with the loop's
 * next round, when a timer of no time at all is due. */
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *c = stream->data;
	bool filled = n == (ssize_t)buf->len;

	machine_got(&c->machine, n == 0 ? -EAGAIN : n == UV_EOF ? 0 : n);
	advance(c);
	if (filled && machine_wants(&c->machine) == WANT_READ &&
	    !machine_timeout_ns(&c->machine)) {
		read_or_not(c, false);
		uv_timer_start(&c->timer, on_timer, 0, 0);
	}
}

static void on_written(uv_write_t *request, int status)
{
	struct connection *c = request->handle->data;

	machine_sent(&c->machine, status < 0 ? status : (ssize_t)c->writing);
	advance(c);
}

/* Send what goes at once; hand the rest to libuv.  Returns false if it took it. */
static bool write_some(struct connection *c)
{
	uv_stream_t *stream = (uv_stream_t *)&c->tcp;
	struct iovec iov[EXCHANGE_PIECES];
	uv_buf_t buf[EXCHANGE_PIECES];
	int n = machine_output(&c->machine, iov), sent;

	c->writing = 0;
	for (int i = 0; i < n; i++) {
		buf[i] = uv_buf_init(iov[i].iov_base, (unsigned)iov[i].iov_len);
		c->writing += iov[i].iov_len;
	}
	sent = uv_try_write(stream, buf, (unsigned)n);
	if (sent == UV_EAGAIN)
		sent = uv_write(&c->request.write, stream, buf, (unsigned)n,
				on_written);
	if (sent == 0)
		return false;
	machine_sent(&c->machine, sent);
	return true;
}

static void on_pool(uv_work_t *work) /* on a thread of libuv's pool */
{
	struct connection *c = work->data;

	c->loaded = machine_load(&c->machine);
}

static void on_loaded(uv_work_t *work, int status)
{
	struct connection *c = work->data;

	machine_done(&c->machine, status < 0 ? -ENOMEM : c->loaded);
	advance(c);
}

static void on_timer(uv_timer_t *timer)
{
	struct connection *c = timer->data;

	if (machine_wants(&c->machine) == WANT_WAIT) {
		machine_done(&c->machine, 0);
		advance(c);
	} else if (machine_timeout_ns(&c->machine)) {
		close_connection(c); /* drained long enough */
	} else {
		read_or_not(c, true); /* its turn again */
	}
}

static void start_timer(struct connection *c)
{
	uint64_t ns = machine_timeout_ns(&c->machine);

	uv_update_time(c->timer.loop); /* it is that of the last wake-up */
	if (ns && !uv_is_active((uv_handle_t *)&c->timer))
		uv_timer_start(&c->timer, on_timer, ms_of(ns), 0);
}

/* Take one step.  Returns false when the next one comes with a callback. */
static bool step(struct connection *c)
{
	switch (machine_wants(&c->machine)) {
	case WANT_READ:
		read_or_not(c, true);
		if (machine_timeout_ns(&c->machine))
			start_timer(c);
		return false;
	case WANT_WRITE:
		return write_some(c);
	case WANT_LOAD:
		c->request.work.data = c;
		if (uv_queue_work(c->tcp.loop, &c->request.work, on_pool, on_loaded) <
		    0)
			machine_done(&c->machine, -ENOMEM);
		return machine_wants(&c->machine) != WANT_LOAD;
	case WANT_WAIT:
		start_timer(c);
		return false;
	case WANT_SPIN:
		machine_block(&c->machine);
		return true;
	case WANT_FAN:
		call_begin(c);
		return !c->call;
	case WANT_SHUT:
		shutdown(descriptor(c), SHUT_WR);
		machine_shut(&c->machine);
		return true;
	case WANT_CLOSE:
		close_connection(c);
		return false;
	}
	return false;
}

static void advance(struct connection *c)
{
	while (step(c))
		continue;
	if (!uv_is_closing((uv_handle_t *)&c->tcp))
		read_or_not(c, machine_wants(&c->machine) == WANT_READ);
}

static void open_connection(struct connection *c)
{
	uv_loop_t *loop = listener.loop;

	uv_tcp_init(loop, &c->tcp);
	uv_timer_init(loop, &c->timer);
	c->tcp.data = c->timer.data = c;
	c->handles = 2;
	machine_init(&c->machine, &server.service);
	uv_accept((uv_stream_t *)&listener, (uv_stream_t *)&c->tcp);
	server_opened(&server, descriptor(c));
	advance(c);
}

/* libuv has accepted a client, who is served even if the server stops just then.  As
 * long as it is not taken by uv_accept, no further one is accepted: the backlog
 * fills. */
static void on_connection(uv_stream_t *stream, int status)
{
	struct connection *c;

	client_waits = false;
	if (status < 0) {
		if (server_stopping() && !uv_is_closing((uv_handle_t *)stream))
			uv_close((uv_handle_t *)stream, NULL); /* shut down */
		return;
	}
	c = server_full(&server) ? NULL : calloc(1, sizeof *c);
	if (c) {
		open_connection(c);
	} else {
		client_waits = true;
		server_deferred(&server);
	}
}

static void hold(void *sem)
{
	uv_sem_wait(sem);
}

/* libuv makes its pool with the first work and aborts if it cannot; so first see
 * whether that many threads can be had at once. */
static void pool_setup(void)
{
	uv_thread_t thread[POOL];
	uv_sem_t sem;
	int made = 0, error = 0;

	MUST(uv_sem_init(&sem, 0));
	while (made < POOL && !error) {
		error = uv_thread_create(&thread[made], hold, &sem);
		made += !error;
	}
	for (int i = 0; i < made; i++)
		uv_sem_post(&sem);
	for (int i = 0; i < made; i++)
		uv_thread_join(&thread[i]);
	uv_sem_destroy(&sem);
	if (error)
		server_cannot("make the pool's threads", -error);
	MUST(setenv("UV_THREADPOOL_SIZE", "64", 1));
}

/* Out of descriptors libuv 1.44 accepts and closes clients without telling, and if even
 * its reserved one is gone it tries for ever.  So it never gets there: a connection has
 * two, one of them for a load. */
static void connections_limit(void)
{
	unsigned spare = server.descriptors > OWN_DESCRIPTORS + 2
				 ? server.descriptors - OWN_DESCRIPTORS
				 : 2;

	if (server.max_connections > spare / 2)
		server.max_connections = spare / 2;
}

int main(int argc, char **argv)
{
	uv_loop_t *loop;

	server_setup(&server, argc, argv, &about);
	pool_setup();
	connections_limit();
	loop = uv_default_loop();
	if (!loop)
		server_cannot("make a libuv loop", errno);
	MUST(uv_tcp_init(loop, &listener));
	MUST(uv_tcp_open(&listener, server.listener));
	MUST(uv_listen((uv_stream_t *)&listener, BACKLOG, on_connection));
	server_ready(&server);

	/* Ends when no handle is open any more: stopped, and all connections closed. */
	uv_run(loop, UV_RUN_DEFAULT);
	return server_finish(&server);
}
