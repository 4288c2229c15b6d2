/* SPDX-License-Identifier: BSD-2-Clause */
/* keep.h - which buffers of a region a client has, in memory that outlives it: in its
 * next life it gives back, or uses, exactly those.  What decides in between is the
 * ring: what was put there was given, and what was taken from there was had. */
#ifndef DUALITY_NETWORK_KEEP_H
#define DUALITY_NETWORK_KEEP_H

#include "network.h"

/* In the region.  Zero at first: it has none. */
struct keep {
	uint32_t begun;
	uint32_t giving, giving_at; /* so many, when the ring was there; 0: not now */
	uint16_t give[NET_BUFFERS];
	bool has[NET_BUFFERS];
};

/* As port_get.  What is no buffer is skipped: others are not believed. */
uint32_t keep_take(struct module *m, unsigned channel, struct keep *k,
		   struct ring_item *items, uint32_t n);

/* As port_put. */
void keep_give(struct module *m, unsigned channel, struct keep *k,
	       const struct ring_item *items, uint32_t n);

/* At the beginning of each life: all buffers are this client's at the very first, */
void keep_begin(struct keep *k);
/* and those it has later.  After it, `has` is what it has. */
void keep_revive(struct module *m, unsigned in, unsigned out, struct keep *k);
#endif
