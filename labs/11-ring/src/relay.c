/* SPDX-License-Identifier: BSD-2-Clause */
/* relay.c - yours. */
#include "relay.h"

/* @solution LAB-SECRET */
static void end_signal(struct end *e)
{
	if (doorbell_answer(e->theirs))
		bell_ring(e->bell);
}

/* One item after the other, while there is room, so that none has to be kept. */
static uint32_t batch(struct relay *m)
{
	uint32_t n = 0;

	while (n < RELAY_BATCH && ring_has_room(m->out.ring)) {
		struct item item;

		if (ring_get(m->in.ring, &item, 1) == 0)
			break;
		item.tag = relay_work(m->key, item.tag);
		ring_put(m->out.ring, &item, 1);
		n++;
	}
	return n;
}

void relay_notified(struct relay *m)
{
	for (;;) {
		if (batch(m) > 0) {
			end_signal(&m->out);
			end_signal(&m->in);
		} else if (!ring_has_room(m->out.ring)) {
			if (doorbell_idle(m->out.mine, ring_has_room, m->out.ring))
				return;
		} else if (doorbell_idle(m->in.mine, ring_has_item, m->in.ring)) {
			return;
		}
	}
}
/* @starter */
//| void relay_notified(struct relay *m)
//| {
//| 	(void)m;
//| }
/* @end */
