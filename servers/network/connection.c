/* SPDX-License-Identifier: BSD-2-Clause */
/* connection.c - between a machine and lwIP's TCP (its raw API): callbacks note what
 * happened, and the connection's turn comes when lwIP has returned; so nothing is done
 * to a connection within a callback of another's. */
#include "config.h"

#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	POLL_HALF_SECONDS = 1, /* lwIP's own clock, where it was out of memory */
	BOUNCE_BYTES = 65536
};

static void connection_move(struct connection *c, enum place place)
{
	struct http *h = c->http;

	h->waiting -= c->place == PLACE_WAITING;
	TAILQ_REMOVE(&h->queue[c->place], c, next);
	c->place = place;
	TAILQ_INSERT_TAIL(&h->queue[place], c, next);
}

void connection_wake(struct connection *c)
{
	if (c->place == PLACE_RESTING && !machine_is_busy(&c->machine))
		connection_move(c, PLACE_READY);
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct connection *c = arg;

	(void)pcb, (void)err;
	if (!p)
		c->ended = true;
	else if (c->input)
		pbuf_cat(c->input, p);
	else
		c->input = p;
	connection_wake(c);
	return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t bytes)
{
	(void)pcb, (void)bytes;
	connection_wake(arg);
	return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
	(void)pcb;
	connection_wake(arg);
	return ERR_OK;
}

/* The pcb is no more.  All was said and acknowledged (ERR_CLSD), or it broke. */
static void on_gone(void *arg, err_t err)
{
	struct connection *c = arg;

	c->pcb = NULL;
	if (c->place != PLACE_WAITING && err != ERR_CLSD &&
	    !machine_is_busy(&c->machine))
		machine_got(&c->machine, -ECONNRESET);
	connection_end(c);
}

static void pcb_close(struct tcp_pcb *pcb)
{
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
	if (tcp_close(pcb) != ERR_OK)
		tcp_abort(pcb);
}

static void on_joined(void *arg, int result)
{
	struct connection *c = arg;

	c->fan = NULL;
	machine_done(&c->machine, result);
	connection_wake(c);
}

/* A wait is over, or it has drained long enough. */
static void on_timer(struct timer *t)
{
	struct connection *c = (struct connection *)t;

	if (machine_wants(&c->machine) == WANT_WAIT) {
		machine_done(&c->machine, 0);
		connection_wake(c);
	} else {
		connection_end(c);
	}
}

struct connection *connection_make(struct http *h, struct tcp_pcb *pcb)
{
	struct connection *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->http = h;
	c->pcb = pcb;
	c->timer.expired = on_timer;
	c->place = PLACE_WAITING;
	h->waiting++;
	TAILQ_INSERT_TAIL(&h->queue[PLACE_WAITING], c, next);
	machine_init(&c->machine, &h->server->service);
	tcp_nagle_disable(pcb);
	tcp_arg(pcb, c);
	tcp_recv(pcb, on_received);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_gone);
	tcp_poll(pcb, on_poll, POLL_HALF_SECONDS);
	return c;
}

void connection_begin(struct connection *c)
{
	server_begin(c->http->server);
	*c->http->open = c->http->server->live;
	connection_move(c, PLACE_READY);
}

/* Who waits longest has the place. */
static void place_left(struct http *h)
{
	struct connection *next = TAILQ_FIRST(&h->queue[PLACE_WAITING]);

	h->closed++;
	server_ended(h->server);
	*h->open = h->server->live;
	if (next && !server_full(h->server))
		connection_begin(next);
}

void connection_end(struct connection *c)
{
	struct http *h = c->http;
	bool waited = c->place == PLACE_WAITING;

	timer_cancel(&h->timers, &c->timer);
	fan_timers_cancel(c->fan);
	machine_free(&c->machine);
	if (c->input)
		pbuf_free(c->input);
	if (c->pcb)
		pcb_close(c->pcb);
	h->waiting -= waited;
	TAILQ_REMOVE(&h->queue[c->place], c, next);
	free(c);
	if (!waited)
		place_left(h);
}

