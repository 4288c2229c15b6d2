/* SPDX-License-Identifier: BSD-2-Clause */
/* link.h - how two modules hand each other buffers without a copy: full ones travel on
 * the ring `active`, and come back empty on `free`.  Both ends have the same shape, a
 * ring to give to and a ring to take from, so that there is one set of functions for
 * both. (After the queue pairs of sDDF; there a half of the functions is the other
 * half.) */
#ifndef DUALITY_LINK_H
#define DUALITY_LINK_H

#include "runtimes/ring/doorbell.h"
#include "runtimes/ring/pool.h"

/* The sender gives active buffers and takes free ones, the receiver the reverse. */
enum link_side { LINK_SENDER, LINK_RECEIVER };

/* One end, private to its module. */
struct link_end {
	struct ring_end give, take;
	struct doorbell_flag *asks;  /* mine: tell me when there is something to take */
	struct doorbell_flag *asked; /* the other's */
	struct doorbell_caller
		*peer; /* reaches the other module; may serve many links */
	const struct pool *pool;
	uint32_t module; /* its number, as an owner */
	bool gave;       /* since the last signal */
};

/* The memory a link needs; 0 where there can be none. */
size_t link_bytes(uint32_t slots);

/* Make one at the start of a region.  With as many slots (a power of two) as the pool
 * has buffers neither ring is ever full.  -EINVAL as ring_init. */
int link_init(void *region, size_t bytes, uint32_t slots);

/* Take an end; pool and peer must outlive it.  -EINVAL where the region holds no link.
 */
int link_open(struct link_end *l, enum link_side side, void *region, size_t bytes,
	      const struct pool *pool, uint32_t module, struct doorbell_caller *peer);

/* While the link is set up, once in the life of each buffer: give n of the pool's, from
 * the first on, that nobody had yet.  Returns how many fitted, or -EINVAL or -EPERM. */
int link_stock(struct link_end *l, uint32_t first, uint32_t n);

/* Take at most n buffers, which are this module's then.  Returns how many, or -EPROTO:
 * the other end gave what is no buffer, or was not its own. */
int link_take(struct link_end *l, struct ring_item *items, uint32_t n);

/* Give the first of n buffers, as many as there is room for; returns how many.  None
 * where one is not of the pool (-EINVAL) or not this module's (-EPERM). */
int link_give(struct link_end *l, const struct ring_item *items, uint32_t n);

/* How many can be given; looks for at least n. */
uint32_t link_room(struct link_end *l, uint32_t n);

/* After a batch: if something was given since the last time, and the other asked. */
void link_signal(struct link_end *l);

/* May the module sleep, as far as this link goes?  If nothing is to be taken it has
 * asked for a signal; if something is, it has not. */
bool link_idle(struct link_end *l);

/* Awake for another reason: no signal needed. */
void link_cancel(struct link_end *l);
#endif
