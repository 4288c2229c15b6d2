/* SPDX-License-Identifier: BSD-2-Clause */
/* wait_epoll.c - an epoll(7) a worker.  A descriptor is registered once, where it is
 * first waited for, edge-triggered, for output only once that is; what was told is
 * remembered (descriptor.h), so that a call that would block is not even tried, but
 * once where it is put off.  In the steady state a request costs what an event loop
 * pays: a read, a write, and its share of an epoll_wait(2). */
#include "config.h"

#include "descriptor.h"
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	EVENTS = 256,
	BELL = -1,      /* in the place of a descriptor's number */
	PUT_OFFS = 3,   /* for each event of the last look */
	LUCK_MOST = 64, /* half as many failures, once it held for long, are bad luck */
	UNLUCKY_WAITS = 64, /* that are not put off, after too many failures */
};

static const uint64_t coarse_most_ns = UINT64_C(1000000000) * 3600;

struct epoll {
	int fd;
	/* For reads that are put off: how many more until the next look, as those who
	 * wait there have no turn before; and whether two of three bring something. */
	unsigned put_offs;
	int luck;
};

static int watch(int epfd, int fd, int name, short events)
{
	struct epoll_event e = {.events = (uint32_t)events | EPOLLRDHUP | EPOLLPRI |
					  EPOLLET,
				.data.fd = name};

	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e) == 0)
		return 0;
	/* For more events; or it was forgotten, but not closed: to be told again. */
	if (errno == EEXIST && epoll_ctl(epfd, EPOLL_CTL_MOD, fd, &e) == 0)
		return 0;
	return -errno;
}

static void epoll_close(struct worker *w)
{
	struct epoll *e = w->wait;

	if (e->fd >= 0)
		close(e->fd);
	free(e);
	w->wait = NULL;
}

/* The bell by its edges, too: each ring is told, and nobody has to read it. */
static int epoll_open(struct worker *w)
{
	struct epoll *e = calloc(1, sizeof *e);
	int err;

	if (!e)
		return -ENOMEM;
	w->wait = e;
	e->fd = epoll_create1(EPOLL_CLOEXEC);
	err = e->fd < 0 ? -errno : watch(e->fd, w->bell, BELL, POLLIN);
	if (err < 0)
		epoll_close(w);
	return err;
}

static int tell(const struct epoll_event *e)
{
	struct descriptor *d = descriptor_find(e->data.fd);

	return d ? descriptor_tell(d, (short)e->events) : 0;
}

/* To the millisecond, rounded up. */
static int coarse_wait(int epfd, struct epoll_event *events, uint64_t timeout_ns)
{
	int timeout_ms = -1;

	if (timeout_ns < coarse_most_ns)
		timeout_ms = (int)((timeout_ns + 999999) / 1000000);
	else if (timeout_ns != FIBER_FOREVER)
		timeout_ms = (int)(coarse_most_ns / 1000000);
	return epoll_wait(epfd, events, EVENTS, timeout_ms);
}

static int events_take(int epfd, struct epoll_event *events, uint64_t timeout_ns)
{
	static _Atomic(bool) coarse; /* before Linux 5.11, and under Valgrind 3.19 */
	struct timespec timeout = {(time_t)(timeout_ns / 1000000000),
				   (long)(timeout_ns % 1000000000)};
	int n;

	if (!atomic_load_explicit(&coarse, memory_order_relaxed)) {
		n = epoll_pwait2(epfd, events, EVENTS,
				 timeout_ns == FIBER_FOREVER ? NULL : &timeout, NULL);
		if (n >= 0 || errno != ENOSYS)
			return n;
		atomic_store_explicit(&coarse, true, memory_order_relaxed);
	}
	return coarse_wait(epfd, events, timeout_ns);
}

static int epoll_poll(struct worker *w, uint64_t timeout_ns)
{
	struct epoll *e = w->wait;
	struct epoll_event events[EVENTS];
	int n = events_take(e->fd, events, timeout_ns);
	int woken = 0;

	for (int i = 0; i < n; i++)
		woken += tell(&events[i]);
	e->put_offs = n > 0 ? (unsigned)n * PUT_OFFS : 0;
	return woken;
}

/* Served in part, only a stream is drained: a datagram is as long as it is. */
static bool is_stream(int fd)
{
	int type = 0;
	socklen_t len = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_STREAM;
}

/* For output only once it is waited for: there is mostly room, and to be told so at
 * once is one event a connection, for nothing. */
static int enlist(struct descriptor *d, int fd, short events)
{
	const struct epoll *e = worker_self()->wait;
	bool new = d->watched == 0;
	int err;

	if (new)
		d->epoll = e->fd;
	err = watch(d->epoll, fd, fd, (short)(d->watched | events));
	if (err < 0)
		return err;
	d->watched = (short)(d->watched | events);
	if (new)
		d->stream = d->stream || is_stream(fd);
	return 0;
}

