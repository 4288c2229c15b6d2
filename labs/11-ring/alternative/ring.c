/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.c - a second solution (LAB-SECRET): each side remembers what it last saw of the
 * other's counter, and looks again only when that does not suffice; slots are copied in
 * at most two pieces; the last slot first, so that nothing depends on their order. */
#include "ring.h"

#include <string.h>

enum { SEEN }; /* of a side's own words: the other's counter as last seen */

static struct item *slots_of(const struct ring *r)
{
	return (struct item *)((char *)(uintptr_t)r + (size_t)r->place * RING_LINE);
}

size_t ring_bytes(uint32_t slots)
{
	return sizeof(struct ring) + (size_t)slots * sizeof(struct item);
}

bool ring_init(struct ring *r, size_t bytes, uint32_t slots, uint32_t first)
{
	bool power = slots != 0 && (slots & (slots - 1)) == 0;

	if (!power || slots > RING_SLOTS_MOST || bytes < ring_bytes(slots))
		return false;
	memset(r, 0, sizeof *r);
	atomic_init(&r->tail, first);
	atomic_init(&r->head, first);
	r->producers_own[SEEN] = r->consumers_own[SEEN] = first;
	r->slots = slots;
	r->place = sizeof *r / RING_LINE;
	return true;
}

/* Before the end of the memory, and from its beginning. */
static uint32_t first_piece(const struct ring *r, uint32_t counter, uint32_t n)
{
	uint32_t until_end = r->slots - counter % r->slots;

	return n < until_end ? n : until_end;
}

uint32_t ring_put(struct ring *r, const struct item *items, uint32_t n)
{
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint32_t *seen = &r->producers_own[SEEN], room = r->slots - (tail - *seen),
		 piece;

	if (room < n) {
		/* pairs with the release in ring_get */
		*seen = atomic_load_explicit(&r->head, memory_order_acquire);
		room = r->slots - (tail - *seen);
	}
	if (n > room)
		n = room;
	if (n == 0)
		return 0;
	piece = first_piece(r, tail, n);
	memcpy(slots_of(r), items + piece, (n - piece) * sizeof *items);
	memcpy(slots_of(r) + tail % r->slots, items, piece * sizeof *items);
	/* pairs with the acquire in ring_get */
	atomic_store_explicit(&r->tail, tail + n, memory_order_release);
	return n;
}

uint32_t ring_get(struct ring *r, struct item *items, uint32_t n)
{
	uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	uint32_t *seen = &r->consumers_own[SEEN], piece;

	if (*seen - head < n)
		/* pairs with the release in ring_put */
		*seen = atomic_load_explicit(&r->tail, memory_order_acquire);
	if (n > *seen - head)
		n = *seen - head;
	if (n == 0)
		return 0;
	piece = first_piece(r, head, n);
	memcpy(items + piece, slots_of(r), (n - piece) * sizeof *items);
	memcpy(items, slots_of(r) + head % r->slots, piece * sizeof *items);
	/* pairs with the acquire in ring_put */
	atomic_store_explicit(&r->head, head + n, memory_order_release);
	return n;
}

bool ring_has_item(const struct ring *r)
{
	return atomic_load(&r->tail) - atomic_load(&r->head) != 0;
}

bool ring_has_room(const struct ring *r)
{
	return atomic_load(&r->tail) - atomic_load(&r->head) != r->slots;
}
