/* SPDX-License-Identifier: BSD-2-Clause */
/* netin.c - the module that waits for descriptors: it accepts, reads into buffers that
 * http gave it, and closes.  What it reads of a connection is http's, and so is the
 * connection, until a verdict gives it back. */
#include "config.h"

#include "netin_client.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS = 16 };

static const struct port_rule ports[] = {
	[NETIN_EMPTY] = {.kind = PORT_IN, .name = "empty"},
	[NETIN_VERDICT] = {.kind = PORT_IN, .name = "verdict"},
	[NETIN_FILLED] = {.kind = PORT_OUT, .name = "filled"},
	[NETIN_INPUT] = {.kind = PORT_REGION, .name = "input", .writes = true},
	{.kind = PORT_NONE},
};

static struct client *client_of(struct timer *t)
{
	return (struct client *)((char *)t - offsetof(struct client, drained));
}

static void verdict_do(struct netin *n, struct client *c, enum verdict verdict)
{
	c->here = true;
	c->verdict = verdict;
	switch (verdict) {
	case VERDICT_READ:
		client_await(n, c, EPOLLIN);
		break;
	case VERDICT_WRITABLE:
		client_await(n, c, EPOLLOUT);
		break;
	case VERDICT_DRAIN:
		shutdown(client_descriptor(n, c), SHUT_WR);
		if (client_watch(n, c, EPOLLIN) == 0 &&
		    timer_arm(&n->timers, &c->drained, timer_now() + LINGER_NS) == 0)
			break;
		/* fall through */
	case VERDICT_CLOSE:
	case VERDICT_REFUSE:
		client_close(n, c);
	}
}

static void verdicts_take(struct netin *n)
{
	struct ring_item items[TAKE];
	uint32_t got = port_get(n->module, NETIN_VERDICT, items, TAKE);

	for (uint32_t i = 0; i < got; i++) {
		uint32_t number = tag_connection(items[i].tag);

		if (number >= n->server->descriptors || n->clients[number].here)
			module_fail(n->module, -EPROTO, "the verdict is on no one");
		else
			verdict_do(n, &n->clients[number],
				   (enum verdict)tag_word(items[i].tag));
	}
}

static void client_open(struct netin *n, int fd)
{
	struct web *w = web_of(n->module);
	struct client *c = &n->clients[fd];

	c->here = true;
	c->verdict = VERDICT_READ;
	if (client_watch(n, c, EPOLLIN) == 0 &&
	    (!w->apart || passing_give(&w->passing, fd) == 0))
		return;
	c->verdict = VERDICT_REFUSE;
	client_close(n, c);
}

static void clients_accept(struct netin *n)
{
	struct server *s = n->server;
	int fd = 0;

	for (int i = 0; i < ACCEPTS && fd >= 0; i++) {
		if (server_full(s) && !server_stopping())
			break;
		fd = server_accept(s, SOCK_NONBLOCK);
		if (fd >= 0)
			client_open(n, fd);
	}
	if (fd == -ECANCELED) {
		listener_watch(n, false);
		n->closed = true;
	} else if (server_full(s)) {
		server_deferred(s);
		listener_watch(n, false);
	}
}

/* After whatever was done: when is it due next, and is there anything left to do? */
static void turn_end(struct netin *n)
{
	uint64_t due_ns = timer_next(&n->timers);

	module_deadline(n->module, due_ns == UINT64_MAX ? 0 : due_ns);
	if (!server_stopping() || n->server->live > 0)
		return;
	timer_heap_free(&n->timers);
	free(n->clients);
	module_done(n->module);
}

static int netin_init(struct module *m)
{
	struct netin *n = m->state;
	struct web *w = web_of(m);

	web_keep_only(w, KEEPS_LISTENER | KEEPS_GIVE);
	n->module = m;
	n->server = w->server;
	n->last = &n->thirsty;
	n->clients = calloc(n->server->descriptors, sizeof *n->clients);
	if (!n->clients)
		return -ENOMEM;
	listener_watch(n, true);
	return 0;
}

static void netin_notified(struct module *m, unsigned channel)
{
	struct netin *n = m->state;
	struct timer *t;

	if (channel == CHANNEL_STOP)
		server_stop();
	verdicts_take(n);
	client_next(n);
	while (n->timers.used && (t = timer_expired(&n->timers, timer_now())))
		client_close(n, client_of(t));
	turn_end(n);
}

static void netin_ready(struct module *m, void *watched, uint32_t events)
{
	struct netin *n = m->state;
	struct client *c = watched;

	(void)events;
	if (!c)
		clients_accept(n);
	else if (!c->here)
		client_unwatch(n, c); /* more input, or the end: later */
	else if (c->verdict == VERDICT_DRAIN)
		client_drain(n, c);
	else
		client_ready(n, c);
	turn_end(n);
}

const struct module_type netin_module = {
	.name = "netin",
	.ports = ports,
	.state_bytes = sizeof(struct netin),
	.init = netin_init,
	.notified = netin_notified,
	.ready = netin_ready,
};
