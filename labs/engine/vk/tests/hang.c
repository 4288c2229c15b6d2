/* SPDX-License-Identifier: BSD-2-Clause */
/* hang.c - planted bug: two threads take two semaphores in different orders.  With the
 * argument `right` in the same one. */
#include "vk.h"

#include <stdlib.h>
#include <string.h>

static int first, second;

static uint64_t both(void *arg)
{
	int *order = arg;

	vk_sem_wait(order[0]);
	vk_work(0, 0, 20);
	vk_sem_wait(order[1]);
	vk_sem_signal(order[1]);
	vk_sem_signal(order[0]);
	return 0;
}

int main(int argc, char **argv)
{
	int here[2], there[2], thread;

	here[0] = there[1] = first = vk_sem_create(1);
	here[1] = there[0] = second = vk_sem_create(1);
	if (argc > 1 && !strcmp(argv[1], "right"))
		memcpy(there, here, sizeof(there));
	thread = vk_thread(both, there);
	both(here);
	vk_join(thread, NULL);
	return 0;
}
