/* SPDX-License-Identifier: BSD-2-Clause */
/* reactor.c - epoll.c, with the place where it would block left open. */
#include "config.h"

#include "reactor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, ACCEPTS = 16, RETRY_NS = 10000000 };

int reactor_watch(struct reactor *r, struct watch *w, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = w};
	int op = w->armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (w->armed == events)
		return 0;
	if (events == 0)
		op = EPOLL_CTL_DEL; /* else its end would be told for ever */
	if (epoll_ctl(r->epfd, op, w->fd, &e) < 0)
		return -errno;
	w->armed = events;
	return 0;
}

static void on_nothing(struct reactor *r, struct watch *w, uint32_t events)
{
	(void)r, (void)w, (void)events;
}

/* Reactors that wait for a place.  One that leaves a place lets them look first, or it
 * could keep them out for ever. */
static _Atomic unsigned waiting;

/* A place that another's connection leaves is told to nobody: look again, soon.
 * Returns 0 or -errno. */
static int wait_begin(struct reactor *r)
{
	int err = timer_arm(&r->timers, &r->retry, timer_now() + RETRY_NS);

	if (err == 0 && !r->waiting)
		waiting++;
	r->waiting |= err == 0;
	return err;
}

static void accept_again(struct reactor *r)
{
	timer_cancel(&r->timers, &r->retry);
	if (r->waiting)
		waiting--;
	r->waiting = false;
	reactor_watch(r, &r->listener, EPOLLIN);
}

/* Accept no more, until a connection ends: one of these, or another's. */
static void pause_accepting(struct reactor *r)
{
	bool others = r->live < r->server->max_connections || waiting > 0;

	if (r->waiting || !others || wait_begin(r) == 0)
		reactor_watch(r, &r->listener, 0);
}

static void on_retry(struct timer *t)
{
	struct reactor *r =
		(struct reactor *)((char *)t - offsetof(struct reactor, retry));

	if (r->listener.fd < 0)
		return;
	if (!server_full(r->server) || server_stopping() || wait_begin(r) < 0)
		accept_again(r);
}

/* There is room for one more. */
static void place_left(struct reactor *r)
{
	if (r->listener.fd < 0)
		return;
	if (waiting > r->waiting)
		pause_accepting(r);
	else
		accept_again(r);
}

/* Its memory stays until the turn ends: the cause may have been another descriptor, and
 * this one's events stand further down in the same list. */
static void close_connection(struct connection *c)
{
	struct reactor *r = c->reactor;

	timer_cancel(&r->timers, &c->timer);
	fan_timers_cancel(c->fan);
	machine_free(&c->machine);
	if (r->way->forks)
		reactor_watch(r, &c->watch, 0); /* only the last close does, epoll(7) */
	server_closed(r->server, c->watch.fd);  /* leaves the epoll set with it */
	c->watch.ready = on_nothing;
	c->next = r->closed;
	r->closed = c;
	r->live--;
	place_left(r);
}

static void free_closed(struct reactor *r)
{
	struct connection *c;

	while ((c = r->closed)) {
		r->closed = c->next;
		free(c);
	}
}

static void advance(struct connection *c);

static void on_joined(void *arg, int result)
{
	struct connection *c = arg;

	c->fan = NULL;
	reactor_resume(c, result);
}

/* Perform what takes time.  Returns false if its end comes later. */
static bool perform(struct connection *c, enum want want)
{
	if (want == WANT_WAIT)
		return false;
	if (want != WANT_FAN)
		return c->reactor->way->perform(c, want);
	c->fan = fan_timers_begin(&c->reactor->timers, machine_fan(&c->machine),
				  on_joined, c);
	if (!c->fan)
		machine_done(&c->machine, -ENOMEM);
	return !c->fan;
}

/* The descriptor and the timer a connection waits for now.  Returns 0 or -errno. */
static int wait_for(struct connection *c, enum want want)
{
	uint64_t timeout_ns = machine_timeout_ns(&c->machine);
	int err = 0;

	if (!machine_is_busy(&c->machine))
		err = reactor_watch(c->reactor, &c->watch,
				    want == WANT_WRITE ? EPOLLOUT : EPOLLIN);
	if (err == 0 && timeout_ns && !c->timer.slot)
		err = timer_arm(&c->reactor->timers, &c->timer,
				timer_now() + timeout_ns);
	return err;
}

/* Let the machine run until it has to wait, and see to it that it is woken. */
static void advance(struct connection *c)
{
	bool may_read = true;
	enum want want;

	do
		want = machine_drive(&c->machine, c->watch.fd, &may_read);
	while (machine_is_busy(&c->machine) && perform(c, want));
	if (want == WANT_CLOSE || wait_for(c, want) < 0)
		close_connection(c);
}

