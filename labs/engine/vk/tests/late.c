/* SPDX-License-Identifier: BSD-2-Clause */
/* late.c - planted bug: a handler that works for long, while a clock ticks.  With the
 * argument `right` it asks for other events every ten ticks. */
#include "vk.h"

#include <string.h>

static unsigned step;

static void handle(struct vk_event event)
{
	unsigned left = event.ticks;
	struct vk_event other;

	while (left > 0) {
		unsigned ticks = left < step ? left : step;

		event.value = vk_work(0, event.value, ticks);
		left -= ticks;
		while (left > 0 && vk_poll_event(&other) == 0)
			handle(other);
	}
	if (event.ticks > 0)
		vk_answer(event.id, event.value);
}

int main(int argc, char **argv)
{
	struct vk_event event;

	step = argc > 1 && !strcmp(argv[1], "right") ? 10 : 1000;
	while (vk_wait_event(&event) == 0)
		handle(event);
	return 1;
}
