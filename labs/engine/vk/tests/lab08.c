/* SPDX-License-Identifier: BSD-2-Clause */
/* lab08.c - Jones's FileServer (lecture 31, section 5) on kernel threads, or, with a
 * number as its argument, on user threads over so many carriers: who blocks in the
 * kernel takes his carrier with him. */
#include "vk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READY_MAX = 64 };

static int carriers, ready; /* a semaphore: user threads that nobody runs */
static int list[READY_MAX], head, tail;

static void reply(int to, int port, const char *text)
{
	struct vk_message message = {.port = port};

	snprintf(message.text, sizeof(message.text), "%s", text);
	vk_send(to, &message);
}

static uint64_t session(void *arg)
{
	int client = *(int *)arg, port = vk_port_create(VK_ANY);
	struct vk_message request;

	free(arg);
	reply(client, port, "open");
	do {
		if (vk_receive(port, &request) < 0)
			return 1;
		reply(request.port, 0, strcmp(request.text, "read") ? "bye" : "data");
	} while (strcmp(request.text, "close"));
	vk_port_delete(port);
	return 0;
}

static int *copy(int client)
{
	int *kept = malloc(sizeof(*kept));

	if (kept)
		*kept = client;
	return kept;
}

static uint64_t carrier(void *arg)
{
	for (;;) {
		vk_sem_wait(ready);
		session(copy(list[head++ % READY_MAX]));
	}
	return arg != NULL;
}

static void session_start(int client)
{
	if (!carriers) {
		vk_detach(vk_thread(session, copy(client)));
		return;
	}
	list[tail++ % READY_MAX] = client;
	vk_sem_signal(ready);
}

int main(int argc, char **argv)
{
	struct vk_message request;
	int open = vk_port_find("open");

	carriers = argc > 1 ? atoi(argv[1]) : 0;
	ready = vk_sem_create(0);
	for (int i = 1; i < carriers; i++) /* this is the first */
		vk_thread(carrier, NULL);
	while (vk_receive(open, &request) == 0)
		session_start(request.port);
	return 1;
}
