/* SPDX-License-Identifier: BSD-2-Clause */
/* lost.c - planted bug: the program is told that a stream can be read, and forgets.
 * With the argument `right` it reads. */
#include "vk.h"

#include <string.h>

int main(int argc, char **argv)
{
	int right = argc > 1 && !strcmp(argv[1], "right");
	int fd = vk_open("line"), keys = 0, bytes = 0;
	struct vk_event event;
	char data[16];

	if (vk_nb_read(fd, data, sizeof(data)) > 0)
		bytes = 1;
	while (bytes == 0 || keys == 0) {
		if (vk_wait_event(&event) < 0)
			return 1;
		if (event.kind == VK_SOURCE)
			keys = 1;
		else if (right && vk_nb_read(fd, data, sizeof(data)) > 0)
			bytes = 1;
	}
	vk_close(fd);
	return 0;
}
