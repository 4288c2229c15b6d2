/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll-chunked.c - epoll.c with its long handler broken up: a spin runs a slice at a
 * time, and between two slices the loop looks after the others.  The second of
 * Ousterhout's remedies for long-running handlers (Why Threads Are A Bad Idea, 1995).
 * What was a loop in the handler is a queue outside it; a load still stops them all. */
#include "config.h"

#include "reactor.h"

static const struct about about = {
	.name = "epoll-chunked",
	.family = "event",
	.style = "event",
	.summary = "an epoll loop whose long handlers are broken up",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

enum { SLICE_NS = 100000 };

static struct server server;
static struct connection *first, **last = &first; /* the handlers begun, in turn */

static void enqueue(struct connection *c)
{
	c->next = NULL;
	*last = c;
	last = &c->next;
}

static bool begin(struct connection *c, enum want want)
{
	if (want == WANT_LOAD) {
		machine_block(&c->machine);
		return true;
	}
	c->left_ns = machine_spin_ns(&c->machine);
	enqueue(c);
	return false;
}

/* A slice of the handler whose turn it is. */
static bool go_on(struct reactor *r)
{
	struct connection *c = first;
	uint64_t slice_ns;

	(void)r;
	if (!c)
		return false;
	first = c->next;
	if (!first)
		last = &first;
	slice_ns = c->left_ns < SLICE_NS ? c->left_ns : SLICE_NS;
	service_spin(slice_ns);
	c->left_ns -= slice_ns;
	if (c->left_ns > 0)
		enqueue(c);
	else
		reactor_resume(c, 0);
	return first;
}

int main(int argc, char **argv)
{
	static const struct way way = {.perform = begin, .background = go_on};
	struct reactor reactor;

	server_setup(&server, argc, argv, &about);
	reactor_setup(&reactor, &server, server.listener, &way);
	server_ready(&server);
	reactor_run(&reactor);
	return server_finish(&server);
}
