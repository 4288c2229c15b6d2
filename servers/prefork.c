/* SPDX-License-Identifier: BSD-2-Clause */
/* prefork.c - a static pool of processes, "cleaned and reused": what OS/360 MFT had,
 * for making a process was too dear to do it for each job (D. W. Jones, lecture 31,
 * section 1).  Like pool.c, with processes: each accepts for itself.  Like process.c, a
 * process may die without the others; its place in the pool is then filled anew. */
#include "config.h"

#include "fan_runs.h"
#include "session.h"
#include "setup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct about about = {
	.name = "prefork",
	.family = "process",
	.style = "direct",
	.summary = "a static pool of processes, each accepting for itself",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_MONITOR,
	.workers = 64,
};

enum { RETRY_MS = 100 };

/* A worker's place, in a mapping that all processes share. */
struct place {
	pid_t pid;            /* 0: none; the parent's */
	_Atomic bool serving; /* a connection: the worker's, and its heir's */
};

struct pool {
	_Atomic unsigned live; /* connections of all workers */
	struct place place[];
};

static const struct io io = {read,         writev,          kernel_readable,
			     service_load, kernel_sleep_ns, fan_processes};
static struct server server;
static struct pool *pool;
static sigset_t unblocked; /* the mask of workers, and of the parent while it waits */

static void on_child(int signal_number)
{
	(void)signal_number; /* it is enough that waiting is interrupted */
}

/* The worker that has the last place taken knows that from now on clients wait. */
static void connection_begins(struct place *p)
{
	unsigned now;

	atomic_store(&p->serving, true);
	now = atomic_fetch_add(&pool->live, 1) + 1;
	counter_raise(server.counters, COUNTER_PEAK, now);
	if (now == server.workers)
		server_deferred(&server);
}

static void connection_ended(struct place *p)
{
	atomic_fetch_sub(&pool->live, 1);
	atomic_store(&p->serving, false);
}

/* Between two connections the process is what it was when it was made.  A session that
 * has returned leaves no stack, no memory, no pin in the cache and no child of a /fan;
 * what is left to clean is the descriptor, and what the pool knows of it. */
static void clean(struct place *p, int fd)
{
	connection_ended(p);
	server_closed(&server, fd);
}

/* The listener stays the parent's: SIGTERM to one worker, whose handler shuts the
 * server's listener (setup.h), must not shut it for them all.  Nor does it write the
 * counters if it takes too long to stop. */
static void become_worker(pid_t parent)
{
	server.listener = -1;
	signal(SIGALRM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it died before prctl */
		_exit(0);
}

static void worker(struct place *p, int listener, pid_t parent)
{
	int fd = 0;

	become_worker(parent);
	while (fd != -ECANCELED && !server_stopping()) {
		fd = server_accept_from(&server, listener, 0);
		if (fd < 0)
			continue;
		connection_begins(p);
		session_serve(fd, &io, &server.service);
		clean(p, fd);
	}
	_exit(0);
}

/* Returns 0 or -errno. */
static int place_fill(struct place *p)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		worker(p, server.listener, parent);
	if (pid < 0)
		return -errno;
	p->pid = pid;
	return 0;
}

/* The process that had this place has ended; if it was killed, perhaps with a
 * connection.  (One killed on the few instructions between accepting and telling so
 * leaves that connection uncounted.) */
static void place_vacate(struct place *p)
{
	cache_owner_died(server.service.cache, p->pid);
	p->pid = 0;
	if (atomic_load(&p->serving)) {
		connection_ended(p);
		counter_add(server.counters, COUNTER_CLOSED, 1);
	}
}

/* Take leave of workers that ended.  Returns how many are left. */
static unsigned reap(void)
{
	unsigned left = 0;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (unsigned i = 0; i < server.workers; i++)
			if (pool->place[i].pid == pid)
				place_vacate(&pool->place[i]);
	for (unsigned i = 0; i < server.workers; i++)
		left += pool->place[i].pid != 0;
	return left;
}

static void fill(void)
{
	for (unsigned i = 0; i < server.workers; i++)
		if (!pool->place[i].pid && place_fill(&pool->place[i]) < 0)
			return; /* out of processes: later */
}

static void stop_workers(void)
{
	for (unsigned i = 0; i < server.workers; i++)
		if (pool->place[i].pid)
			kill(pool->place[i].pid, SIGTERM);
}

static void pool_setup(void)
{
	size_t size;

	if (server.max_connections < server.workers)
		server.workers = server.max_connections; /* one each */
	size = sizeof *pool + server.workers * sizeof *pool->place;
	pool = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	if (pool == MAP_FAILED)
		server_cannot("map the pool", errno);
	for (unsigned i = 0; i < server.workers; i++) {
		int err = place_fill(&pool->place[i]);

		if (err < 0)
			server_cannot("make the pool's processes", -err);
	}
}

/* The parent takes its signals only here, so that none comes between looking and
 * waiting (ppoll(2)). */
static void wait_for_signal(int timeout_ms)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};

	ppoll(NULL, 0, timeout_ms < 0 ? NULL : &timeout, &unblocked);
}

int main(int argc, char **argv)
{
	struct sigaction child = {.sa_handler = on_child};
	sigset_t blocked;

	server_setup(&server, argc, argv, &about);
	MUST(sigaction(SIGCHLD, &child, NULL));
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	MUST(sigprocmask(SIG_BLOCK, &blocked, &unblocked));
	pool_setup();
	server_ready(&server);

	while (!server_stopping()) {
		unsigned left = reap();

		fill();
		wait_for_signal(left == server.workers ? -1 : RETRY_MS);
	}
	stop_workers();
	while (reap() > 0)
		wait_for_signal(-1);
	return server_finish(&server);
}
