/* SPDX-License-Identifier: BSD-2-Clause */
/* busy.c - planted bug: waits for a semaphore by asking again and again.  With the
 * argument `right` it sleeps. */
#include "vk.h"

#include <errno.h>
#include <string.h>

int main(int argc, char **argv)
{
	int sem = vk_sem_find("door");

	if (argc > 1 && !strcmp(argv[1], "right"))
		return vk_sem_wait(sem);
	while (vk_nb_sem_wait(sem) < 0 && errno == EWOULDBLOCK)
		vk_yield();
	return 0;
}
