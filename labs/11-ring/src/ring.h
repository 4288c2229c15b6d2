/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.h - a bounded queue between one producer and one consumer, without a lock.  The
 * two may be threads, or processes that have the same memory mapped at different
 * addresses. This file is given; ring.c is yours. */
#ifndef RING_H
#define RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RING_LINE = 64, RING_SLOTS_MOST = 1 << 16 };

/* What modules pass: where something is in memory they share, how long it is, and a
 * word. */
struct item {
	uint32_t offset, length;
	uint64_t tag;
};

/* At the beginning of the shared memory.  The counters run free: they count what was
 * ever put and what was ever got, and wrap at 2^32.  What is called `own` is for you,
 * if you want it: that of a side, for that side only. */
struct ring {
	_Alignas(RING_LINE) _Atomic uint32_t tail; /* put so far: the producer's */
	uint32_t producers_own[4];
	_Alignas(RING_LINE) _Atomic uint32_t head; /* got so far: the consumer's */
	uint32_t consumers_own[4];
	_Alignas(RING_LINE) uint32_t slots; /* from ring_init() on only read */
	uint64_t place; /* of the slots; how you write it is yours */
};

/* The memory that a ring of so many slots needs, itself included. */
size_t ring_bytes(uint32_t slots);

/* Makes an empty ring at the beginning of that memory, which is aligned to RING_LINE;
 * both its counters begin at `first`.  slots is a power of two.  Only one side calls
 * this, once. false if that cannot be. */
bool ring_init(struct ring *r, size_t bytes, uint32_t slots, uint32_t first);

/* The producer's: puts the first of n items, as many as fit, and returns how many. */
uint32_t ring_put(struct ring *r, const struct item *items, uint32_t n);

/* The consumer's: gets at most n items, the oldest first, and returns how many. */
uint32_t ring_get(struct ring *r, struct item *items, uint32_t n);

/* For the consumer: is there something to get?  For the producer: is there room? */
bool ring_has_item(const struct ring *r);
bool ring_has_room(const struct ring *r);

#endif
