/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams as requests; see udp.h. */
#include "config.h"

#include "harness/load/udp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/clock.h"
#include "harness/load/load.h"

enum {
	ROUNDS = 4, /* of receiving, before sending has its turn again */
	LEDGER_LEAST = 1 << 16,
	LEDGER_MOST = 1 << 23,
};

static int sockets_open(struct udp *udp, uint64_t count,
			const union url_address *server)
{
	udp->sockets = calloc(count, sizeof *udp->sockets);
	if (udp->sockets == NULL)
		return -ENOMEM;
	for (; udp->count < count; udp->count++) {
		int error = udp_socket_open(&udp->sockets[udp->count], server,
					    udp->epoll_fd);
		if (error)
			return error;
	}
	return 0;
}

/* An entry lasts as long as a datagram may take: the drain, and a second more. */
static uint64_t ledger_least(const struct options *options)
{
	double least = options->rate_rps * (1 + (double)options->drain_ns / 1e9);
	if (least < LEDGER_LEAST)
		return LEDGER_LEAST;
	return least < LEDGER_MOST ? (uint64_t)least : LEDGER_MOST;
}

static int parts_open(struct udp *udp, const struct options *options,
		      const union url_address *server)
{
	int error = udp_payload_open(&udp->payload, options->size, options->seed);
	if (error == 0)
		error = udp_ledger_open(&udp->ledger, ledger_least(options));
	udp->room = malloc(UDP_BATCH * (options->size + 1));
	if (error == 0 && udp->room == NULL)
		error = -ENOMEM;
	if (error == 0)
		error = sockets_open(udp, options->connections, server);
	if (error == 0)
		error = udp_socket_probe(&udp->sockets[0], &udp->payload);
	return error;
}

struct udp *udp_open(struct load *load, const union url_address *server)
{
	struct udp *udp = calloc(1, sizeof *udp);
	if (udp == NULL)
		return NULL;
	udp->epoll_fd = load->dialer.epoll_fd;
	int error = parts_open(udp, load->options, server);
	if (error == 0)
		return udp;
	udp_close(udp);
	errno = -error;
	return NULL;
}

void udp_close(struct udp *udp)
{
	if (udp == NULL)
		return;
	for (uint64_t i = 0; i < udp->count; i++)
		udp_socket_close(&udp->sockets[i]);
	free(udp->sockets);
	free(udp->room);
	udp_ledger_close(&udp->ledger);
	udp_payload_close(&udp->payload);
	free(udp);
}

static bool is_inside(const struct load *load, uint64_t planned_ns)
{
	return planned_ns >= load->tally.start_ns && planned_ns < load->tally.end_ns;
}

static uint64_t drops_now(const struct udp *udp)
{
	uint64_t drops = 0;
	for (uint64_t i = 0; i < udp->count; i++)
		drops += udp_socket_drops(&udp->sockets[i]) - udp->sockets[i].drops;
	return drops;
}

/* What was counted of the warm-up is forgotten when the window begins. */
static void window_notice(struct load *load)
{
	struct udp *udp = load->udp;
	if (udp->counting || !load->started)
		return;
	udp->counting = true;
	udp->counts.corrupt = udp->counts.stale = 0;
	for (uint64_t i = 0; i < udp->count; i++)
		udp->sockets[i].drops = udp_socket_drops(&udp->sockets[i]);
}

static void entry_end(struct load *load, struct udp_entry *entry, enum outcome outcome)
{
	entry->awaited = false;
	load->busy--;
	tally_ended(&load->tally, &entry->request, outcome, load->now_ns);
}

/* Errors are of datagrams sent before (udp(7)). */
static void error_note(struct load *load, const struct udp_socket *socket, int error)
{
	int also = udp_socket_error(socket);
	if (error == ECONNREFUSED || also == -ECONNREFUSED)
		load->tally.last_refused_ns = load->now_ns;
}

/* --- sending --- */

/* It could not be sent, and is not tried again. */
static void send_fail(struct load *load, const struct request *request, int error)
{
	struct tally *tally = &load->tally;
	struct request unsent = {.planned_ns = request->planned_ns};
	tally_ended(tally, &unsent, OUTCOME_ERROR, load->now_ns);
	if (tally->detail[0] == '\0')
		snprintf(tally->detail, sizeof tally->detail, "send: %s",
			 strerror(error));
}

static void entry_sent(struct load *load, uint64_t planned_ns)
{
	struct udp_ledger *ledger = &load->udp->ledger;
	struct request request = {planned_ns, load->now_ns};
	struct udp_entry *before = udp_ledger_next(ledger);
	if (before->awaited)
		entry_end(load, before, OUTCOME_LOST);
	udp_ledger_sent(ledger, &request);
	load->busy++;
	tally_sent(&load->tally, &request);
}

/* The socket's state after the system call failed at its first datagram. */
static void batch_fail(struct load *load, struct udp_socket *socket, int error)
{
	struct udp *udp = load->udp;
	if (error == EAGAIN) {
		udp->blocked = true;
		udp_socket_watch(socket, udp->epoll_fd, true);
	} else if (error == ECONNREFUSED || error == EHOSTUNREACH) {
		/* Of one that was sent before (udp(7)): this one was not even tried. */
		error_note(load, socket, error);
	} else {
		struct request request = {arrival_take(&load->waiting), 0};
		send_fail(load, &request, error);
	}
}