/* What came, as much as the machine has room for.  Returns whether anything did. */
static bool input_take(struct connection *c)
{
	size_t room;
	char *to;
	u16_t n;

	if (!c->input && !c->ended)
		return false;
	to = c->input ? machine_room(&c->machine, &room) : NULL;
	if (!to) {
		machine_got(&c->machine, c->input ? -ENOMEM : 0);
		return true;
	}
	n = room < UINT16_MAX ? (u16_t)room : UINT16_MAX;
	n = pbuf_copy_partial(c->input, to, n, 0);
	c->input = pbuf_free_header(c->input, n);
	tcp_recved(c->pcb, n);
	machine_got(&c->machine, n);
	return true;
}

/* A file that is mapped may become shorter: then the kernel, copying, says so (EFAULT),
 * and lwIP would not be there any more (SIGBUS).  Returns bytes or -errno. */
static ssize_t mapping_copy(const struct iovec *iov, int pieces, char *to, size_t room)
{
	const struct iovec all = {to, room < BOUNCE_BYTES ? room : BOUNCE_BYTES};
	ssize_t n = process_vm_readv(getpid(), &all, 1, iov, (unsigned long)pieces, 0);

	return n < 0 ? -errno : n;
}

/* As much of the pieces as lwIP has room for; it copies.  Returns bytes. */
static size_t pieces_write(struct tcp_pcb *pcb, const struct iovec *iov, int pieces)
{
	size_t sent = 0;

	for (int i = 0; i < pieces; i++) {
		size_t room = tcp_sndbuf(pcb), n = iov[i].iov_len;
		bool last = i == pieces - 1;

		n = n < room ? n : room;
		if (n == 0 ||
		    tcp_write(pcb, iov[i].iov_base, (u16_t)n,
			      (u8_t)(TCP_WRITE_FLAG_COPY |
				     (last ? 0 : TCP_WRITE_FLAG_MORE))) != ERR_OK)
			break;
		sent += n;
		if (n < iov[i].iov_len)
			break;
	}
	return sent;
}

/* Returns whether any of the reply went, or none ever will. */
static bool output_give(struct connection *c)
{
	static char bounce[BOUNCE_BYTES];
	struct iovec iov[EXCHANGE_PIECES];
	int pieces = machine_output(&c->machine, iov);
	ssize_t n;

	if (tcp_sndbuf(c->pcb) == 0)
		return false;
	if (machine_output_is_mapped(&c->machine)) {
		n = mapping_copy(iov, pieces, bounce, tcp_sndbuf(c->pcb));
		if (n < 0) {
			machine_sent(&c->machine, n);
			return true;
		}
		iov[0] = (struct iovec){bounce, (size_t)n};
		pieces = 1;
	}
	n = (ssize_t)pieces_write(c->pcb, iov, pieces);
	if (n > 0)
		machine_sent(&c->machine, n);
	return n > 0;
}

static bool timer_set(struct connection *c)
{
	uint64_t due_ns = timer_now() + machine_timeout_ns(&c->machine);

	return timer_arm(&c->http->timers, &c->timer, due_ns) == 0;
}

/* Perform what takes time.  Returns whether its end comes later. */
static bool perform(struct connection *c)
{
	bool later;

	if (machine_wants(&c->machine) == WANT_WAIT) {
		later = timer_set(c);
	} else if (machine_wants(&c->machine) == WANT_FAN) {
		c->fan = fan_timers_begin(&c->http->timers, machine_fan(&c->machine),
					  on_joined, c);
		later = c->fan;
	} else {
		machine_block(&c->machine); /* a load or a spin stops this client */
		return false;
	}
	if (!later)
		machine_done(&c->machine, -ENOMEM);
	return later;
}

/* The reply was the last: drain for a while. */
static bool linger(struct connection *c)
{
	tcp_shutdown(c->pcb, 0, 1);
	machine_shut(&c->machine);
	return timer_set(c);
}

void connection_advance(struct connection *c)
{
	bool may_read = true, moves = true;

	while (moves) {
		switch (machine_wants(&c->machine)) {
		case WANT_READ:
			moves = may_read && input_take(c);
			may_read = false;
			break;
		case WANT_WRITE:
			moves = output_give(c);
			break;
		case WANT_SHUT:
			if (linger(c))
				break;
			connection_end(c);
			return;
		case WANT_CLOSE:
			connection_end(c);
			return;
		default:
			moves = !perform(c);
		}
	}
	tcp_output(c->pcb);
	if (machine_wants(&c->machine) == WANT_READ && (c->input || c->ended))
		connection_move(c, PLACE_READY); /* after the others */
	else
		connection_move(c, PLACE_RESTING);
}