void reactor_resume(struct connection *c, int result)
{
	machine_done(&c->machine, result);
	advance(c);
}

static bool waits_for_timer(const struct connection *c)
{
	enum want want = machine_wants(&c->machine);

	return want == WANT_WAIT || want == WANT_FAN;
}

static void on_ready(struct reactor *r, struct watch *w, uint32_t events)
{
	struct connection *c = (struct connection *)w;

	if (!machine_is_busy(&c->machine))
		advance(c);
	else if (events & (EPOLLHUP | EPOLLERR) && waits_for_timer(c))
		close_connection(c); /* gone */
	else
		reactor_watch(r, w, 0); /* more input, or the end: later */
}

static void on_timer(struct timer *t)
{
	struct connection *c =
		(struct connection *)((char *)t - offsetof(struct connection, timer));

	if (machine_wants(&c->machine) == WANT_WAIT)
		reactor_resume(c, 0);
	else
		close_connection(c); /* drained long enough */
}

static void open_connection(struct reactor *r, int fd)
{
	struct connection *c = calloc(1, sizeof *c);

	if (c)
		c->watch = (struct watch){.fd = fd, .ready = on_ready};
	if (!c || reactor_watch(r, &c->watch, EPOLLIN) < 0) {
		free(c);
		server_refused(r->server, fd);
		return;
	}
	c->reactor = r;
	c->timer.expired = on_timer;
	machine_init(&c->machine, &r->server->service);
	r->live++;
}

/* Accept one if there is a place.  Reactors that ask at the same time might each see
 * the last one, so count who asks: together they stay below --max-connections. */
static int accept_one(struct reactor *r)
{
	static _Atomic unsigned asking;
	unsigned others = atomic_fetch_add(&asking, 1);
	int fd = -EBUSY;

	/* Who asked no longer has raised `live` before, in server_opened. */
	if (r->server->live + others < r->server->max_connections || server_stopping())
		fd = server_accept_from(r->server, r->listener.fd, SOCK_NONBLOCK);
	atomic_fetch_sub(&asking, 1);
	return fd;
}

static void on_listener(struct reactor *r, struct watch *w, uint32_t events)
{
	int fd = 0;

	(void)events;
	for (int i = 0; i < ACCEPTS && fd >= 0; i++) {
		fd = accept_one(r);
		if (fd >= 0)
			open_connection(r, fd);
	}
	if (fd == -ECANCELED) {
		reactor_watch(r, w, 0); /* shut down, it would be reported for ever */
		w->fd = -1;
	} else if (fd == -EBUSY || server_full(r->server)) {
		server_deferred(r->server);
		pause_accepting(r);
	}
}

void reactor_setup(struct reactor *r, struct server *s, int listener,
		   const struct way *way)
{
	*r = (struct reactor){
		.server = s,
		.way = way,
		.listener = {.fd = listener, .ready = on_listener},
		.retry.expired = on_retry,
		.epfd = MUST(epoll_create1(EPOLL_CLOEXEC)),
	};
	MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
	MUST(reactor_watch(r, &r->listener, EPOLLIN));
}

/* Wait until something is ready, or the next timer is due. */
static int wait_for_events(struct reactor *r, struct epoll_event *events, bool poll)
{
	uint64_t due = poll ? 0 : timer_next(&r->timers);
	struct timespec left;
	int n = epoll_pwait2(r->epfd, events, EVENTS, timer_left(due, &left), NULL);

	if (n < 0 && errno != EINTR)
		server_cannot("wait for events", errno); /* ENOSYS: before Linux 5.11 */
	return n;
}

void reactor_turn(struct reactor *r, bool poll)
{
	struct epoll_event events[EVENTS];
	int n = wait_for_events(r, events, poll);
	unsigned turn = ++r->turns;
	bool accepting = false;
	struct timer *t;

	/* Had a handler a turn of its own, the rest may be stale: it is told again. */
	for (int i = 0; i < n && turn == r->turns; i++) {
		struct watch *w = events[i].data.ptr;

		if (w == &r->listener)
			accepting = true;
		else
			w->ready(r, w, events[i].events);
	}
	while (r->timers.used && (t = timer_expired(&r->timers, timer_now())))
		t->expired(t);
	if (accepting && r->listener.fd >= 0)
		on_listener(r, &r->listener, 0);
	free_closed(r);
}

void reactor_run(struct reactor *r)
{
	bool more = false;

	while (!server_stopping() || r->live > 0) {
		reactor_turn(r, more);
		more = r->way->background && r->way->background(r);
	}
	free_closed(r);
	timer_heap_free(&r->timers);
	close(r->epfd);
}
