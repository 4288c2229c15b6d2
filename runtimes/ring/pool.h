/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.h - buffers of one size in a region that modules share, named by their offset.
 * Each belongs to one module, or is on its way to one.  A build that checks ownership
 * keeps a table of that beside the buffers, and refuses what breaks it. */
#ifndef DUALITY_POOL_H
#define DUALITY_POOL_H

#include "runtimes/ring/ring.h"

#include <stdbool.h>

/* Modules are numbered from 1. */
enum { POOL_ON_ITS_WAY = 0 };

/* A module's view of a pool; the buffers may be mapped for reading only. */
struct pool {
	unsigned char *buffers;
	uint32_t count, buffer_bytes;
	_Atomic uint32_t
		*owner; /* of each buffer: a shared region of its own; or NULL */
};

/* Does this build check? */
bool pool_checks(void);

/* A view of count buffers (a power of two bytes each) in a region of so many bytes, and
 * of their owners: count numbers that were zero at first, or NULL: nothing is checked.
 * -EINVAL where they do not fit, or one could not be named. */
int pool_open(struct pool *p, void *region, size_t bytes, uint32_t count,
	      uint32_t buffer_bytes, _Atomic uint32_t *owner);

/* Is this a buffer of the pool, and does it hold that much?  An item may come from
 * another protection domain: look before use. */
static inline bool pool_holds(const struct pool *p, const struct ring_item *item)
{
	return item->offset % p->buffer_bytes == 0 &&
	       item->offset / p->buffer_bytes < p->count &&
	       item->length <= p->buffer_bytes;
}

static inline unsigned char *pool_buffer(const struct pool *p,
					 const struct ring_item *item)
{
	return p->buffers + item->offset;
}

/* All n buffers pass from one owner to the other, or none does: -EPERM where one is not
 * `from`'s (it gave it before, or never had it). */
int pool_pass(const struct pool *p, const struct ring_item *items, uint32_t n,
	      uint32_t from, uint32_t to);
#endif
