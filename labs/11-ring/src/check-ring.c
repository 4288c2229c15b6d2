/* SPDX-License-Identifier: BSD-2-Clause */
/* check-ring.c - yours: a small program for lab-weave that finds what can be wrong with
 * somebody's ring.c.  It must not find anything in one that is right. */
#include "ring.h"

#include <weave.h>

enum { SLOTS = 2, ITEMS = 4 };

static _Alignas(RING_LINE) unsigned char memory[sizeof(struct ring) + 1024];

static struct ring *ring(void)
{
	return (struct ring *)memory;
}

/* @solution LAB-SECRET */
static void producer(void)
{
	for (uint32_t i = 0; i < ITEMS;) {
		const struct item items[2] = {
			{.offset = i, .length = 1, .tag = i},
			{.offset = i + 1, .length = 1, .tag = i + 1}};
		uint32_t n;

		weave_again(i);
		n = ring_put(ring(), items, i + 1 < ITEMS ? 2 : 1);
		i += n;
		if (n == 0)
			weave_pause();
	}
}

static void consumer(void)
{
	for (uint32_t i = 0; i < ITEMS;) {
		struct item item = {.tag = 0};

		weave_again(i);
		if (ring_get(ring(), &item, 1) == 0) {
			weave_pause();
			continue;
		}
		weave_check(item.tag == i && item.offset == i && item.length == 1,
			    "items come whole, and in their order");
		i++;
	}
}

static void prepare(void)
{
	size_t bytes = ring_bytes(SLOTS);

	ring_init(ring(), bytes, SLOTS, UINT32_MAX);
	weave_name(&ring()->tail, 4, "tail");
	weave_name(&ring()->head, 4, "head");
	weave_unwritten(memory + sizeof(struct ring), bytes - sizeof(struct ring));
}

/* As many fit as there are slots, and no more. */
static void finish(void)
{
	const struct item items[SLOTS + 1] = {{.tag = 0}};

	weave_check(!ring_has_item(ring()), "all were got");
	weave_check(ring_put(ring(), items, SLOTS + 1) == SLOTS,
		    "it holds SLOTS items");
	weave_check(!ring_has_room(ring()) && ring_has_item(ring()), "it is full");
}
/* @starter */
//| static void producer(void)
//| {
//| 	const struct item item = {.tag = 1};
//|
//| 	ring_put(ring(), &item, 1);
//| }
//|
//| static void consumer(void)
//| {
//| 	weave_check(true, "say here what has to be true");
//| }
//|
//| static void prepare(void)
//| {
//| 	ring_init(ring(), sizeof memory, SLOTS, 0);
//| }
//|
//| static void finish(void)
//| {
//| }
/* @end */

int main(void)
{
	static const struct weave_thread threads[] = {
		{"producer", producer, false},
		{"consumer", consumer, false},
		{NULL, NULL, false},
	};
	static const struct weave_model model = {prepare, threads, finish};

	return weave_main(&model);
}
