/* SPDX-License-Identifier: BSD-2-Clause */
/* ours.c - ring.h in the loops of flow.h: with words, which is what the others carry,
 * and with items, which is what modules pass. */
#include "config.h"

#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/flow.h"
#include "runtimes/ring/ring.h"

struct both {
	struct ring_end producer, consumer;
	struct ring_item out[FLOW_BATCH_MOST]; /* as a module would have them */
};

enum { REGION = sizeof(struct ring) + FLOW_SLOTS * sizeof(struct ring_item) };

/* A line more between the rings, as elsewhere between what two write. */
static struct memory {
	struct both both[2];
	alignas(RING_LINE) unsigned char region[2][REGION + RING_LINE];
} * memory;

static bool make(struct flow *f, uint32_t slot_bytes)
{
	struct both *both;

	if (!memory)
		memory = duo_memory(sizeof *memory);
	if (!memory)
		return false;
	both = memory->both;
	for (int i = 0; i < 2; i++) {
		unsigned char *region = memory->region[i];

		f->ring[i] = &both[i];
		if (ring_init(region, REGION, FLOW_SLOTS, slot_bytes) < 0 ||
		    ring_open(&both[i].producer, RING_PRODUCER, region, REGION,
			      slot_bytes) < 0 ||
		    ring_open(&both[i].consumer, RING_CONSUMER, region, REGION,
			      slot_bytes) < 0)
			return false;
	}
	return true;
}

/* --- words
 * ---------------------------------------------------------------------------- */

static bool words_make(struct flow *f)
{
	return make(f, sizeof(uint64_t));
}

FLOW_INLINE uint32_t words_put(void *ring, uint64_t *words, uint32_t n)
{
	return ring_put_sized(&((struct both *)ring)->producer, words, n,
			      sizeof *words);
}

FLOW_INLINE uint32_t words_get(void *ring, uint64_t *words, uint32_t n)
{
	return ring_get_sized(&((struct both *)ring)->consumer, words, n,
			      sizeof *words);
}

static void words_produce(struct flow *f)
{
	flow_produce(f, words_put, words_get);
}

static void words_consume(struct flow *f)
{
	flow_consume(f, words_put, words_get);
}

static void words_pass(struct flow *f)
{
	flow_pass(f, words_put, words_get);
}

const struct kind kind_ring = {
	"ring", NULL, words_make, words_produce, words_consume, words_pass,
};

/* --- items
 * ---------------------------------------------------------------------------- */

static bool items_make(struct flow *f)
{
	return make(f, sizeof(struct ring_item));
}

FLOW_INLINE uint32_t items_put(void *ring, uint64_t *words, uint32_t n)
{
	struct both *b = ring;

	for (uint32_t i = 0; i < n; i++)
		b->out[i].tag = words[i];
	return ring_put(&b->producer, b->out, n);
}

FLOW_INLINE uint32_t items_get(void *ring, uint64_t *words, uint32_t n)
{
	struct ring_item items[FLOW_BATCH_MOST];

	n = ring_get(&((struct both *)ring)->consumer, items, n);
	for (uint32_t i = 0; i < n; i++)
		words[i] = items[i].tag;
	return n;
}

static void items_produce(struct flow *f)
{
	flow_produce(f, items_put, items_get);
}

static void items_consume(struct flow *f)
{
	flow_consume(f, items_put, items_get);
}

static void items_pass(struct flow *f)
{
	flow_pass(f, items_put, items_get);
}

const struct kind kind_ring_items = {
	"ring-items", NULL, items_make, items_produce, items_consume, items_pass,
};
