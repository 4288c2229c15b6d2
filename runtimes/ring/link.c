/* SPDX-License-Identifier: BSD-2-Clause */
/* link.c - two rings and two flags in one region. */
#include "config.h"

#include "runtimes/ring/link.h"

struct link_region {
	struct doorbell_flag receiver_asks, sender_asks;
	alignas(RING_LINE) unsigned char rings[]; /* active, free */
};

/* A ring's, so that the next begins a line. */
static size_t ring_room_bytes(uint32_t slots)
{
	size_t bytes = ring_bytes(slots, sizeof(struct ring_item));

	return (bytes + RING_LINE - 1) / RING_LINE * RING_LINE;
}

size_t link_bytes(uint32_t slots)
{
	size_t one = ring_room_bytes(slots);

	return one ? sizeof(struct link_region) + 2 * one : 0;
}

int link_init(void *region, size_t bytes, uint32_t slots)
{
	struct link_region *r = region;
	size_t one = ring_room_bytes(slots);

	if (!one || bytes < link_bytes(slots) || (uintptr_t)region % RING_LINE)
		return -EINVAL;
	atomic_init(&r->receiver_asks.wanted, 0);
	atomic_init(&r->sender_asks.wanted, 0);
	ring_init(r->rings, one, slots, sizeof(struct ring_item));
	return ring_init(r->rings + one, one, slots, sizeof(struct ring_item));
}

int link_open(struct link_end *l, enum link_side side, void *region, size_t bytes,
	      const struct pool *pool, uint32_t module, struct doorbell_caller *peer)
{
	struct link_region *r = region;
	bool sends = side == LINK_SENDER;
	struct ring_end *active = sends ? &l->give : &l->take;
	struct ring_end *free = sends ? &l->take : &l->give;
	size_t left, one;
	int result;

	if (bytes < sizeof *r || module == POOL_ON_ITS_WAY)
		return -EINVAL;
	left = bytes - sizeof *r;
	result = ring_open(active, sends ? RING_PRODUCER : RING_CONSUMER, r->rings,
			   left, sizeof(struct ring_item));
	if (result < 0)
		return result;
	one = ring_room_bytes(active->mask + 1);
	if (left < one)
		return -EINVAL;
	result = ring_open(free, sends ? RING_CONSUMER : RING_PRODUCER, r->rings + one,
			   left - one, sizeof(struct ring_item));
	if (result < 0)
		return result;
	l->asks = sends ? &r->sender_asks : &r->receiver_asks;
	l->asked = sends ? &r->receiver_asks : &r->sender_asks;
	l->peer = peer;
	l->pool = pool;
	l->module = module;
	l->gave = false;
	return 0;
}

int link_stock(struct link_end *l, uint32_t first, uint32_t n)
{
	if (first > l->pool->count || n > l->pool->count - first)
		return -EINVAL;
	for (uint32_t i = 0; i < n; i++) {
		struct ring_item item = {
			.offset = (first + i) * l->pool->buffer_bytes,
		};
		int result = pool_pass(l->pool, &item, 1, POOL_ON_ITS_WAY, l->module);

		if (result == 0)
			result = link_give(l, &item, 1);
		if (result < 0)
			return result;
		if (result == 0)
			return (int)i;
	}
	return (int)n;
}

static bool all_held(const struct pool *p, const struct ring_item *items, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!pool_holds(p, &items[i]))
			return false;
	return true;
}

int link_take(struct link_end *l, struct ring_item *items, uint32_t n)
{
	uint32_t got = ring_get(&l->take, items, n);

	if (!all_held(l->pool, items, got) ||
	    pool_pass(l->pool, items, got, POOL_ON_ITS_WAY, l->module) < 0)
		return -EPROTO;
	return (int)got;
}

int link_give(struct link_end *l, const struct ring_item *items, uint32_t n)
{
	uint32_t room = link_room(l, n);
	int result;

	n = n < room ? n : room;
	if (!all_held(l->pool, items, n))
		return -EINVAL;
	result = pool_pass(l->pool, items, n, l->module, POOL_ON_ITS_WAY);
	if (result < 0)
		return result;
	ring_put(&l->give, items, n);
	l->gave = l->gave || n;
	return (int)n;
}

uint32_t link_room(struct link_end *l, uint32_t n)
{
	return ring_room(&l->give, n);
}

void link_signal(struct link_end *l)
{
	if (l->gave)
		doorbell_answer(l->peer, l->asked);
	l->gave = false;
}

bool link_idle(struct link_end *l)
{
	if (ring_filled(&l->take, 1))
		return false;
	doorbell_request(l->asks);
	if (!ring_filled(&l->take, 1))
		return true;
	doorbell_cancel(l->asks);
	return false;
}

void link_cancel(struct link_end *l)
{
	doorbell_cancel(l->asks);
}
