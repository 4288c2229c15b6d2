/* SPDX-License-Identifier: BSD-2-Clause */
/* model-ring.c - for lab-weave: two threads and a ring that is smaller than what goes
 * through it.  What is sent is what lab-weave --input says. */
#include "../ring.h"

#include <weave.h>

enum { SLOTS = 2, MESSAGES = 5, BATCH = 2 };

#define FIRST UINT32_C(0xffffffff) /* one put more, and the counters wrap */

static _Alignas(RING_LINE) unsigned char memory[sizeof(struct ring) + 1024];

static struct ring *ring(void)
{
	return (struct ring *)memory;
}

static void producer(void)
{
	struct item items[MESSAGES];
	uint32_t put = 0;

	for (uint32_t i = 0; i < MESSAGES; i++)
		items[i] = (struct item){
			.offset = i * 64, .length = i, .tag = weave_input(i)};
	while (put < MESSAGES) {
		uint32_t left = MESSAGES - put, n;

		weave_again(put);
		n = ring_put(ring(), items + put, left < BATCH ? left : BATCH);
		weave_check(n <= left && n <= BATCH, "ring_put puts at most n");
		put += n;
		if (n == 0)
			weave_pause();
	}
}

static void consumer(void)
{
	uint32_t got = 0;

	while (got < MESSAGES) {
		struct item items[BATCH];
		uint32_t n;

		weave_again(got);
		n = ring_get(ring(), items, BATCH);
		weave_check(n <= BATCH, "ring_get gets at most n");
		for (uint32_t i = 0; i < n && i < BATCH; i++) {
			weave_check(items[i].tag == weave_input(got + i),
				    "what comes is what was sent, in that order");
			weave_check(items[i].offset == (got + i) * 64 &&
					    items[i].length == got + i,
				    "an item comes whole");
			weave_observe("got", items[i].tag);
		}
		got += n;
		if (n == 0)
			weave_pause();
	}
}

static void prepare(void)
{
	static const char *const names[] = {"slot 0", "slot 1", "slot 2", "slot 3"};
	struct ring *r = ring();
	size_t slots = ring_bytes(SLOTS) - sizeof *r;

	if (ring_bytes(SLOTS) > sizeof memory ||
	    !ring_init(r, sizeof memory, SLOTS, FIRST))
		r->slots = 0;
	weave_name(&r->tail, sizeof r->tail, "tail");
	weave_name(&r->head, sizeof r->head, "head");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		weave_name(memory + sizeof *r + i * sizeof(struct item),
			   sizeof(struct item), names[i]);
	weave_unwritten(memory + sizeof *r, slots);
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
