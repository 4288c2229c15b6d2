/* SPDX-License-Identifier: BSD-2-Clause */
/* model-wake.c - for lab-weave: a consumer that sleeps when the ring is empty, a
 * producer that sleeps when it is full, and one bell for each. */
#include "../doorbell.h"

#include "bell.h"

#include <weave.h>

enum { SLOTS = 2, MESSAGES = 3 };

static _Alignas(RING_LINE) unsigned char memory[sizeof(struct ring) + 1024];
static struct flag item_wanted, room_wanted;
static struct bell producers_bell, consumers_bell;

static struct ring *ring(void)
{
	return (struct ring *)memory;
}

static void producer(void)
{
	for (uint32_t i = 0; i < MESSAGES;) {
		const struct item item = {.tag = weave_input(i)};

		weave_again(i);
		if (ring_put(ring(), &item, 1) == 1) {
			i++;
			if (doorbell_answer(&item_wanted))
				bell_ring(&consumers_bell);
		} else if (doorbell_idle(&room_wanted, ring_has_room, ring())) {
			bell_wait(&producers_bell);
		}
	}
}

static void consumer(void)
{
	for (uint32_t i = 0; i < MESSAGES;) {
		struct item item;

		weave_again(i);
		if (ring_get(ring(), &item, 1) == 1) {
			weave_check(item.tag == weave_input(i),
				    "what comes is what was sent, in that order");
			weave_observe("got", item.tag);
			i++;
			if (doorbell_answer(&room_wanted))
				bell_ring(&producers_bell);
		} else if (doorbell_idle(&item_wanted, ring_has_item, ring())) {
			bell_wait(&consumers_bell);
		}
	}
}

static void prepare(void)
{
	struct ring *r = ring();

	if (ring_bytes(SLOTS) > sizeof memory ||
	    !ring_init(r, sizeof memory, SLOTS, UINT32_MAX))
		r->slots = 0;
	weave_name(&r->tail, sizeof r->tail, "tail");
	weave_name(&r->head, sizeof r->head, "head");
	weave_name(memory + sizeof *r, sizeof memory - sizeof *r, "slots");
}

int main(void)
{
	static const struct weave_thread threads[] = {
		{"producer", producer, false},
		{"consumer", consumer, false},
		{NULL, NULL, false},
	};
	static const struct weave_model model = {prepare, threads, NULL};

	return weave_main(&model);
}
