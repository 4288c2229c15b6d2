/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.c - a bounded pool of POSIX threads, made once and used again: each accepts a
 * connection, serves it to its end, and accepts the next.  Unlike thread.c it never
 * makes a thread under load; a connection beyond the pool waits in the backlog. */
#include "config.h"

#include "fan_runs.h"
#include "session.h"
#include "setup.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static const struct about about = {
	.name = "pool",
	.family = "thread",
	.style = "direct",
	.summary = "a bounded pool of POSIX threads, each accepting for itself",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_MONITOR,
	.workers = 64,
};

enum { STACK_SIZE = 128 << 10 };

static const struct io io = {read,         writev,          kernel_readable,
			     service_load, kernel_sleep_ns, fan_threads};
static struct server server;
static pthread_mutex_t accepting = PTHREAD_MUTEX_INITIALIZER;

/* One at a time asks for a connection, so that the reserved descriptor has one user,
 * and the one that had the last idle thread can tell that from now on clients wait. */
static int accept_next(void)
{
	int fd;

	pthread_mutex_lock(&accepting);
	do
		fd = server_accept(&server, 0);
	while (fd == -EINTR);
	if (fd >= 0 && server.live == server.workers)
		server_deferred(&server);
	pthread_mutex_unlock(&accepting);
	return fd;
}

static void *worker(void *arg)
{
	int fd;

	while ((fd = accept_next()) >= 0) {
		session_serve(fd, &io, &server.service);
		server_closed(&server, fd);
	}
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t *thread;
	pthread_attr_t attr;

	server_setup(&server, argc, argv, &about);
	if (server.max_connections < server.workers)
		server.workers = server.max_connections; /* one each */
	thread = calloc(server.workers, sizeof *thread);
	MUST(thread ? 0 : -1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (unsigned i = 0; i < server.workers; i++) {
		int error = pthread_create(&thread[i], &attr, worker, NULL);

		if (error)
			server_cannot("make the pool's threads", error);
	}
	server_ready(&server);

	for (unsigned i = 0; i < server.workers; i++)
		pthread_join(thread[i], NULL);
	free(thread);
	return server_finish(&server);
}
