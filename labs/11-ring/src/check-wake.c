/* SPDX-License-Identifier: BSD-2-Clause */
/* check-wake.c - yours: a small program for lab-weave that finds what can be wrong with
 * somebody's doorbell.c.  It must not find anything in one that is right. */
#include "doorbell.h"

#include "given/bell.h"

#include <weave.h>

enum { SLOTS = 2, ITEMS = 2 };

static _Alignas(RING_LINE) unsigned char memory[sizeof(struct ring) + 1024];
static struct flag wanted;
static struct bell bell;

static struct ring *ring(void)
{
	return (struct ring *)memory;
}

/* @solution LAB-SECRET */
static void producer(void)
{
	for (uint32_t i = 0; i < ITEMS; i++) {
		const struct item item = {.tag = i};

		ring_put(ring(), &item, 1);
		if (doorbell_answer(&wanted))
			bell_ring(&bell);
	}
}

static void consumer(void)
{
	for (uint32_t i = 0; i < ITEMS;) {
		struct item item;

		weave_again(i);
		if (ring_get(ring(), &item, 1) == 1) {
			weave_check(item.tag == i, "items come in their order");
			i++;
		} else if (doorbell_idle(&wanted, ring_has_item, ring())) {
			bell_wait(&bell);
		}
	}
}
/* @starter */
//| static void producer(void)
//| {
//| 	const struct item item = {.tag = 1};
//|
//| 	ring_put(ring(), &item, 1);
//| 	doorbell_answer(&wanted);
//| }
//|
//| static void consumer(void)
//| {
//| 	doorbell_idle(&wanted, ring_has_item, ring());
//| }
/* @end */

static void prepare(void)
{
	ring_init(ring(), sizeof memory, SLOTS, 0);
	weave_name(&ring()->tail, sizeof ring()->tail, "tail");
	weave_name(&ring()->head, sizeof ring()->head, "head");
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