static uint32_t told(const struct side *s)
{
	return atomic_load_explicit(&s->told, memory_order_acquire);
}

static void drain(struct side *s, uint32_t as_of)
{
	atomic_store_explicit(&s->drained, as_of + 1, memory_order_relaxed);
}

/* Wait for one of the events, if nothing was told since in and out were looked up.
 * Returns the events; 0: something was told meanwhile; or -errno. */
static int block(int fd, struct descriptor *d, short events, uint32_t in, uint32_t out,
		 uint64_t deadline_ns)
{
	struct waiter w = {.fiber = fiber_current(), .events = events};
	uint32_t age;
	int err = 0;

	guard_take(&d->guard);
	if (events & ~d->watched)
		err = enlist(d, fd, events);
	if (err < 0 || told(&d->in) != in || told(&d->out) != out) {
		guard_drop(&d->guard);
		return err;
	}
	age = descriptor_age(d);
	waiter_link(d, &w);
	err = wait_outside(&d->guard, WAIT_FD, (void *)(intptr_t)fd, deadline_ns);
	guard_take(&d->guard);
	waiter_unlink(&w);
	if (descriptor_age(d) != age) /* after the event, before we run */
		err = -EBADF;
	guard_drop(&d->guard);
	return err < 0 ? err : (int)w.fiber->value;
}

static bool is_drained(const struct side *s, uint32_t as_of)
{
	return atomic_load_explicit(&s->drained, memory_order_relaxed) == as_of + 1;
}

/* Once, unless it is known to block. */
static ssize_t attempt(const struct io_call *call, struct descriptor *d, struct side *s,
		       uint32_t as_of)
{
	ssize_t n = is_drained(s, as_of) ? -EAGAIN : io_try(call);
	bool in_part = d->stream && n > 0 && (size_t)n < call->len;

	/* The end of a stream is told once, maybe before its last bytes were read; and
	 * at urgent data a read stops, whatever is behind (tcp(7)). */
	if (n == -EAGAIN ||
	    (in_part && !atomic_load_explicit(&d->ended, memory_order_relaxed)))
		drain(s, as_of);
	return n;
}

static bool may_put_off(struct worker *w)
{
	struct epoll *e = w->wait;

	if (e->luck < 0)
		e->luck++;
	if (e->luck < 0 || e->put_offs == 0 || !others_are_ready(w))
		return false;
	e->put_offs--;
	return true;
}

static void luck_count(struct epoll *e, bool had)
{
	if (had)
		e->luck += e->luck < LUCK_MOST;
	else if ((e->luck -= 2) < 0)
		e->luck = -UNLUCKY_WAITS;
}

/* A read would block, and others are ready: once they have run it is tried again, and
 * only then waited for.  Under load there is something to read by then, and neither a
 * wake-up nor a look at the back end was needed (docs/decisions/0009). */
static ssize_t attempt_later(const struct io_call *call, struct descriptor *d)
{
	const uint32_t age = descriptor_age(d);
	uint32_t in;
	ssize_t n;

	if (!may_put_off(worker_self()))
		return -EAGAIN;
	fiber_yield();
	if (descriptor_age(d) != age)
		return -EBADF;
	in = told(&d->in);
	drain(&d->in, in - 1); /* not known to block */
	n = attempt(call, d, &d->in, in);
	luck_count(worker_self()->wait, n != -EAGAIN);
	return n;
}

static ssize_t epoll_perform(struct descriptor *d, const struct io_call *call)
{
	short events = io_events(call);
	bool put_off = false;
	ssize_t n = 0;

	while (n >= 0) {
		uint32_t in = told(&d->in), out = told(&d->out);

		if (events == POLLIN)
			n = attempt(call, d, &d->in, in);
		else
			n = attempt(call, d, &d->out, out);
		if (n == -EAGAIN && call->kind == IO_READ && !put_off) {
			put_off = true;
			n = attempt_later(call, d);
		}
		if (n != -EAGAIN)
			break;
		n = block(call->fd, d, events, in, out, FIBER_FOREVER);
	}
	return n;
}

/* Poll(2) is exact where our memory is not: others use the descriptor, too. */
static int epoll_wait_fd(struct descriptor *d, int fd, short events,
			 uint64_t deadline_ns)
{
	int there = 0;

	while (there == 0) {
		uint32_t in = told(&d->in), out = told(&d->out);

		there = io_poll(fd, events);
		if (there == 0)
			there = block(fd, d, events, in, out, deadline_ns);
	}
	return there;
}

const struct wait_ops wait_epoll = {
	.name = "epoll",
	.open = epoll_open,
	.close = epoll_close,
	.poll = epoll_poll,
	.wait_fd = epoll_wait_fd,
	.perform = epoll_perform,
};
