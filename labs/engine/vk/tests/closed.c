/* SPDX-License-Identifier: BSD-2-Clause */
/* closed.c - planted bug: a thread closes the descriptor that another still reads from.
 * With the argument `right` it waits until that one is done. */
#include "vk.h"

#include <string.h>

static int fd;

static uint64_t read_all(void *arg)
{
	char data[4];

	(void)arg;
	while (vk_read(fd, data, sizeof(data)) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	int right = argc > 1 && !strcmp(argv[1], "right");
	int reader;

	fd = vk_open("book");
	reader = vk_thread(read_all, NULL);
	if (!right)
		vk_work(0, 0, 25);
	else
		vk_join(reader, NULL);
	vk_close(fd);
	if (!right)
		vk_join(reader, NULL);
	return 0;
}
