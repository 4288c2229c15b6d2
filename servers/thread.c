/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.c - one POSIX thread per connection: the kernel decides who runs, and each
 * session is straight-line code that simply blocks. */
#include "config.h"

#include "fan_runs.h"
#include "session.h"
#include "setup.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static const struct about about = {
	.name = "thread",
	.family = "thread",
	.style = "direct",
	.summary = "one POSIX thread per connection",
	.overload = "refuse", /* where the kernel has no more */
	.lock = &lock_robust,
	.accounts = ACCOUNTS_EACH,
};

enum { STACK_SIZE = 128 << 10 };

static const struct io io = {read,         writev,          kernel_readable,
			     service_load, kernel_sleep_ns, fan_threads};
static struct server server;
static sem_t room; /* for connections: --max-connections of them */

static void *connection(void *arg)
{
	int fd = (int)(intptr_t)arg;

	session_serve(fd, &io, &server.service);
	server_closed(&server, fd);
	sem_post(&room);
	return NULL;
}

static void open_connection(int fd, const pthread_attr_t *attr)
{
	pthread_t thread;

	if (pthread_create(&thread, attr, connection, (void *)(intptr_t)fd)) {
		server_refused(&server, fd); /* out of threads */
		sem_post(&room);
	}
}

/* Wait until there is room for one more.  Returns false when it is time to stop. */
static bool wait_for_room(void)
{
	if (sem_trywait(&room) == 0)
		return true;
	server_deferred(&server);
	while (sem_wait(&room) < 0)
		if (server_stopping())
			return false;
	return true;
}

int main(int argc, char **argv)
{
	pthread_attr_t attr;
	int fd = 0;

	server_setup(&server, argc, argv, &about);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	MUST(sem_init(&room, 0, server.max_connections));
	server_ready(&server);

	while (fd != -ECANCELED && wait_for_room()) {
		fd = server_accept(&server, 0);
		if (fd >= 0)
			open_connection(fd, &attr);
		else
			sem_post(&room);
	}
	for (unsigned i = 0; i < server.max_connections; i++) /* until all have ended */
		while (sem_wait(&room) < 0)
			continue;
	return server_finish(&server);
}
