/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.c - yours.  Every access to a counter of the other side is atomic and says in
 * its order (memory_order_...) what it is for; everything else is plain. */
#include "ring.h"

/* @solution LAB-SECRET */
/* The slots follow the ring itself, in whatever memory that is here. */
static struct item *slot(const struct ring *r, uint32_t counter)
{
	struct item *first = (struct item *)((uintptr_t)r + r->place);

	return &first[counter & (r->slots - 1)];
}

size_t ring_bytes(uint32_t slots)
{
	return sizeof(struct ring) + slots * sizeof(struct item);
}

bool ring_init(struct ring *r, size_t bytes, uint32_t slots, uint32_t first)
{
	if (slots == 0 || slots > RING_SLOTS_MOST || (slots & (slots - 1)) != 0 ||
	    bytes < ring_bytes(slots))
		return false;
	atomic_init(&r->tail, first);
	atomic_init(&r->head, first);
	r->slots = slots;
	r->place = sizeof *r;
	return true;
}

uint32_t ring_put(struct ring *r, const struct item *items, uint32_t n)
{
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	/* pairs with the release in ring_get: those slots have been read */
	uint32_t head = atomic_load_explicit(&r->head, memory_order_acquire);
	uint32_t room = r->slots - (tail - head);

	n = n < room ? n : room;
	for (uint32_t i = 0; i < n; i++)
		*slot(r, tail + i) = items[i];
	if (n > 0)
		/* pairs with the acquire in ring_get: slots before the count of them */
		atomic_store_explicit(&r->tail, tail + n, memory_order_release);
	return n;
}

uint32_t ring_get(struct ring *r, struct item *items, uint32_t n)
{
	uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	/* pairs with the release in ring_put: those slots have been written */
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	uint32_t filled = tail - head;

	n = n < filled ? n : filled;
	for (uint32_t i = 0; i < n; i++)
		items[i] = *slot(r, head + i);
	if (n > 0)
		/* pairs with the acquire in ring_put: read before written again */
		atomic_store_explicit(&r->head, head + n, memory_order_release);
	return n;
}

bool ring_has_item(const struct ring *r)
{
	return atomic_load_explicit(&r->tail, memory_order_acquire) !=
	       atomic_load_explicit(&r->head, memory_order_relaxed);
}

bool ring_has_room(const struct ring *r)
{
	uint32_t head = atomic_load_explicit(&r->head, memory_order_acquire);
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	return tail - head < r->slots;
}
/* @starter */
//| size_t ring_bytes(uint32_t slots)
//| {
//| 	return sizeof(struct ring) + slots * sizeof(struct item);
//| }
//|
//| bool ring_init(struct ring *r, size_t bytes, uint32_t slots, uint32_t first)
//| {
//| 	(void)r, (void)bytes, (void)slots, (void)first;
//| 	return false;
//| }
//|
//| uint32_t ring_put(struct ring *r, const struct item *items, uint32_t n)
//| {
//| 	(void)r, (void)items, (void)n;
//| 	return 0;
//| }
//|
//| uint32_t ring_get(struct ring *r, struct item *items, uint32_t n)
//| {
//| 	(void)r, (void)items, (void)n;
//| 	return 0;
//| }
//|
//| bool ring_has_item(const struct ring *r)
//| {
//| 	(void)r;
//| 	return false;
//| }
//|
//| bool ring_has_room(const struct ring *r)
//| {
//| 	(void)r;
//| 	return false;
//| }
/* @end */
