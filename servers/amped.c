/* SPDX-License-Identifier: BSD-2-Clause */
/* amped.c - epoll.c that never waits for the disk: one event process, and helper
 * processes that do.  The architecture of Flash (Pai, Druschel, Zwaenepoel: Flash: An
 * Efficient and Portable Web Server, USENIX ATC 1999), beside which epoll.c is SPED.
 * What is in memory the event process reads itself: Flash asked mincore(2) first, here
 * a read that must not block tells.  All else is a helper's: helpers.c. */
#include "config.h"

#include "helpers.h"

#include <errno.h>
#include <sys/uio.h>

/* As many as the pools have threads; they only take memory while nothing is read. */
enum { HELPERS = 64, PIECES = 64 };

enum { COUNTER_HELPED = COUNTERS, COUNTER_DEATHS, COUNTER_BLOCKED };
static const char *const own_counters[] = {"helper_loads", "helper_deaths",
					   "blocking_loads", NULL};

static const struct about about = {
	.name = "amped",
	.family = "staged",
	.style = "event",
	.summary = "an epoll loop, loads by helper processes",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_FREE,
	.workers = HELPERS,
	.own_counters = own_counters,
};

static struct server server;
static struct reactor reactor;
static struct helpers helpers;
static struct connection *first, **last = &first; /* wait for a helper, in turn */

/* -EAGAIN: not all of it is in memory; or nobody can tell without blocking. */
static int load_resident(struct machine *m)
{
	int rc = machine_load_begin(m, true);

	while (rc == 1) {
		const struct cache_load *load = machine_loading(m);
		struct iovec iov[PIECES];
		int n = cache_load_iov(load, iov, PIECES);
		ssize_t got = preadv2(cache_load_fd(load), iov, n,
				      (off_t)cache_load_at(load), RWF_NOWAIT);

		if (got < 0) /* EOPNOTSUPP: the file system cannot tell */
			got = errno == EOPNOTSUPP ? -EAGAIN : -errno;
		rc = machine_load_got(m, got);
	}
	return rc;
}

/* No helper to be had, or they tried in vain: as epoll.c does. */
static int load_blocking(struct machine *m)
{
	counter_add(server.counters, COUNTER_BLOCKED, 1);
	return machine_load(m);
}

static void enqueue(struct connection *c)
{
	c->next = NULL;
	*last = c;
	last = &c->next;
}

static struct connection *dequeue(void)
{
	struct connection *c = first;

	first = c->next;
	if (!first)
		last = &first;
	return c;
}

/* The helper's job is over: the next one, or none. */
static void release(struct helper *h)
{
	while (first) {
		struct connection *c = dequeue();

		if (helper_employ(h, c))
			return;
		reactor_resume(c, load_blocking(&c->machine));
	}
	h->job = NULL;
	h->next = helpers.idle;
	helpers.idle = h;
}

/* What the load came to.  -EAGAIN: its helper died, or the file has left cache and
 * memory again meanwhile. */
static int load_noticed(const struct helper *h)
{
	struct machine *m = &h->job->machine;

	if (h->notice == HELPER_TOUCHED)
		return machine_load(m);
	return h->notice == 0 ? load_resident(m) : h->notice;
}

static void finish(struct helper *h)
{
	struct connection *c = h->job;
	int result = load_noticed(h);

	if (result == -EAGAIN && helper_ask(h))
		return;
	if (result == -EAGAIN)
		result = load_blocking(&c->machine);
	else
		counter_add(server.counters, COUNTER_HELPED, 1);
	release(h);
	reactor_resume(c, result);
}

static bool finish_all(struct reactor *r)
{
	struct helper *h;

	(void)r;
	while ((h = helpers.done)) {
		helpers.done = h->next;
		finish(h);
	}
	return false;
}

/* Returns false if a helper has the load, or will. */
static bool hand_over(struct connection *c)
{
	struct helper *h = helpers.idle;

	if (!h) {
		enqueue(c);
		return false;
	}
	helpers.idle = h->next;
	if (helper_employ(h, c))
		return false;
	release(h);
	return true;
}

static bool begin(struct connection *c, enum want want)
{
	int result;

	if (want == WANT_SPIN) {
		machine_block(&c->machine);
		return true;
	}
	result = load_resident(&c->machine);
	if (result == -EAGAIN) {
		if (!hand_over(c))
			return false;
		result = load_blocking(&c->machine);
	}
	machine_done(&c->machine, result);
	return true;
}

int main(int argc, char **argv)
{
	static const struct way way = {.perform = begin, .background = finish_all};

	server_setup(&server, argc, argv, &about);
	reactor_setup(&reactor, &server, server.listener, &way);
	helpers_start(&helpers, &reactor, COUNTER_DEATHS);
	server_ready(&server);
	reactor_run(&reactor);
	helpers_end(&helpers);
	return server_finish(&server);
}
