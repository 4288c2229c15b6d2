/* SPDX-License-Identifier: BSD-2-Clause */
/* keep.c - a client may die between any two instructions.  The order of its writes is
 * what counts, as its successor on another CPU will see them all. */
#include "config.h"

#include "keep.h"

/* What is above is written before what is below, as a successor sees it. */
static void order(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

uint32_t keep_take(struct module *m, unsigned channel, struct keep *k,
		   struct ring_item *items, uint32_t n)
{
	uint32_t filled = n ? port_filled(m, channel, n) : 0, got = 0;

	for (uint32_t i = 0; i < filled; i++) {
		items[got] = port_look(m, channel, i);
		if (!frame_lies_in(&items[got], NET_REGION_BYTES))
			continue;
		k->has[frame_buffer(&items[got++])] = true;
	}
	order();
	port_took(m, channel, filled);
	network_count(m, NET_DROPS_MALFORMED, filled - got);
	return got;
}

void keep_give(struct module *m, unsigned channel, struct keep *k,
	       const struct ring_item *items, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		k->give[i] = (uint16_t)frame_buffer(&items[i]);
	k->giving_at = m->ports[channel].end.at;
	order();
	k->giving = n;
	order();
	port_put(m, channel, items, n);
	order();
	for (uint32_t i = 0; i < n; i++)
		k->has[frame_buffer(&items[i])] = false;
	order();
	k->giving = 0;
}

void keep_begin(struct keep *k)
{
	if (k->begun)
		return;
	memset(k->has, true, sizeof k->has);
	order();
	k->begun = true;
}

void keep_revive(struct module *m, unsigned in, unsigned out, struct keep *k)
{
	uint32_t at = m->ports[out].end.at, filled;

	if (k->giving > 0 && at == k->giving_at + k->giving)
		for (uint32_t i = 0; i < k->giving; i++)
			k->has[k->give[i] % NET_BUFFERS] = false;
	k->giving = 0;
	filled = port_filled(m, in, NET_BUFFERS);
	for (uint32_t i = 0; i < filled; i++) {
		struct ring_item item = port_look(m, in, i);

		k->has[frame_buffer(&item) % NET_BUFFERS] = false;
	}
}
