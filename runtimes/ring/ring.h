/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.h - a queue between one producer and one consumer, without locks, in memory that
 * both have mapped, maybe each at another address: it holds no pointer.  What a side
 * knows for itself (its own counter, the other's as last seen) is private to it, so
 * that the other cannot lead it out of its memory.
 *
 * Counters run free and are compared by unsigned subtraction only (Lamport 1977 has
 * the proof that two suffice).  They start so that they wrap within the first round. */
#ifndef DUALITY_RING_H
#define DUALITY_RING_H

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	RING_LINE =
		128, /* what one writer has for itself: x86 fetches lines in pairs */
	RING_FETCH = 64,  /* what a processor fetches */
	RING_AHEAD = 512, /* bytes before it is used */
	RING_SLOTS_MOST = 1 << 24,
	RING_SLOT_BYTES_LEAST = 8,
	RING_SLOT_BYTES_MOST = 256,
	RING_MAGIC = 0x52494e47
};

enum ring_side { RING_PRODUCER, RING_CONSUMER };

/* In the shared region. */
struct ring {
	alignas(RING_LINE) _Atomic uint32_t tail; /* put so far; the producer writes */
	alignas(RING_LINE) _Atomic uint32_t head; /* got so far; the consumer writes */
	alignas(RING_LINE) uint32_t magic;        /* from here on: nobody, after init */
	uint32_t slots, slot_bytes;
	alignas(RING_LINE) unsigned char slot[];
};

/* One side of it, in that side's own memory. */
struct ring_end {
	alignas(RING_LINE) uint32_t at; /* its own counter */
	uint32_t seen;                  /* the other's, as last read */
	uint32_t mask;
	_Atomic uint32_t *own, *others;
	unsigned char *slot;
};

/* What modules pass: where in a region of buffers, how much of it, and a word of their
 * own (a connection, a request). */
struct ring_item {
	uint32_t offset, length;
	uint64_t tag;
};

static inline int ring_is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* The memory a ring needs; 0 where there can be no such ring. */
static inline size_t ring_bytes(uint32_t slots, uint32_t slot_bytes)
{
	if (!ring_is_power_of_two(slots) || slots > RING_SLOTS_MOST ||
	    !ring_is_power_of_two(slot_bytes) || slot_bytes < RING_SLOT_BYTES_LEAST ||
	    slot_bytes > RING_SLOT_BYTES_MOST)
		return 0;
	return sizeof(struct ring) + (size_t)slots * slot_bytes;
}

/* Make a ring at the start of a region, before anyone has a side of it.  Both sizes are
 * powers of two, the region is aligned to RING_LINE; else, or if it is too small:
 * -EINVAL. */
static inline int ring_init(void *region, size_t bytes, uint32_t slots,
			    uint32_t slot_bytes)
{
	struct ring *r = region;
	size_t need = ring_bytes(slots, slot_bytes);
	uint32_t first = 0 - slots / 2; /* as Linux starts its jiffies */

	if (!need || bytes < need || (uintptr_t)region % RING_LINE)
		return -EINVAL;
	atomic_init(&r->tail, first);
	atomic_init(&r->head, first);
	r->slots = slots;
	r->slot_bytes = slot_bytes;
	r->magic = RING_MAGIC;
	return 0;
}

/* Take a side of a ring that ring_init made, maybe in another process, and go on where
 * that side was.  -EINVAL where the region holds no such ring. */
static inline int ring_open(struct ring_end *e, enum ring_side side, void *region,
			    size_t bytes, uint32_t slot_bytes)
{
	struct ring *r = region;
	size_t need;

	if (bytes < sizeof *r || (uintptr_t)region % RING_LINE ||
	    r->magic != RING_MAGIC || r->slot_bytes != slot_bytes)
		return -EINVAL;
	e->mask = r->slots - 1; /* read once: later the other side may write there */
	need = ring_bytes(e->mask + 1, slot_bytes);
	if (!need || bytes < need)
		return -EINVAL;
	e->own = side == RING_PRODUCER ? &r->tail : &r->head;
	e->others = side == RING_PRODUCER ? &r->head : &r->tail;
	e->slot = r->slot;
	e->at = atomic_load_explicit(e->own, memory_order_relaxed);
	e->seen = atomic_load_explicit(e->others, memory_order_acquire);
	if (side == RING_PRODUCER ? e->at - e->seen > e->mask + 1
				  : e->seen - e->at > e->mask + 1)
		return -EINVAL;
	return 0;
}

/* The producer's: how many can be put.  The consumer's counter is read again only if
 * fewer than n are known to fit; one that cannot be true is not believed. */
static inline uint32_t ring_room(struct ring_end *p, uint32_t n)
{
	uint32_t slots = p->mask + 1;

	if (slots - (p->at - p->seen) < n) {
		/* pairs with the release in ring_took: the consumer has read them */
		uint32_t head = atomic_load_explicit(p->others, memory_order_acquire);

		if (p->at - head <= slots)
			p->seen = head;
	}
	return slots - (p->at - p->seen);
}

