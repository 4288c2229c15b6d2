/* SPDX-License-Identifier: BSD-2-Clause */
/* process.c - one process per connection: like thread.c, but each session has an
 * address space of its own, and shares only the cache and the counters, which were
 * mapped before. Lecture 31 of D. W. Jones starts here. */
#include "config.h"

#include "fan_runs.h"
#include "session.h"
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct about about = {
	.name = "process",
	.family = "process",
	.style = "direct",
	.summary = "one forked process per connection",
	.overload = "refuse", /* where the kernel has no more */
	.lock = &lock_robust,
	.accounts = ACCOUNTS_MONITOR,
};

enum { PID_LIMIT = 4 << 20, BITS = 64 }; /* proc(5): pid_max is at most 2^22 */

static const struct io io = {read,         writev,          kernel_readable,
			     service_load, kernel_sleep_ns, fan_processes};
static struct server server;
static uint64_t children[PID_LIMIT / BITS]; /* a bit for each living child */
static sigset_t all_signals;                /* the mask that lets SIGCHLD in too */

static void on_child(int signal_number)
{
	(void)signal_number; /* it is enough that ppoll is interrupted */
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

/* Wait for a client, unless there is no room, or a child's end.  SIGCHLD is let in only
 * here, so that none comes unseen; stopping (setup.h) makes the listener hang up. */
static void wait_for_event(void)
{
	struct pollfd p = {.fd = server.listener,
			   .events = server_full(&server) ? 0 : POLLIN};

	ppoll(&p, 1, NULL, &all_signals);
	reap(WNOHANG);
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

static void signals_setup(void)
{
	struct sigaction child = {.sa_handler = on_child};
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	MUST(sigprocmask(SIG_BLOCK, &held, &all_signals));
	sigdelset(&all_signals, SIGCHLD); /* who started us may have held it */
	MUST(sigaction(SIGCHLD, &child, NULL));
}

int main(int argc, char **argv)
{
	int fd = 0;

	server_setup(&server, argc, argv, &about);
	signals_setup();
	MUST(fcntl(server.listener, F_SETFL, O_NONBLOCK));
	server_ready(&server);

	while (fd != -ECANCELED) {
		if (server_full(&server)) {
			server_deferred(&server);
			while (server_full(&server) && !server_stopping())
				wait_for_event();
		}
		fd = server_accept(&server, 0);
		if (fd >= 0)
			open_connection(fd);
		if (fd == -EAGAIN)
			wait_for_event();
		else
			reap(WNOHANG);
	}
	stop_children();
	while (server.live > 0)
		reap(0);
	return server_finish(&server);
}
