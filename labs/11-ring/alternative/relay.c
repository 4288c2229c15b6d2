/* SPDX-License-Identifier: BSD-2-Clause */
/* relay.c - a second solution (LAB-SECRET): whole batches, and an item that found no
 * room is never taken, as only so many are taken as there is room for. */
#include "relay.h"

static uint32_t room_for(struct ring *r)
{
	uint32_t room = r->slots - (atomic_load(&r->tail) - atomic_load(&r->head));

	return room < RELAY_BATCH ? room : RELAY_BATCH;
}

static void tell(struct end *e)
{
	if (doorbell_answer(e->theirs))
		bell_ring(e->bell);
}

void relay_notified(struct relay *m)
{
	struct item items[RELAY_BATCH];
	uint32_t n, room;

	do {
		room = room_for(m->out.ring);
		n = ring_get(m->in.ring, items, room);
		for (uint32_t i = 0; i < n; i++)
			items[i].tag = relay_work(m->key, items[i].tag);
		if (n > 0) {
			ring_put(m->out.ring, items, n);
			tell(&m->in);
			tell(&m->out);
		}
	} while (n > 0 ||
		 (room == 0 ? !doorbell_idle(m->out.mine, ring_has_room, m->out.ring)
			    : !doorbell_idle(m->in.mine, ring_has_item, m->in.ring)));
}
