/* SPDX-License-Identifier: BSD-2-Clause */
/* rte.c - DPDK's ring in the loops of flow.h, made for one producer and one consumer.
 * It needs nothing else of DPDK: memory is ours. */
#include "config.h"

#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/flow.h"

#include <rte_ring.h>

static struct rte_ring *rings[2];

static bool make(struct flow *f)
{
	size_t bytes = (size_t)rte_ring_get_memsize(FLOW_SLOTS);

	for (int i = 0; i < 2; i++) {
		if (!rings[i])
			rings[i] = duo_memory(bytes);
		if (!rings[i] || rte_ring_init(rings[i], "flow", FLOW_SLOTS,
					       RING_F_SP_ENQ | RING_F_SC_DEQ) < 0)
			return false;
		f->ring[i] = rings[i];
	}
	return true;
}

FLOW_INLINE uint32_t put(void *ring, uint64_t *words, uint32_t n)
{
	return rte_ring_sp_enqueue_burst(ring, (void *const *)words, n, NULL);
}

FLOW_INLINE uint32_t get(void *ring, uint64_t *words, uint32_t n)
{
	return rte_ring_sc_dequeue_burst(ring, (void **)words, n, NULL);
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

const struct kind kind_rte = {"rte_ring", NULL, make, produce, consume, pass};
