/* SPDX-License-Identifier: BSD-2-Clause */
/* http.c - the service over lwIP's TCP: epoll.c's loop where a library is the kernel.
 * Who has something to do is in a queue, and each has one read's worth a turn. */
#include "config.h"

#include "client.h"
#include "connection.h"

#include <errno.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/raw.h>
#include <stdio.h>

enum {
	HTTP_PORT = 80,
	BACKLOG = 4096,          /* matched over all variants */
	OLD_MOST = 1024,         /* connections in TIME_WAIT; lwIP knows no bound, */
	OLD_LOOK = 256,          /* looked at when so many have been closed */
	ARRIVING_NS = 100000000, /* so long what had come may take to get here */
	LOOK_NS = 20000000       /* while stopping */
};

static struct http http;

static err_t refuse(struct http *h, struct tcp_pcb *pcb)
{
	counter_add(h->server->counters, COUNTER_REFUSED, 1);
	if (!pcb)
		return ERR_MEM;
	tcp_abort(pcb);
	return ERR_ABRT;
}

/* lwIP has no backlog (Debian's is built so): who finds no place waits in a queue of
 * ours, and is not read from. */
static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct http *h = arg;
	bool full = server_full(h->server);
	struct connection *c = NULL;

	if (err == ERR_OK && pcb && h->waiting < BACKLOG)
		c = connection_make(h, pcb);
	if (!c)
		return refuse(h, pcb);
	if (!full)
		connection_begin(c);
	else if (h->waiting == 1)
		server_deferred(h->server);
	return ERR_OK;
}

/* Before lwIP has a segment: a new connection from where an old one was.  Its numbers
 * are higher, so that the old one is over (RFC 1122, section 4.2.2.13); lwIP would
 * answer for it until 2 minutes have passed. */
static u8_t on_segment(void *arg, struct raw_pcb *raw, struct pbuf *p,
		       const ip_addr_t *from)
{
	u16_t head = ip_current_header_tot_len();
	struct tcp_hdr tcp;

	(void)arg, (void)raw;
	if (pbuf_copy_partial(p, &tcp, sizeof tcp, head) < sizeof tcp ||
	    (TCPH_FLAGS(&tcp) & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return 0; /* not eaten */
	for (struct tcp_pcb *old = tcp_tw_pcbs; old; old = old->next)
		if (old->remote_port == lwip_ntohs(tcp.src) &&
		    old->local_port == lwip_ntohs(tcp.dest) &&
		    ip_addr_cmp(&old->remote_ip, from) &&
		    TCP_SEQ_GT(lwip_ntohl(tcp.seqno), old->rcv_nxt)) {
			tcp_abort(old);
			break;
		}
	return 0;
}

/* The youngest are first. */
static void old_forget(struct http *h)
{
	struct tcp_pcb *old = tcp_tw_pcbs, *next;

	h->closed = 0;
	for (unsigned i = 0; old && i < OLD_MOST; i++)
		old = old->next;
	for (; old; old = next) {
		next = old->next;
		tcp_abort(old);
	}
}

static int segments_watch(void)
{
	struct raw_pcb *raw = raw_new(IP_PROTO_TCP);

	if (!raw || raw_bind(raw, IP4_ADDR_ANY) != ERR_OK)
		return -ENOMEM;
	raw_recv(raw, on_segment, NULL);
	return 0;
}

static int http_begin(struct module *m, uint32_t client)
{
	const struct network *n = m->program;
	struct http *h = &http;
	struct tcp_pcb *pcb = tcp_new();
	char what[SERVER_WHAT];
	int err = server_service(n->server, what);

	if (err < 0) {
		module_fail(m, err, what);
		return err;
	}
	for (int i = 0; i < PLACES; i++)
		TAILQ_INIT(&h->queue[i]);
	h->server = n->server;
	h->open = &n->open[client];
	counter_add(n->counters, COUNTER_CLOSED, *h->open); /* of the life before */
	*h->open = 0;
	if (!pcb)
		return -ENOMEM;
	if (tcp_bind(pcb, IP4_ADDR_ANY, n->port) != ERR_OK)
		return -EADDRINUSE;
	h->listener = tcp_listen(pcb);
	if (!h->listener)
		return -ENOMEM;
	tcp_arg(h->listener, h);
	tcp_accept(h->listener, on_accept);
	return segments_watch();
}

/* Those that became ready meanwhile have theirs in the next. */
static void ready_turn(struct http *h)
{
	struct queue *q = &h->queue[PLACE_READY];
	struct connection *last = TAILQ_LAST(q, queue), *c = NULL;

	while (last && c != last) {
		c = TAILQ_FIRST(q);
		connection_advance(c);
	}
}

/* As if all had shut their sending side: who waits for nobody but his client ends. */
static void idle_end(struct http *h)
{
	struct connection *c, *next;

	h->idle_end_ns = UINT64_MAX;
	while ((c = TAILQ_FIRST(&h->queue[PLACE_WAITING])))
		connection_end(c);
	for (c = TAILQ_FIRST(&h->queue[PLACE_READY]); c; c = TAILQ_NEXT(c, next))
		c->ended = true;
	for (c = TAILQ_FIRST(&h->queue[PLACE_RESTING]); c; c = next) {
		next = TAILQ_NEXT(c, next);
		c->ended = true;
		connection_wake(c);
	}
}

/* Connections that are closed here may have bytes that did not arrive there: these are
 * in this process, and nobody sends them when it is gone. */
static uint32_t open_count(const struct http *h)
{
	uint32_t open = h->server->live;

	for (const struct tcp_pcb *p = tcp_active_pcbs; p; p = p->next)
		open += p->unsent || p->unacked;
	return open;
}

static uint64_t http_turn(void)
{
	struct http *h = &http;
	uint64_t now_ns = timer_now(), due_ns;
	struct timer *t;

	while (h->timers.used && (t = timer_expired(&h->timers, now_ns)))
		t->expired(t);
	if (h->idle_end_ns && now_ns >= h->idle_end_ns)
		idle_end(h);
	ready_turn(h);
	if (h->closed >= OLD_LOOK)
		old_forget(h);
	if (h->idle_end_ns)
		*h->open = open_count(h);
	if (!TAILQ_EMPTY(&h->queue[PLACE_READY]))
		return now_ns;
	due_ns = timer_next(&h->timers);
	if (h->idle_end_ns && due_ns > now_ns + LOOK_NS)
		due_ns = now_ns + LOOK_NS;
	return due_ns;
}

static void http_stop(void)
{
	struct http *h = &http;

	server_stop();
	tcp_close(h->listener);
	h->idle_end_ns = timer_now() + ARRIVING_NS;
}

const struct application http_application = {
	.port = HTTP_PORT,
	.begin = http_begin,
	.turn = http_turn,
	.stop = http_stop,
	.end = machine_thread_end,
};
