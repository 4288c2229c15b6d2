/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.c - OWNERSHIP_CHECKED (0 or 1) is set by the build: configure's
 * --enable-ownership, and always where the tests are linked. */
#include "config.h"

#include "runtimes/ring/pool.h"

bool pool_checks(void)
{
	return OWNERSHIP_CHECKED;
}

int pool_open(struct pool *p, void *region, size_t bytes, uint32_t count,
	      uint32_t buffer_bytes, _Atomic uint32_t *owner)
{
	uint64_t need = (uint64_t)count * buffer_bytes;

	if (!count || !ring_is_power_of_two(buffer_bytes) || need > bytes ||
	    need > UINT32_MAX)
		return -EINVAL;
	*p = (struct pool){
		.buffers = region,
		.count = count,
		.buffer_bytes = buffer_bytes,
		.owner = owner,
	};
	return 0;
}

static bool pass_one(const struct pool *p, const struct ring_item *item, uint32_t from,
		     uint32_t to)
{
	/* Relaxed, pairs with nothing: the ring's counters order what is in the buffer
	 * and this beside it. */
	return atomic_compare_exchange_strong_explicit(
		&p->owner[item->offset / p->buffer_bytes], &from, to,
		memory_order_relaxed, memory_order_relaxed);
}

int pool_pass(const struct pool *p, const struct ring_item *items, uint32_t n,
	      uint32_t from, uint32_t to)
{
	if (!OWNERSHIP_CHECKED || !p->owner)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		if (pass_one(p, &items[i], from, to))
			continue;
		while (i-- > 0)
			pass_one(p, &items[i], to, from);
		return -EPERM;
	}
	return 0;
}
