/* SPDX-License-Identifier: BSD-2-Clause */
/* udp-thread.c - a thread that receives a datagram, sends it back and waits for the
 * next: two system calls each.  It is what the module graphs of LionsOS are compared
 * with (Heiser, Threads vs Events, COMP9242, 2025: "Linux, a recv/send loop"). */
#include "config.h"

#include "echo.h"

#include <errno.h>

static const struct about about = {
	.name = "udp-thread",
	.family = "thread",
	.style = "direct",
	.summary = "UDP echo: one thread, a receive and a send each",
	.udp = "udp",
	.echo = true,
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = echo_counters,
};

int main(int argc, char **argv)
{
	static struct server server;
	static struct echo_datagram d;
	struct echo echo;
	int came = 0;

	server_setup(&server, argc, argv, &about);
	echo_setup(&echo, &server, server.listener);
	server_ready(&server);

	while (came != -ECANCELED) {
		came = echo_receive(&echo, &d, 0);
		if (came == 1)
			echo_send(&echo, &d, 0);
	}
	return server_finish(&server);
}
