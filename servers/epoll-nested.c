/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll-nested.c - epoll.c whose long handler calls the loop: every now and then a spin
 * takes a turn of it, and stays where it is.  The third of Ousterhout's remedies for
 * long-running handlers (Why Threads Are A Bad Idea, 1995), "reentrancy adds
 * complexity": handlers lie on one stack, so that the first to come is the last to end,
 * and what a turn was about to do may be stale when a handler of it returns
 * (reactor_turn). */
#include "config.h"

#include "reactor.h"

static const struct about about = {
	.name = "epoll-nested",
	.family = "event",
	.style = "event",
	.summary = "an epoll loop that its long handlers call",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

enum {
	SLICE_NS = 100000, /* as epoll-chunked.c's */
	DEPTH_MAX = 64     /* handlers on the stack; a further one just blocks */
};

static struct server server;
static unsigned depth;

/* The connection cannot end before its handler does; any other can, in the turns. */
static void spin(struct connection *c)
{
	uint64_t left_ns = machine_spin_ns(&c->machine);

	while (left_ns > SLICE_NS) {
		service_spin(SLICE_NS);
		left_ns -= SLICE_NS;
		reactor_turn(c->reactor, true);
	}
	service_spin(left_ns);
	machine_done(&c->machine, 0);
}

static bool perform(struct connection *c, enum want want)
{
	if (want == WANT_LOAD || depth == DEPTH_MAX) {
		machine_block(&c->machine);
		return true;
	}
	depth++;
	spin(c);
	depth--;
	return true;
}

int main(int argc, char **argv)
{
	static const struct way way = {.perform = perform};
	struct reactor reactor;

	server_setup(&server, argc, argv, &about);
	reactor_setup(&reactor, &server, server.listener, &way);
	server_ready(&server);
	reactor_run(&reactor);
	return server_finish(&server);
}
