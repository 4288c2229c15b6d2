/* SPDX-License-Identifier: BSD-2-Clause */
/* connection.h - what travels between the stages of staged.c. */
#ifndef DUALITY_STAGED_CONNECTION_H
#define DUALITY_STAGED_CONNECTION_H

#include "machine.h"
#include "stage.h"
#include "timer_heap.h"

struct connection {
	struct stage_event event; /* first: an event is its connection */
	int fd;
	bool watched_out;   /* the write stage's poller knows it */
	struct timer timer; /* the timekeeper's */
	uint64_t drop_ns;   /* lingering: not beyond this; 0: it does not */
	struct machine machine;
};

static inline struct connection *connection_of(struct stage_event *e)
{
	return (struct connection *)e;
}

/* Hand a connection to the stage its machine needs next.  No longer the caller's. */
void connection_pass(struct connection *c);
#endif
