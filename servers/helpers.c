/* SPDX-License-Identifier: BSD-2-Clause */
/* helpers.c - helper processes: their life, their death, and what they do. */
#include "config.h"

#include "helpers.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY = HELPER_TOUCHED + 1 }; /* its first notice */

/* Bring the file into the cache, and let go of it. */
static int bring(struct cache *cache, const char *path)
{
	struct body body;
	int notice = cache_load(cache, path, timer_now(), &body);

	if (notice == 0 && body.mapping)
		notice = HELPER_TOUCHED;
	body_release(&body);
	return notice;
}

static void serve(struct cache *cache, int fd)
{
	char path[HTTP_HEAD_MAX + 1];
	int notice = READY;
	ssize_t n;

	while (send(fd, &notice, sizeof notice, MSG_NOSIGNAL) > 0 &&
	       (n = recv(fd, path, sizeof path - 1, 0)) > 0) {
		path[n] = '\0';
		notice = bring(cache, path);
	}
}

/* A child is born with copies of the connections and of the other helpers' sockets.
 * What was opened before any of them lies below the epoll set; the socket takes its
 * place, and all above is closed. */
static void live(const struct helpers *pool, int fd, pid_t parent)
{
	int place = pool->reactor->epfd;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* from a terminal: the server still finishes */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "helper");
	close(pool->server->listener);
	close(pool->server->reserve);
	if (getppid() == parent && dup2(fd, place) >= 0 &&
	    close_range((unsigned)place + 1, UINT_MAX, 0) == 0)
		serve(pool->server->service.cache, place);
	_exit(0);
}

static void helper_bury(struct helper *h)
{
	const struct helpers *pool = h->pool;

	counter_add(pool->server->counters, pool->deaths, 1);
	reactor_watch(pool->reactor, &h->watch, 0);
	close(h->watch.fd);
	kill(h->pid, SIGKILL);
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	cache_owner_died(pool->server->service.cache, h->pid);
	h->pid = 0;
}

/* It is ready once it has let go of its copies: before, an epoll set would go on
 * reporting a connection we closed (epoll(7), Questions and answers, 6). */
static bool helper_ready(struct helper *h)
{
	int notice;
	ssize_t n;

	do
		n = recv(h->watch.fd, &notice, sizeof notice, 0);
	while (n < 0 && errno == EINTR);
	return n == sizeof notice &&
	       reactor_watch(h->pool->reactor, &h->watch, EPOLLIN) == 0;
}

static int helper_start(struct helper *h)
{
	pid_t parent = getpid();
	int ends[2], err = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	h->pid = fork();
	if (h->pid < 0)
		err = -errno;
	if (h->pid == 0)
		live(h->pool, ends[1], parent);
	close(ends[1]);
	if (err < 0) {
		close(ends[0]);
		h->pid = 0;
		return err;
	}
	h->watch.fd = ends[0];
	if (helper_ready(h))
		return 0;
	helper_bury(h);
	return -ECHILD;
}

bool helper_ask(struct helper *h)
{
	const char *path = machine_path(&h->job->machine);

	while (h->tries > 0) {
		h->tries--;
		if (h->pid == 0 && helper_start(h) < 0)
			return false;
		if (send(h->watch.fd, path, strlen(path), MSG_NOSIGNAL) > 0)
			return true;
		helper_bury(h);
	}
	return false;
}

bool helper_employ(struct helper *h, struct connection *c)
{
	h->job = c;
	h->tries = HELPER_TRIES;
	return helper_ask(h);
}

/* Notices wait until the turn is over: a connection that goes on may end, and other
 * events of the turn may be about it. */
static void on_notice(struct reactor *r, struct watch *w, uint32_t events)
{
	struct helper *h = (struct helper *)w;
	ssize_t n;

	(void)r, (void)events;
	if (h->pid == 0)
		return; /* buried in this very turn */
	n = recv(w->fd, &h->notice, sizeof h->notice, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n != sizeof h->notice) {
		helper_bury(h);
		h->notice = -EAGAIN;
	}
	if (h->job) {
		h->next = h->pool->done;
		h->pool->done = h;
	}
}

/* They take descriptors that clients might have: a quarter at most.  Those that cannot
 * be had now, for want of processes, may be when they are needed. */
void helpers_start(struct helpers *pool, struct reactor *r, unsigned deaths)
{
	struct server *s = r->server;

	if (s->workers > s->descriptors / 4)
		s->workers = s->descriptors / 4;
	*pool = (struct helpers){.reactor = r, .server = s, .deaths = deaths};
	pool->all = calloc(s->workers, sizeof *pool->all);
	MUST(pool->all ? 0 : -1);
	for (unsigned i = 0; i < s->workers; i++) {
		struct helper *h = &pool->all[i];

		h->pool = pool;
		h->watch.ready = on_notice;
		helper_start(h);
		h->next = pool->idle;
		pool->idle = h;
	}
}

void helpers_end(struct helpers *pool)
{
	for (unsigned i = 0; i < pool->server->workers; i++)
		if (pool->all[i].pid > 0)
			close(pool->all[i].watch.fd);
	while (wait(NULL) > 0 || errno == EINTR) /* by a second SIGTERM */
		continue;
	free(pool->all);
}
