/* SPDX-License-Identifier: BSD-2-Clause */
/* lost.c - planted bug: who is told that a stream can be read does not read it, as
 * another event came first.  With the argument `right` it knows whose events are whose.
 */
#include "vk.h"

#include <errno.h>
#include <string.h>

int main(int argc, char **argv)
{
	int right = argc > 1 && !strcmp(argv[1], "right");
	int fd = vk_open("line"), keys = 0, bytes = 0;
	struct vk_event event;
	char data[16];

	while (bytes == 0 || keys == 0) {
		if (bytes == 0 && vk_nb_read(fd, data, sizeof(data)) > 0)
			bytes = 1;
		do {
			if (vk_wait_event(&event) < 0)
				return 1;
			keys += event.kind == VK_SOURCE;
		} while (event.kind != VK_SOURCE && !right);
	}
	vk_close(fd);
	return 0;
}
