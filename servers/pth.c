/* SPDX-License-Identifier: BSD-2-Clause */
/* pth.c - one GNU Pth thread per connection: the same session as thread.c, but the
 * threads live in user space, on one kernel thread, and switch only where they would
 * block.  Pth waits with select(2), so a descriptor of FD_SETSIZE or more would corrupt
 * its memory: such a connection is refused.  A load or a spin stops them all. */
#include "config.h"

#include "session.h"
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <pth.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct about about = {
	.name = "pth",
	.family = "user-thread",
	.style = "direct",
	.summary = "one GNU Pth thread per connection",
	.needs = "libpth",
	.lock = &cache_lock_none,
	.connections_max =
		FD_SETSIZE - 64, /* the program itself needs some, a load two */
};

enum { STACK_SIZE = 128 << 10, READS_A_TURN = 4 };

static struct server server;
static pth_mutex_t mutex = PTH_MUTEX_INIT;
static pth_cond_t ended = PTH_COND_INIT; /* a connection did */

enum { FOREVER = -1 };

static int wait_readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return pth_poll(&p, 1, timeout_ms);
}

static int pth_readable(int fd, uint64_t timeout_ns)
{
	return wait_readable(fd, (int)(timeout_ns / 1000000));
}

static void pth_sleep_ns(uint64_t ns)
{
	uint64_t us = (ns + 999) / 1000;

	pth_nap(pth_time((long)(us / 1000000), (long)(us % 1000000)));
}

/* A read that need not wait does not switch: now and then it must, or a client that
 * never stops sending would keep all others from running. */
static ssize_t fair_read(int fd, void *buffer, size_t len)
{
	static unsigned reads;

	if (++reads % READS_A_TURN == 0)
		pth_yield(NULL);
	return pth_read(fd, buffer, len);
}

static const struct io io_pth = {fair_read, pth_writev, pth_readable, service_load,
				 pth_sleep_ns};

static void *connection(void *arg)
{
	int fd = (int)(intptr_t)arg;

	session_serve(fd, &io_pth, &server.service);
	server_closed(&server, fd);
	pth_cond_notify(&ended, TRUE);
	return NULL;
}

static void open_connection(int fd, pth_attr_t attr)
{
	if (fd >= FD_SETSIZE || !pth_spawn(attr, connection, (void *)(intptr_t)fd))
		server_refused(&server, fd);
}

static void wait_until_fewer_than(unsigned connections)
{
	pth_mutex_acquire(&mutex, FALSE, NULL);
	while (server.live >= connections)
		pth_cond_await(&ended, &mutex, NULL);
	pth_mutex_release(&mutex);
}

int main(int argc, char **argv)
{
	pth_attr_t attr;
	int fd = 0;

	server_setup(&server, argc, argv, &about);
	if (!pth_init())
		server_cannot("start Pth", errno);
	attr = pth_attr_new();
	pth_attr_set(attr, PTH_ATTR_JOINABLE, FALSE);
	pth_attr_set(attr, PTH_ATTR_STACK_SIZE, STACK_SIZE);
	MUST(fcntl(server.listener, F_SETFL, O_NONBLOCK));
	server_ready(&server);

	while (fd != -ECANCELED) {
		if (server_full(&server)) {
			server_deferred(&server);
			wait_until_fewer_than(server.max_connections);
		}
		wait_readable(server.listener, FOREVER);
		fd = server_accept(&server, 0);
		if (fd >= 0)
			open_connection(fd, attr);
	}
	wait_until_fewer_than(1);
	pth_attr_destroy(attr);
	pth_kill();
	return server_finish(&server);
}
