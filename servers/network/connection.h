/* SPDX-License-Identifier: BSD-2-Clause */
/* connection.h - a connection over lwIP's TCP, as http*.c have it: a machine, and what
 * epoll.c leaves to the kernel, its unread input and its place in a queue. */
#ifndef DUALITY_NETWORK_CONNECTION_H
#define DUALITY_NETWORK_CONNECTION_H

#include "fan_runs.h"
#include "servers/core/machine.h"
#include "servers/core/setup.h"

#include <lwip/tcp.h>
#include <sys/queue.h>

/* Each connection stands in one queue. */
enum place {
	PLACE_WAITING, /* for one of --max-connections: what a backlog is */
	PLACE_READY,   /* for its turn: something came, or went */
	PLACE_RESTING, /* for something to come */
	PLACES
};

TAILQ_HEAD(queue, connection);

struct http {
	struct server *server;
	struct tcp_pcb *listener; /* NULL: stopping */
	struct queue queue[PLACES];
	unsigned waiting; /* connections in the first */
	unsigned closed;  /* since somebody looked */
	struct timer_heap timers;
	_Atomic uint32_t *open; /* network.h */
	uint64_t idle_end_ns;   /* stopping: what had come has so long; or 0 */
};

struct connection {
	struct timer timer; /* of a /wait, or of draining */
	struct machine machine;
	struct http *http;
	struct tcp_pcb *pcb; /* NULL: it is gone */
	struct fan_timers *fan;
	struct pbuf *input; /* that the machine has not taken */
	bool ended;         /* after it nothing comes */
	enum place place;
	TAILQ_ENTRY(connection) next;
};

/* It waits for a place.  NULL: out of memory. */
struct connection *connection_make(struct http *h, struct tcp_pcb *pcb);

/* It has one. */
void connection_begin(struct connection *c);

/* Let its machine run until it has to wait, and read at most once. */
void connection_advance(struct connection *c);

/* With all that it has; another may have its place. */
void connection_end(struct connection *c);

/* Something happened: it is ready, unless a wait or a call of it is under way. */
void connection_wake(struct connection *c);
#endif
