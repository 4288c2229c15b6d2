/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll-offload.c - epoll.c that forks its long handler off: a child spins, its end is
 * an event like any other.  The first of Ousterhout's remedies for long-running
 * handlers (Why Threads Are A Bad Idea, 1995): "fork off subprocesses for long-running
 * things, use events to find out when done".  A load still stops them all. */
#include "config.h"

#include "reactor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct about about = {
	.name = "epoll-offload",
	.family = "event",
	.style = "event",
	.summary = "an epoll loop whose long handlers are forked off",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

struct child {
	struct watch watch; /* of its pidfd: readable once it has ended */
	struct connection *connection;
};

static struct server server;

/* What a handler needs, and nothing of the server's: neither its clients' sockets,
 * which would stay open with it, nor its way to stop. */
static void spin_in_child(uint64_t ns, pid_t parent, const sigset_t *mask)
{
	close_range(3, ~0U, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (getppid() == parent) /* it may have died before prctl */
		service_spin(ns);
	_exit(0);
}

/* Signals wait meanwhile: the child must not run the server's handlers. */
static pid_t fork_off(uint64_t ns)
{
	pid_t parent = getpid(), pid;
	sigset_t all, mask;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid = fork();
	if (pid == 0)
		spin_in_child(ns, parent, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return pid < 0 ? -errno : pid;
}

static void on_ended(struct reactor *r, struct watch *w, uint32_t events)
{
	struct child *child = (struct child *)w;
	struct connection *c = child->connection;
	siginfo_t end = {.si_code = 0};

	(void)events;
	reactor_watch(r, w, 0); /* a younger child may hold it too, see reactor.h */
	waitid(P_PIDFD, (id_t)w->fd, &end, WEXITED);
	close(w->fd);
	free(child);
	reactor_resume(c, end.si_code == CLD_EXITED ? 0 : -EIO);
}

/* Returns 0 or -errno. */
static int watch_end(struct reactor *r, struct child *child, pid_t pid)
{
	int err;

	child->watch.fd = pidfd_open(pid, 0);
	if (child->watch.fd < 0)
		return -errno;
	err = reactor_watch(r, &child->watch, EPOLLIN);
	if (err < 0)
		close(child->watch.fd);
	return err;
}

/* Returns 0 or -errno. */
static int offload(struct connection *c)
{
	struct child *child = calloc(1, sizeof *child);
	pid_t pid = child ? fork_off(machine_spin_ns(&c->machine)) : -ENOMEM;
	int err = pid;

	if (pid > 0) {
		*child = (struct child){{.ready = on_ended}, c};
		err = watch_end(c->reactor, child, pid);
	}
	if (err == 0)
		return 0;
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	free(child);
	return err;
}

static bool perform(struct connection *c, enum want want)
{
	int err;

	if (want == WANT_LOAD) {
		machine_block(&c->machine);
		return true;
	}
	err = offload(c);
	if (err < 0)
		machine_done(&c->machine, err);
	return err < 0;
}

int main(int argc, char **argv)
{
	static const struct way way = {.perform = perform, .forks = true};
	struct reactor reactor;

	server_setup(&server, argc, argv, &about);
	reactor_setup(&reactor, &server, server.listener, &way);
	server_ready(&server);
	reactor_run(&reactor);
	return server_finish(&server);
}
