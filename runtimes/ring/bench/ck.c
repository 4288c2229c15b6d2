/* SPDX-License-Identifier: BSD-2-Clause */
/* ck.c - Concurrency Kit's ring in the loops of flow.h.  It has no batches: n are put
 * one by one, as its users would. */
#include "config.h"

#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/flow.h"

#include <assert.h>
#include <ck_ring.h>
#include <stdalign.h>
#include <stddef.h>

/* Its counters begin lines of 64 bytes that follow each other.  Lines are fetched in
 * pairs of 128: half a pair on, what either side writes is in a pair of its own. */
struct both {
	alignas(128) unsigned char half[64];
	struct ck_ring ring;
	alignas(128) struct ck_ring_buffer buffer[FLOW_SLOTS];
};

static_assert(offsetof(struct both, ring) % 128 == 64, "half a pair on");

static struct both *both;

static bool make(struct flow *f)
{
	if (!both)
		both = duo_memory(2 * sizeof *both);
	for (int i = 0; both && i < 2; i++) {
		f->ring[i] = &both[i];
		ck_ring_init(&both[i].ring, FLOW_SLOTS);
	}
	return both;
}

FLOW_INLINE uint32_t put(void *ring, uint64_t *words, uint32_t n)
{
	struct both *b = ring;
	uint32_t i = 0;

	while (i < n && ck_ring_enqueue_spsc(&b->ring, b->buffer, (void *)words[i]))
		i++;
	return i;
}

FLOW_INLINE uint32_t get(void *ring, uint64_t *words, uint32_t n)
{
	struct both *b = ring;
	uint32_t i = 0;
	void *message;

	while (i < n && ck_ring_dequeue_spsc(&b->ring, b->buffer, &message))
		words[i++] = (uint64_t)message;
	return i;
}

static void produce(struct flow *f)
{
	flow_produce(f, put, get);
}

static void consume(struct flow *f)
{
	flow_consume(f, put, get);
}

static void pass(struct flow *f)
{
	flow_pass(f, put, get);
}

const struct kind kind_ck = {"ck_ring", NULL, make, produce, consume, pass};
