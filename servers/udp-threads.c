/* SPDX-License-Identifier: BSD-2-Clause */
/* udp-threads.c - udp-thread.c as often as there are CPUs.  Each thread has a socket of
 * its own on the one port (SO_REUSEPORT, socket(7)), and the kernel gives it the
 * senders whose addresses hash to it, be it busy or not: threads that share nothing,
 * but one sender's datagrams never use two of them. */
#include "config.h"

#include "echo.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

static const struct about about = {
	.name = "udp-threads",
	.family = "thread",
	.style = "direct",
	.summary = "UDP echo: threads that receive and send, a socket each",
	.udp = "udp",
	.echo = true,
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.workers = 1,
	.workers_a_cpu = true,
	.listeners = true,
	.own_counters = echo_counters,
};

struct worker {
	pthread_t thread;
	struct echo echo;
	struct echo_datagram datagram;
};

static struct server server;

static void *work(void *arg)
{
	struct worker *w = arg;
	int came = 0;

	while (came != -ECANCELED) {
		came = echo_receive(&w->echo, &w->datagram, 0);
		if (came == 1)
			echo_send(&w->echo, &w->datagram, 0);
	}
	return NULL;
}

/* The first worker is this thread. */
static void start(struct worker *workers)
{
	for (unsigned i = 1; i < server.workers; i++) {
		int error = pthread_create(&workers[i].thread, NULL, work, &workers[i]);

		if (error)
			server_cannot("make the threads", error);
	}
}

int main(int argc, char **argv)
{
	struct worker *workers;

	server_setup(&server, argc, argv, &about);
	workers = calloc(server.workers, sizeof *workers);
	MUST(workers ? 0 : -1);
	for (unsigned i = 0; i < server.workers; i++)
		echo_setup(&workers[i].echo, &server,
			   i == 0 ? server.listener : server_listener(&server));
	start(workers);
	server_ready(&server);

	work(&workers[0]);
	for (unsigned i = 1; i < server.workers; i++)
		pthread_join(workers[i].thread, NULL);
	free(workers);
	return server_finish(&server);
}
