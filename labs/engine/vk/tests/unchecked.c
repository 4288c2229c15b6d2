/* SPDX-License-Identifier: BSD-2-Clause */
/* unchecked.c - planted bug: nobody looks whether the second open failed.  With the
 * argument `right` somebody does. */
#include "vk.h"

#include <string.h>

int main(int argc, char **argv)
{
	int right = argc > 1 && !strcmp(argv[1], "right");
	int from = vk_open("from"), to = vk_open("to");
	char data[8];
	ssize_t n = vk_read(from, data, sizeof(data));

	if (n > 0 && (to >= 0 || !right))
		vk_write(to, data, (size_t)n);
	if (to >= 0 || !right)
		vk_close(to);
	vk_close(from);
	return 0;
}
