/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll-edge.c - epoll.c edge-triggered: a connection is armed once, for input and
 * output, and the kernel tells of a change and never again (epoll(7)).  So what it told
 * has to be remembered until a call says EAGAIN, or a read leaves room; and since a
 * connection may read once a turn only, one that has more to read stands in a run queue
 * of our own.  The lists of who is ready, which epoll.c leaves to the kernel, are here.
 */
#include "config.h"

#include "fan_runs.h"
#include "machine.h"
#include "setup.h"
#include "timer_heap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

static const struct about about = {
	.name = "epoll-edge",
	.family = "event",
	.style = "event",
	.summary = "one edge-triggered epoll loop with a run queue of its own",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

enum { EVENTS = 256, ACCEPTS = 16, GONE = EPOLLHUP | EPOLLERR };

/* What may stand behind the bytes of a read that left room (epoll(7), Q9, of streams):
 * their end, an error, or urgent data, at which a read stops (tcp(7)). */
enum { BEHIND = EPOLLRDHUP | EPOLLPRI | GONE };

TAILQ_HEAD(queue, connection);

struct connection {
	int fd;
	uint32_t told; /* what epoll did, and no call has disproved since */
	bool queued;
	TAILQ_ENTRY(connection) entry;
	struct timer timer;
	struct fan_timers *fan; /* parallel calls under way */
	struct machine machine;
};

static struct server server;
static struct connection listener; /* only fd and told are used */
static bool paused;                /* accepting is: the server is full */
static struct timer_heap timers;
static struct queue runnable = TAILQ_HEAD_INITIALIZER(runnable);
static int epfd;

static int watch_new(struct connection *c, uint32_t events)
{
	struct epoll_event e = {.events = events | EPOLLET, .data.ptr = c};

	return epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &e);
}

static void enqueue(struct connection *c)
{
	if (!c->queued)
		TAILQ_INSERT_TAIL(&runnable, c, entry);
	c->queued = true;
}

static void dequeue(struct connection *c)
{
	if (c->queued)
		TAILQ_REMOVE(&runnable, c, entry);
	c->queued = false;
}

static void close_connection(struct connection *c)
{
	dequeue(c);
	timer_cancel(&timers, &c->timer);
	fan_timers_cancel(c->fan);
	machine_free(&c->machine);
	server_closed(&server, c->fd); /* leaves the epoll set with it, epoll(7) */
	free(c);
	paused = false; /* there is room for one more */
}

static void on_timer(struct timer *t);

static void open_connection(int fd)
{
	struct connection *c = calloc(1, sizeof *c);

	if (c)
		c->fd = fd;
	if (!c || watch_new(c, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI) < 0) {
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

/* As far as is known, could this connection go on now? */
static bool is_runnable(const struct connection *c)
{
	uint32_t needed = machine_wants(&c->machine) == WANT_WRITE ? EPOLLOUT : EPOLLIN;

	/* While it is busy only its end is of interest: to give it up. */
	return c->told & (machine_is_busy(&c->machine) ? GONE : needed | GONE);
}

static bool is_drained(const struct connection *c)
{
	return c->machine.drained && !(c->told & BEHIND);
}

/* The machine stopped at `want`.  If it still has its read, the last one found nothing;
 * if it has used it there may be more to read, in the next turn, unless that took all.
 */
static void remember(struct connection *c, enum want want, bool may_read)
{
	if (want == WANT_WRITE)
		c->told &= ~(uint32_t)(EPOLLOUT | GONE);
	else if (want == WANT_READ && (may_read || is_drained(c)))
		c->told &= ~(uint32_t)(EPOLLIN | GONE);
	if (is_runnable(c))
		enqueue(c);
}

/* Let the machine run until it has to wait, and see to it that it is woken. */
static void advance(struct connection *c)
{
	bool may_read = c->told & (EPOLLIN | GONE);
	enum want want;
	uint64_t timeout_ns;

	do
		want = machine_drive(&c->machine, c->fd, &may_read);
	while (machine_is_busy(&c->machine) && perform(c, want));
	if (want == WANT_CLOSE) {
		close_connection(c);
		return;
	}
	remember(c, want, may_read);
	timeout_ns = machine_timeout_ns(&c->machine);
	if (timeout_ns && !c->timer.slot &&
	    timer_arm(&timers, &c->timer, timer_now() + timeout_ns) < 0)
		close_connection(c);
}

/* All that are in the queue now have one turn; who comes back has the next. */
static void run_turn(void)
{
	struct queue turn = TAILQ_HEAD_INITIALIZER(turn);
	struct connection *c;

	TAILQ_CONCAT(&turn, &runnable, entry);
	while ((c = TAILQ_FIRST(&turn))) {
		TAILQ_REMOVE(&turn, c, entry);
		c->queued = false;
		if (machine_is_busy(&c->machine))
			close_connection(c); /* gone meanwhile */
		else
			advance(c);
	}
}

static void on_told(struct connection *c, uint32_t events)
{
	c->told |= events;
	if (c != &listener && is_runnable(c))
		enqueue(c);
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

/* As far as is known, does a client wait, and is there a place for it? */
static bool may_accept(void)
{
	return listener.told && (!server_full(&server) || server_stopping());
}

static void accept_some(void)
{
	int fd = 0;

	for (int i = 0; i < ACCEPTS && fd >= 0 && may_accept(); i++) {
		fd = server_accept(&server, SOCK_NONBLOCK);
		if (fd >= 0)
			open_connection(fd);
	}
	if (fd == -EAGAIN || fd == -ECANCELED)
		listener.told = 0;
	if (server_full(&server) && !paused) {
		server_deferred(&server);
		paused = true;
	}
}

/* Wait until something changes, or the next timer is due; not at all if somebody can go
 * on already. */
static int wait_for_events(struct epoll_event *events)
{
	bool idle = TAILQ_EMPTY(&runnable) && !may_accept();
	uint64_t due = idle ? timer_next(&timers) : 0;
	struct timespec left;
	int n = epoll_pwait2(epfd, events, EVENTS, timer_left(due, &left), NULL);

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
	MUST(watch_new(&listener, EPOLLIN));
	server_ready(&server);

	/* Stopping (setup.h) makes every idle connection readable: they end by
	 * themselves. */
	while (!server_stopping() || server.live > 0) {
		int n = wait_for_events(events);
		struct timer *t;

		for (int i = 0; i < n; i++)
			on_told(events[i].data.ptr, events[i].events);
		run_turn();
		while (timers.used && (t = timer_expired(&timers, timer_now())))
			t->expired(t);
		if (may_accept())
			accept_some();
	}
	return server_finish(&server);
}
