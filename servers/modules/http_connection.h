/* SPDX-License-Identifier: BSD-2-Clause */
/* http_connection.h - a connection as the module http has it: a machine, and the queue
 * it stands in if it is not another module's.  For http*.c. */
#ifndef DUALITY_HTTP_CONNECTION_H
#define DUALITY_HTTP_CONNECTION_H

#include "machine.h"
#include "timer_heap.h"
#include "web.h"

enum {
	HTTP_FILLED,
	HTTP_SENT,
	HTTP_LOADED,
	HTTP_EMPTY,
	HTTP_VERDICT,
	HTTP_WRITE,
	HTTP_LOAD,
	HTTP_INPUT,
	HTTP_OUTPUT,
	HTTP_PATHS
};

struct connection {
	struct timer timer; /* of a /wait */
	struct machine machine;
	struct fan_timers *fan;
	struct http *http;
	struct connection *next; /* in the queue it stands in */
	uint32_t number, asked;  /* bytes netout has been given */
	enum verdict verdict;    /* for netin, in its queue; the last, in netout's */
	bool over;               /* netout is to be told that there is no more */
};

/* Connections that wait for room in a ring, or for a buffer. */
struct queue {
	struct connection *first, **last;
};

struct http {
	struct module *module;
	struct connection **connections; /* by number */
	unsigned most;
	struct queue verdicts, writes, loads;
	struct timer_heap timers;
	struct ring_item *outputs, *paths; /* stacks of buffers that are here */
	uint32_t outputs_here, paths_here;
};

static inline void queue_put(struct queue *q, struct connection *c)
{
	c->next = NULL;
	*q->last = c;
	q->last = &c->next;
}

/* netin tells of one that is new here.  NULL: out of memory. */
struct connection *connection_make(struct http *h, uint64_t tag);

/* What netin, netout and file have to say of it. */
void connection_input(struct connection *c, const struct ring_item *item);
void connection_written(struct connection *c, int result);
void connection_loaded(struct connection *c, int result);

/* Let the machine run until it has to wait, and pass the connection on. */
void connection_advance(struct connection *c);

/* What the queues hold, as far as there is room downstream, and buffers. */
void http_ask(struct http *h);
#endif
