/* SPDX-License-Identifier: BSD-2-Clause */
/* barriers.c - a put and a get by themselves, for barriers.sh to look at what becomes
 * of them. */
#include "runtimes/ring/ring.h"

uint32_t barrier_put(struct ring_end *p, const struct ring_item *items);
uint32_t barrier_get(struct ring_end *c, struct ring_item *items);

uint32_t barrier_put(struct ring_end *p, const struct ring_item *items)
{
	return ring_put(p, items, 8);
}

uint32_t barrier_get(struct ring_end *c, struct ring_item *items)
{
	return ring_get(c, items, 8);
}