/* Sends up to `count` of those waiting by one socket, in one system call. */
static void batch_send(struct load *load, struct udp_socket *socket, unsigned count)
{
	struct udp *udp = load->udp;
	struct arrival_queue *waiting = &load->waiting;
	struct udp_head heads[UDP_BATCH];
	struct iovec pieces[UDP_BATCH][UDP_PIECES];
	struct mmsghdr messages[UDP_BATCH] = {{.msg_len = 0}};
	for (unsigned i = 0; i < count; i++) {
		heads[i] = (struct udp_head){udp->ledger.next + i,
					     arrival_peek(waiting, i)};
		udp_payload_pieces(&udp->payload, &heads[i], pieces[i]);
		messages[i].msg_hdr.msg_iov = pieces[i];
		messages[i].msg_hdr.msg_iovlen = UDP_PIECES;
	}
	load->now_ns = clock_now_ns();
	int sent = sendmmsg(socket->fd, messages, count, 0);
	if (sent < 0 && errno != EINTR)
		batch_fail(load, socket, errno);
	for (int i = 0; i < sent; i++)
		entry_sent(load, arrival_take(waiting));
}

void udp_dispatch(struct load *load, uint64_t most)
{
	struct udp *udp = load->udp;
	window_notice(load);
	for (uint64_t left = most; left > 0 && !udp->blocked;) {
		uint64_t count = arrival_count(&load->waiting);
		if (count == 0)
			return;
		if (count > UDP_BATCH)
			count = UDP_BATCH;
		if (count > left)
			count = left;
		left -= count;
		batch_send(load, &udp->sockets[udp->turn % udp->count],
			   (unsigned)count);
		udp->turn += !udp->blocked;
	}
}

/* --- receiving --- */

static void order_note(struct load *load, struct udp_socket *socket,
		       const struct udp_entry *entry)
{
	if (entry->number >= socket->expected)
		socket->expected = entry->number + 1;
	else if (is_inside(load, entry->request.planned_ns))
		load->udp->counts.reordered++;
}

static void datagram_note(struct load *load, struct udp_socket *socket,
			  const unsigned char *bytes, size_t length)
{
	struct udp *udp = load->udp;
	struct udp_counts *counts = &udp->counts;
	struct udp_entry *entry;
	struct udp_head head;
	bool whole = udp_payload_read(&udp->payload, bytes, length, &head);
	tally_bytes(&load->tally, length, load->now_ns);
	if (whole && head.number == UINT64_MAX) /* a probe's, late */
		return;
	switch (udp_ledger_find(&udp->ledger, head.number, head.planned_ns, &entry)) {
	case UDP_AWAITED:
		counts->corrupt += !whole;
		order_note(load, socket, entry);
		entry_end(load, entry, whole ? OUTCOME_GOOD : OUTCOME_BAD_BODY);
		break;
	case UDP_DUPLICATE:
		counts->duplicates += is_inside(load, entry->request.planned_ns);
		break;
	case UDP_STALE:
		counts->stale++;
		break;
	case UDP_UNKNOWN:
		counts->corrupt++;
		break;
	}
}

/* Returns how many came. */
static int batch_receive(struct load *load, struct udp_socket *socket)
{
	struct udp *udp = load->udp;
	size_t room = udp->payload.size + 1;
	struct iovec pieces[UDP_BATCH];
	struct mmsghdr messages[UDP_BATCH] = {{.msg_len = 0}};
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		pieces[i] = (struct iovec){udp->room + i * room, room};
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	int count = recvmmsg(socket->fd, messages, UDP_BATCH, 0, NULL);
	load->now_ns = clock_now_ns();
	if (count < 0)
		error_note(load, socket, errno);
	for (int i = 0; i < count; i++)
		datagram_note(load, socket, pieces[i].iov_base, messages[i].msg_len);
	return count;
}

void udp_event(struct load *load, struct udp_socket *socket)
{
	struct udp *udp = load->udp;
	bool blocked = udp->blocked && socket == &udp->sockets[udp->turn % udp->count];
	window_notice(load);
	for (int i = 0; i < ROUNDS; i++)
		if (batch_receive(load, socket) < UDP_BATCH)
			break;
	if (blocked) { /* try: it is asked for again if there is still no room */
		udp->blocked = false;
		udp_socket_watch(socket, udp->epoll_fd, false);
	}
}

void udp_lose_rest(struct load *load)
{
	struct udp *udp = load->udp;
	struct arrival_queue *waiting = &load->waiting;
	window_notice(load);
	for (size_t i = 0; i < udp->ledger.room; i++)
		if (udp->ledger.entries[i].awaited)
			entry_end(load, &udp->ledger.entries[i], OUTCOME_LOST);
	for (uint64_t i = 0; i < arrival_count(waiting); i++)
		udp->counts.unsent += is_inside(load, arrival_peek(waiting, i));
	udp->counts.client_socket = udp->counting ? drops_now(udp) : 0;
}
