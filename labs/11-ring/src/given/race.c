/* SPDX-License-Identifier: BSD-2-Clause */
/* race.c - for the thread sanitizer: two threads and a ring, and nothing else between
 * them that would put their accesses in order.  race SLOTS ITEMS */
#include "../ring.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static struct ring *ring;
static uint32_t items;

static void *produce(void *unused)
{
	for (uint32_t i = 0; i < items;) {
		const struct item item = {.offset = i, .tag = i};
		uint32_t n = ring_put(ring, &item, 1);

		i += n;
		if (n == 0)
			sched_yield();
	}
	return unused;
}

int main(int argc, char **argv)
{
	uint32_t slots = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0, came = 0;
	size_t bytes = ring_bytes(slots);
	pthread_t producer;
	struct item item;

	items = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	ring = aligned_alloc(RING_LINE,
			     (bytes + RING_LINE - 1) / RING_LINE * RING_LINE);
	if (!ring || !ring_init(ring, bytes, slots, UINT32_MAX) ||
	    pthread_create(&producer, NULL, produce, NULL) != 0)
		return 2;
	while (came < items) {
		if (ring_get(ring, &item, 1) == 0)
			sched_yield();
		else if (item.tag == came)
			came++;
		else
			return 1;
	}
	pthread_join(producer, NULL);
	printf("came %" PRIu32 "\n", came);
	return 0;
}
