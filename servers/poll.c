/* SPDX-License-Identifier: BSD-2-Clause */
/* poll.c - epoll.c on poll(2): the kernel keeps no set, so that each wait hands it the
 * whole array, and looks at every slot of it, however few are ready: O(n), on purpose.
 * Knot and Haboob waited like this, which is what the fall of figure 3 is blamed on
 * (von Behren et al., Why Events Are A Bad Idea, HotOS 2003).  Read it beside epoll.c:
 * a change of mind costs no system call here, but each wait does. */
#include "config.h"

#include "fan_runs.h"
#include "machine.h"
#include "setup.h"
#include "timer_heap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

static const struct about about = {
	.name = "poll",
	.family = "event",
	.style = "event",
	.summary = "one loop on poll(2), which looks at every descriptor each time",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

enum { ACCEPTS = 16, LISTENER = 0, SLOTS_AT_FIRST = 64 };

struct connection {
	size_t slot;
	struct timer timer;
	struct fan_timers *fan; /* parallel calls under way */
	struct machine machine;
};

static struct server server;
static struct timer_heap timers;
static struct pollfd *slots;       /* what is waited for; the listener first */
static struct connection **owners; /* of the same slots */
static size_t used, size;

static int slot_fd(const struct connection *c)
{
	return slots[c->slot].fd;
}

/* Returns 0 or -ENOMEM. */
static int slots_grow(void)
{
	size_t more = size ? 2 * size : SLOTS_AT_FIRST;
	struct pollfd *s = realloc(slots, more * sizeof *slots);
	struct connection **o;

	if (!s)
		return -ENOMEM;
	slots = s;
	o = realloc(owners, more * sizeof *owners);
	if (!o)
		return -ENOMEM;
	owners = o;
	size = more;
	return 0;
}

/* Returns 0 or -ENOMEM. */
static int slot_take(int fd, struct connection *c)
{
	if (used == size && slots_grow() < 0)
		return -ENOMEM;
	slots[used] = (struct pollfd){.fd = fd, .events = POLLIN};
	owners[used] = c;
	if (c)
		c->slot = used;
	used++;
	return 0;
}

/* The last slot moves into the gap. */
static void slot_give_back(size_t i)
{
	used--;
	slots[i] = slots[used];
	owners[i] = owners[used];
	owners[i]->slot = i;
}

/* The listener's slot stays; poll(2) passes over a negative descriptor. */
static void listener_watch(bool on)
{
	slots[LISTENER].fd = on ? server.listener : -1;
}

static void close_connection(struct connection *c)
{
	int fd = slot_fd(c);

	timer_cancel(&timers, &c->timer);
	fan_timers_cancel(c->fan);
	machine_free(&c->machine);
	slot_give_back(c->slot);
	server_closed(&server, fd);
	free(c);
	listener_watch(!server_stopping()); /* there is room for one more */
}

static void on_timer(struct timer *t);

static void open_connection(int fd)
{
	struct connection *c = calloc(1, sizeof *c);

	if (!c || slot_take(fd, c) < 0) {
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
		want = machine_drive(&c->machine, slot_fd(c), &may_read);
	while (machine_is_busy(&c->machine) && perform(c, want));
	if (want == WANT_CLOSE) {
		close_connection(c);
		return;
	}
	if (!machine_is_busy(&c->machine))
		slots[c->slot].events = want == WANT_WRITE ? POLLOUT : POLLIN;
	else
		slots[c->slot].events = 0; /* what comes meanwhile: later */
	timeout_ns = machine_timeout_ns(&c->machine);
	if (timeout_ns && !c->timer.slot &&
	    timer_arm(&timers, &c->timer, timer_now() + timeout_ns) < 0)
		close_connection(c);
}

static void on_ready(struct connection *c)
{
	if (machine_is_busy(&c->machine))
		close_connection(c); /* only its end is told: POLLHUP, POLLERR */
	else
		advance(c);
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

static void on_listener(void)
{
	int fd = 0;

	for (int i = 0; i < ACCEPTS && fd >= 0; i++) {
		if (server_full(&server) && !server_stopping())
			break;
		fd = server_accept(&server, SOCK_NONBLOCK);
		if (fd >= 0)
			open_connection(fd);
	}
	if (fd == -ECANCELED) {
		listener_watch(false); /* shut down, it would be reported for ever */
	} else if (server_full(&server)) {
		server_deferred(&server);
		listener_watch(false);
	}
}

/* Wait until something is ready, or the next timer is due.  Returns how many are. */
static int wait_for_events(void)
{
	struct timespec left;

	return ppoll(slots, used, timer_left(timer_next(&timers), &left), NULL);
}

int main(int argc, char **argv)
{
	server_setup(&server, argc, argv, &about);
	if (slot_take(server.listener, NULL) < 0)
		server_cannot("make the slots", ENOMEM);
	MUST(fcntl(server.listener, F_SETFL, O_NONBLOCK));
	server_ready(&server);

	/* Stopping (setup.h) makes every idle connection readable: they end by
	 * themselves. */
	while (!server_stopping() || server.live > 0) {
		int n = wait_for_events();
		bool accepting = n > 0 && slots[LISTENER].revents;
		struct timer *t;

		/* Backwards: what moves into a gap has had its turn. */
		for (size_t i = used; n > 0 && --i > LISTENER;)
			if (slots[i].revents)
				on_ready(owners[i]);
		while (timers.used && (t = timer_expired(&timers, timer_now())))
			t->expired(t);
		if (accepting)
			on_listener();
	}
	return server_finish(&server);
}
