/* SPDX-License-Identifier: BSD-2-Clause */
/* early.c - planted bug: a server tells a port's number before there is a port.  With
 * the argument `right` after. */
#include "vk.h"

#include <string.h>

static void answer(int port, int told, const char *text)
{
	struct vk_message message = {.port = told};

	strcpy(message.text, text);
	vk_send(port, &message);
}

int main(int argc, char **argv)
{
	int right = argc > 1 && !strcmp(argv[1], "right"), open = vk_port_find("open");
	struct vk_message request;

	if (vk_receive(open, &request) < 0)
		return 1;
	if (right)
		vk_port_create(7);
	answer(request.port, 7, "it is 7");
	vk_work(0, 0, 5);
	if (!right)
		vk_port_create(7);
	if (vk_receive(7, &request) < 0)
		return 1;
	answer(request.port, 0, "bye");
	vk_port_delete(7);
	return 0;
}