/* The consumer's: how many can be got; as ring_room. */
static inline uint32_t ring_filled(struct ring_end *c, uint32_t n)
{
	if (c->seen - c->at < n) {
		/* pairs with the release in ring_gave: the producer has written them */
		uint32_t tail = atomic_load_explicit(c->others, memory_order_acquire);

		if (tail - c->at <= c->mask + 1)
			c->seen = tail;
	}
	return c->seen - c->at;
}

/* The next n slots are written. */
static inline void ring_gave(struct ring_end *p, uint32_t n)
{
	p->at += n;
	/* pairs with the acquire in ring_filled: slots before the count of them */
	atomic_store_explicit(p->own, p->at, memory_order_release);
}

/* The next n slots are read. */
static inline void ring_took(struct ring_end *c, uint32_t n)
{
	c->at += n;
	/* pairs with the acquire in ring_room: read before they are written again */
	atomic_store_explicit(c->own, c->at, memory_order_release);
}

/* One slot, word by word.  Compilers like to read two words that were just written as
 * one of twice the size, which waits until both are in the cache (Intel's optimization
 * manual, "store forwarding"); an empty asm, which might change the word for all they
 * know, keeps them apart. */
static inline __attribute__((always_inline)) void ring_copy(void *to, const void *from,
							    size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, (const unsigned char *)from + i, sizeof word);
		__asm__("" : "+r"(word));
		memcpy((unsigned char *)to + i, &word, sizeof word);
	}
}

/* Fetch a line that will be written.  GCC's prefetch for writing is on x86-64 one for
 * reading, unless the processor is named (-mprfchw): then the line is fetched twice, to
 * read and again to write. */
static inline __attribute__((always_inline)) void
ring_fetch_to_write(const unsigned char *line)
{
#if defined __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*line));
#else
	__builtin_prefetch(line, 1);
#endif
}

/* Fetch lines some time before their slots are used: the other side had them last, and
 * of loads and stores alone too few are under way at once to hide how long a line takes
 * to come over.  Each at most once, by the batch that begins the line RING_AHEAD bytes
 * before it; and only of slots known to be this side's, as the other is at work in
 * those beyond. */
static inline __attribute__((always_inline)) void
ring_fetch_ahead(const struct ring_end *e, enum ring_side side, uint32_t n,
		 uint32_t known, size_t size)
{
	uint32_t per_line = size < RING_FETCH ? (uint32_t)(RING_FETCH / size) : 1;
	uint32_t ahead = (uint32_t)(RING_AHEAD / size), at = e->at;

	if (known < n + ahead + per_line)
		return;
	for (uint32_t i = (0 - at) % per_line; i < n; i += per_line) {
		const unsigned char *line =
			e->slot + ((at + i + ahead) & e->mask) * size;

		if (side == RING_PRODUCER)
			ring_fetch_to_write(line);
		else
			__builtin_prefetch(line);
	}
}

/* Put the first of n items, as many as fit; returns how many: fewer than n is
 * back-pressure.  Always in line, so that a size that is a constant stays one. */
static inline __attribute__((always_inline)) uint32_t
ring_put_sized(struct ring_end *p, const void *items, uint32_t n, size_t size)
{
	/* copies: a store to a slot may change *p, for all a compiler knows */
	uint32_t room = ring_room(p, n), at = p->at, mask = p->mask;
	const unsigned char *from = items;
	unsigned char *slot = p->slot;

	n = n < room ? n : room;
	if (!n)
		return 0;
	ring_fetch_ahead(p, RING_PRODUCER, n, room, size);
	for (uint32_t i = 0; i < n; i++)
		ring_copy(slot + ((at + i) & mask) * size, from + i * size, size);
	ring_gave(p, n);
	return n;
}

/* Get at most n items; returns how many. */
static inline __attribute__((always_inline)) uint32_t
ring_get_sized(struct ring_end *c, void *items, uint32_t n, size_t size)
{
	uint32_t filled = ring_filled(c, n), at = c->at, mask = c->mask;
	const unsigned char *slot = c->slot;
	unsigned char *to = items;

	n = n < filled ? n : filled;
	if (!n)
		return 0;
	ring_fetch_ahead(c, RING_CONSUMER, n, filled, size);
	for (uint32_t i = 0; i < n; i++)
		ring_copy(to + i * size, slot + ((at + i) & mask) * size, size);
	ring_took(c, n);
	return n;
}

static inline uint32_t ring_put(struct ring_end *p, const struct ring_item *items,
				uint32_t n)
{
	return ring_put_sized(p, items, n, sizeof *items);
}

static inline uint32_t ring_get(struct ring_end *c, struct ring_item *items, uint32_t n)
{
	return ring_get_sized(c, items, n, sizeof *items);
}
#endif
