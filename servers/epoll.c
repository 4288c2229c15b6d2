/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll.c - one event loop on level-triggered epoll(7), one kernel thread: who runs
 * next is whose descriptor is ready.  A load or a spin stops them all.  Live
 * connections come first; new ones are taken a few at a time after them (as in Knot-C;
 * von Behren et al., Why Events Are A Bad Idea, HotOS 2003, figure 3).  With
 * --accept-first the new ones come first, until no client waits (Knot-A). */
#include "config.h"

#include "fan_runs.h"
#include "machine.h"
#include "setup.h"
#include "timer_heap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static const struct about accept_first = {
	.name = "epoll-accept",
	.family = "event",
	.style = "event",
	.summary = "one level-triggered epoll loop that accepts before it serves",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.flag = "accept-first",
};

static const struct about about = {
	.name = "epoll",
	.family = "event",
	.style = "event",
	.summary = "one level-triggered epoll loop",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.also = &accept_first,
};

enum { EVENTS = 256, ACCEPTS = 16 };

struct connection {
	int fd;
	uint32_t armed; /* the events epoll watches for */
	struct timer timer;
	struct fan_timers *fan; /* parallel calls under way */
	struct machine machine;
};

static struct server server;
static struct connection listener; /* only fd and armed are used */
static struct timer_heap timers;
static int epfd;

static void watch(struct connection *c, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	if (c->armed != events)
		MUST(epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &e));
	c->armed = events;
}

static int watch_new(struct connection *c)
{
	struct epoll_event e = {.events = c->armed = EPOLLIN, .data.ptr = c};

	return epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &e);
}

static void close_connection(struct connection *c)
{
	timer_cancel(&timers, &c->timer);
	fan_timers_cancel(c->fan);
	machine_free(&c->machine);
	server_closed(&server, c->fd); /* leaves the epoll set with it, epoll(7) */
	free(c);
	if (listener.fd >= 0)
		watch(&listener, EPOLLIN); /* there is room for one more */
}

static void on_timer(struct timer *t);

static void open_connection(int fd)
{
	struct connection *c = calloc(1, sizeof *c);

	if (c)
		c->fd = fd;
	if (!c || watch_new(c) < 0) {
		free(c);
		server_refused(&server, fd);
		return;
	}
	c->timer.expired = on_timer;
	machine_init(&c->machine, &server.service);
}

static void advance(struct connection *c);

static void on_joined(void *arg, int result)
{
	struct connection *c = arg;

	c->fan = NULL;
	machine_done(&c->machine, result);
	advance(c);
}

/* Perform what takes time.  Returns false if its end comes with a timer. */
static bool perform(struct connection *c, enum want want)
{
	if (want == WANT_LOAD || want == WANT_SPIN)
		machine_block(&c->machine);
	if (want != WANT_FAN)
		return want != WANT_WAIT;
	c->fan = fan_timers_begin(&timers, machine_fan(&c->machine), on_joined, c);
	if (!c->fan)
		machine_done(&c->machine, -ENOMEM);
	return !c->fan;
}

/* Let the machine run until it has to wait, and see to it that it is woken. */
static void advance(struct connection *c)
{
	bool may_read = true;
	enum want want;
	uint64_t timeout_ns;

	do
		want = machine_drive(&c->machine, c->fd, &may_read);
	while (machine_is_busy(&c->machine) && perform(c, want));
	if (want == WANT_CLOSE) {
		close_connection(c);
		return;
	}
	if (!machine_is_busy(&c->machine))
		watch(c, want == WANT_WRITE ? EPOLLOUT : EPOLLIN);
	timeout_ns = machine_timeout_ns(&c->machine);
	if (timeout_ns && !c->timer.slot &&
	    timer_arm(&timers, &c->timer, timer_now() + timeout_ns) < 0)
		close_connection(c);
}

static void on_ready(struct connection *c, uint32_t events)
{
	if (!machine_is_busy(&c->machine))
		advance(c);
	else if (events & (EPOLLHUP | EPOLLERR)) /* gone, and told so for ever */
		close_connection(c);
	else
		watch(c, 0); /* more input while this request waits: later */
}

static void on_timer(struct timer *t)
{
	struct connection *c =
		(struct connection *)((char *)t - offsetof(struct connection, timer));

	if (machine_wants(&c->machine) == WANT_WAIT) {
		machine_done(&c->machine, 0);
		advance(c);
	} else {
		close_connection(c); /* drained long enough */
	}
}

/* Take at most so many clients. */
static void on_listener(unsigned most)
{
	int fd = 0;

	for (unsigned i = 0; i < most && fd >= 0; i++) {
		if (server_full(&server) && !server_stopping())
			break;
		fd = server_accept(&server, SOCK_NONBLOCK);
		if (fd >= 0)
			open_connection(fd);
	}
	if (fd == -ECANCELED) {
		/* Shut down, it would be reported for ever. */
		epoll_ctl(epfd, EPOLL_CTL_DEL, listener.fd, NULL);
		listener.fd = -1;
	} else if (server_full(&server)) {
		server_deferred(&server);
		watch(&listener, 0);
	}
}

static bool listener_is_among(const struct epoll_event *events, int n)
{
	for (int i = 0; i < n; i++)
		if (events[i].data.ptr == &listener)
			return true;
	return false;
}

/* Wait until something is ready, or the next timer is due. */
static int wait_for_events(struct epoll_event *events)
{
	struct timespec left;
	int n = epoll_pwait2(epfd, events, EVENTS,
			     timer_left(timer_next(&timers), &left), NULL);

	if (n < 0 && errno != EINTR)
		server_cannot("wait for events", errno); /* ENOSYS: before Linux 5.11 */
	return n;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];

	server_setup(&server, argc, argv, &about);
	epfd = MUST(epoll_create1(EPOLL_CLOEXEC));
	listener.fd = server.listener;
	MUST(fcntl(listener.fd, F_SETFL, O_NONBLOCK));
	MUST(watch_new(&listener));
	server_ready(&server);

	/* Stopping (setup.h) makes every idle connection readable: they end by
	 * themselves. */
	while (!server_stopping() || server.live > 0) {
		int n = wait_for_events(events);
		bool accepting = listener_is_among(events, n);
		struct timer *t;

		if (accepting && server.about == &accept_first)
			on_listener(UINT_MAX);
		for (int i = 0; i < n; i++)
			if (events[i].data.ptr != &listener)
				on_ready(events[i].data.ptr, events[i].events);
		while (timers.used && (t = timer_expired(&timers, timer_now())))
			t->expired(t);
		if (accepting && server.about != &accept_first)
			on_listener(ACCEPTS);
	}
	return server_finish(&server);
}
