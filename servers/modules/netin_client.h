/* SPDX-License-Identifier: BSD-2-Clause */
/* netin_client.h - a connection as the module netin has it.  For netin*.c. */
#ifndef DUALITY_NETIN_CLIENT_H
#define DUALITY_NETIN_CLIENT_H

#include "timer_heap.h"
#include "web.h"

enum { NETIN_EMPTY, NETIN_VERDICT, NETIN_FILLED, NETIN_INPUT };

struct client {
	struct timer drained; /* so long it drains, having had its last reply */
	struct client *next;  /* of those that wait for a buffer */
	uint32_t armed;       /* the events watched for */
	int error;            /* -errno: it cannot be served any more */
	enum verdict verdict; /* what it is here for */
	bool here;            /* else it is another module's */
};

struct netin {
	struct server *server;
	struct client *clients; /* by descriptor */
	struct client *thirsty, **last;
	struct timer_heap timers;
	struct ring_item spare; /* an empty buffer, if there is one */
	bool has_spare, listening, closed;
	struct module *module;
};

static inline int client_descriptor(const struct netin *n, const struct client *c)
{
	return (int)(c - n->clients);
}

void listener_watch(struct netin *n, bool on);

/* Watch for these events; returns 0 or -errno.  Await: who cannot be watched is as good
 * as ready, to be told so. */
int client_watch(struct netin *n, struct client *c, uint32_t events);
void client_await(struct netin *n, struct client *c, uint32_t events);
void client_unwatch(struct netin *n, struct client *c);

void client_close(struct netin *n, struct client *c);

/* There is something to tell of it, if there is a buffer. */
void client_ready(struct netin *n, struct client *c);

/* The first of those that wait for a buffer, if there is one. */
void client_next(struct netin *n);

/* Its last reply is out, and its sending side shut: throw away what it still sends. */
void client_drain(struct netin *n, struct client *c);
#endif
