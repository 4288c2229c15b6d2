/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are datagrams, to a server that echoes them: what udp:// asks for. They
 * travel by several sockets in turn; each is on its own, and may be lost. */
#ifndef LOAD_UDP_H
#define LOAD_UDP_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/load/udp_ledger.h"
#include "harness/load/udp_payload.h"
#include "harness/load/udp_socket.h"

struct load;

/* Of the datagrams planned in the window, but for `corrupt`, `stale` and
 * `client_socket`, which have no plan: they are counted from the window's start. */
struct udp_counts {
	uint64_t duplicates;
	uint64_t
		reordered; /* came behind a later one of their socket (RFC 4737, 3.3) */
	uint64_t corrupt;  /* with other bytes, be it known for which or not */
	uint64_t stale;    /* came when they had been given up: among the lost, too */
	uint64_t unsent;   /* lost: never sent, the client was too slow */
	uint64_t client_socket; /* lost: the kernel dropped the echo at our socket */
};

struct udp {
	struct udp_payload payload;
	struct udp_ledger ledger;
	struct udp_socket *sockets;
	uint64_t count; /* of sockets */
	uint64_t turn;  /* of the next batch, round and round */
	int epoll_fd;
	bool blocked;  /* the socket whose turn it is has no room to send */
	bool counting; /* the window has begun */
	struct udp_counts counts;
	unsigned char *room; /* for a batch, one byte more each than a datagram */
};

/* Opens the sockets and awaits an echo.  NULL with errno set. */
struct udp *udp_open(struct load *load, const union url_address *server);
void udp_close(struct udp *udp);

/* Sends as many waiting arrivals as there is room for, `most` at most. */
void udp_dispatch(struct load *load, uint64_t most);

/* A socket is ready. */
void udp_event(struct load *load, struct udp_socket *socket);

/* The drain is over: what is awaited still is lost. */
void udp_lose_rest(struct load *load);

#endif
