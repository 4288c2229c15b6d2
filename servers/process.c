/* SPDX-License-Identifier: BSD-2-Clause */
/* process.c - one process per connection: like thread.c, but each session has an
 * address space of its own, and shares only the cache and the counters, which were
 * mapped before. Lecture 31 of D. W. Jones starts here. */
#include "config.h"

#include "fan_runs.h"
#include "session.h"
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct about about = {
	.name = "process",
	.family = "process",
	.style = "direct",
	.summary = "one forked process per connection",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_MONITOR,
};

enum { PID_LIMIT = 4 << 20, BITS = 64 }; /* proc(5): pid_max is at most 2^22 */

static const struct io io = {read,         writev,          kernel_readable,
			     service_load, kernel_sleep_ns, fan_processes};
static struct server server;
static uint64_t children[PID_LIMIT / BITS]; /* a bit for each living child */

static void on_child(int signal_number)
{
	(void)signal_number; /* it is enough that accept is interrupted */
}

/* Sets the bit when the child begins, and clears it when it has ended. */
static void mark(pid_t pid)
{
	children[pid / BITS] ^= (uint64_t)1 << (pid % BITS);
}

/* Take leave of children that ended; flags as of waitpid(2). */
static void reap(int flags)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, flags)) > 0) {
		mark(pid);
		cache_owner_died(server.service.cache, pid);
		server_ended(&server);
		flags = WNOHANG;
	}
}

static void stop_children(void)
{
	for (pid_t i = 0; i < PID_LIMIT / BITS; i++)
		for (uint64_t word = children[i]; word; word &= word - 1)
			kill(i * BITS + __builtin_ctzll(word), SIGTERM);
}

static void serve_in_child(int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	server_child(&server, fd);
	if (getppid() == parent) /* it may have died before prctl */
		session_serve(fd, &io, &server.service);
	_exit(0);
}

static void open_connection(int fd)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		serve_in_child(fd, parent);
	if (pid < 0) {
		server_refused(&server, fd); /* out of processes */
		return;
	}
	mark(pid);
	server_handed_over(fd);
}

int main(int argc, char **argv)
{
	struct sigaction child = {.sa_handler = on_child};
	int fd = 0;

	server_setup(&server, argc, argv, &about);
	MUST(sigaction(SIGCHLD, &child, NULL));
	server_ready(&server);

	while (fd != -ECANCELED) {
		if (server_full(&server)) {
			server_deferred(&server);
			while (server_full(&server) && !server_stopping())
				reap(0);
		}
		fd = server_accept(&server, 0);
		if (fd >= 0)
			open_connection(fd);
		reap(WNOHANG);
	}
	stop_children();
	while (server.live > 0)
		reap(0);
	return server_finish(&server);
}
