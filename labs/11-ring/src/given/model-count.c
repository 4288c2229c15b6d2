/* SPDX-License-Identifier: BSD-2-Clause */
/* model-count.c - for lab-weave --signals, which counts them: how many there are when
 * the consumer never sleeps, when it asked once, and when it asked and then need not.
 */
#include "../relay.h"

#include <string.h>
#include <weave.h>

enum { SLOTS = 8, BATCHES = 3 };

static _Alignas(RING_LINE) unsigned char memory[2][sizeof(struct ring) + 1024];
static struct flag item_wanted, room_wanted, unused;
static struct bell bell;

static struct ring *ring(int i)
{
	return (struct ring *)memory[i];
}

static void item_put(uint64_t tag)
{
	const struct item item = {.tag = tag};

	weave_observe("put", ring_put(ring(0), &item, 1));
	if (doorbell_answer(&item_wanted))
		bell_ring(&bell);
}

static void idle(void)
{
	weave_observe("sleeps", doorbell_idle(&item_wanted, ring_has_item, ring(0)));
}

static void all_taken(void)
{
	struct item item;

	while (ring_get(ring(0), &item, 1) == 1)
		weave_observe("got", item.tag);
}

/* Nobody ever asked. */
static void busy(void)
{
	for (uint32_t i = 0; i < BATCHES; i++)
		item_put(weave_input(i));
	all_taken();
}

/* Asked, and sleeps on while three batches come. */
static void asleep(void)
{
	idle();
	for (uint32_t i = 0; i < BATCHES; i++)
		item_put(weave_input(i));
	all_taken();
}

/* Was about to ask, and found something. */
static void awake(void)
{
	item_put(weave_input(0));
	idle();
	item_put(weave_input(1));
	all_taken();
}

/* A relay takes six items at once, and both its neighbours asked. */
static void relay(void)
{
	struct relay m = {
		.in = {ring(0), &unused, &room_wanted, &bell},
		.out = {ring(1), &unused, &item_wanted, &bell},
	};
	struct item item;

	for (uint32_t i = 0; i < 6; i++) {
		item = (struct item){.tag = weave_input(i)};
		ring_put(ring(0), &item, 1);
	}
	atomic_store(&room_wanted.wanted, 1);
	atomic_store(&item_wanted.wanted, 1);
	relay_notified(&m);
	while (ring_get(ring(1), &item, 1) == 1)
		weave_observe("got", item.tag);
}

static void prepare(void)
{
	for (int i = 0; i < 2; i++)
		if (ring_bytes(SLOTS) > sizeof memory[i] ||
		    !ring_init(ring(i), sizeof memory[i], SLOTS, UINT32_MAX))
			ring(i)->slots = 0;
}

int main(int argc, char **argv)
{
	static const struct weave_thread all[] = {{"busy", busy, false},
						  {"asleep", asleep, false},
						  {"awake", awake, false},
						  {"relay", relay, false}};
	struct weave_thread threads[2] = {{NULL, NULL, false}, {NULL, NULL, false}};
	const struct weave_model model = {prepare, threads, NULL};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (argc == 2 && strcmp(argv[1], all[i].name) == 0)
			threads[0] = all[i];
	return threads[0].name ? weave_main(&model) : 2;
}
