/* SPDX-License-Identifier: BSD-2-Clause */
/* connections.c - connections come and go: accounting, overload, and how they are told
 * to stop. */
#include "config.h"

#include "setup.h"
#include "setup_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BITS = 64, SHORTAGE_MS = 1 };

static _Atomic uint64_t *live; /* a bit for each descriptor */
static size_t live_words;

void connections_setup(unsigned descriptors)
{
	live_words = (descriptors + BITS - 1) / BITS;
	live = calloc(live_words, sizeof *live);
	MUST(live ? 0 : -1);
}

void connections_shut(void)
{
	for (size_t i = 0; i < live_words; i++)
		for (uint64_t word = atomic_load(&live[i]); word; word &= word - 1)
			shutdown((int)(i * BITS) + __builtin_ctzll(word), SHUT_RD);
}

static void mark(int fd, bool on)
{
	_Atomic uint64_t *word = &live[(unsigned)fd / BITS];
	uint64_t bit = (uint64_t)1 << ((unsigned)fd % BITS);

	if (on)
		atomic_fetch_or(word, bit);
	else
		atomic_fetch_and(word, ~bit);
}

void connections_only(int fd)
{
	for (size_t i = 0; i < live_words; i++)
		atomic_store(&live[i], 0);
	mark(fd, true);
	if (server_stopping())
		shutdown(fd, SHUT_RD);
}

void server_begin(struct server *s)
{
	unsigned now = atomic_fetch_add_explicit(&s->live, 1, memory_order_relaxed) + 1;

	counter_add(s->counters, COUNTER_OPENED, 1);
	counter_raise(s->counters, COUNTER_PEAK, now);
}

void server_idle(int fd)
{
	mark(fd, true);
	/* The handler may have run before the mark: it saw no bit, so look again. */
	if (server_stopping())
		shutdown(fd, SHUT_RD);
}

int server_opened(struct server *s, int fd)
{
	server_begin(s);
	server_idle(fd);
	return fd;
}

void server_ended(struct server *s)
{
	counter_add(s->counters, COUNTER_CLOSED, 1);
	atomic_fetch_sub_explicit(&s->live, 1, memory_order_relaxed);
}

void server_forget(struct server *s, int fd)
{
	mark(fd, false); /* before the descriptor can mean another file */
	server_ended(s);
}

void server_closed(struct server *s, int fd)
{
	server_forget(s, fd);
	close(fd);
}

void server_handed_over(int fd)
{
	mark(fd, false);
	close(fd);
}

void server_refused(struct server *s, int fd)
{
	counter_add(s->counters, COUNTER_REFUSED, 1);
	server_closed(s, fd);
}

bool server_full(const struct server *s)
{
	return atomic_load_explicit(&s->live, memory_order_relaxed) >=
	       s->max_connections;
}

void server_deferred(struct server *s)
{
	counter_add(s->counters, COUNTER_DEFERRED, 1);
}

static pthread_mutex_t reserving = PTHREAD_MUTEX_INITIALIZER;

/* Nobody is served without a reserve: another thread may have taken it for a load.
 * dup3(2) ends the connection and keeps its descriptor in one step. */
static int reserve_first(struct server *s, int fd)
{
	if (s->reserve >= 0)
		return fd;
	s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (s->reserve >= 0 || fd < 0)
		return fd;
	s->reserve = dup3(s->listener, fd, O_CLOEXEC);
	if (s->reserve < 0)
		close(fd);
	counter_add(s->counters, COUNTER_CLOSED_NO_FD, 1);
	return -ECONNABORTED;
}

/* Out of descriptors: take the waiting client with the reserved one.  If a descriptor
 * became free meanwhile it is served after all.  Returns it, or -errno. */
static int accept_reserved(struct server *s, int listener, int flags)
{
	int fd;

	pthread_mutex_lock(&reserving);
	/* Marked as gone before it is: who gets it in an accept of its own must know.
	 */
	close(atomic_exchange(&s->reserve, -1));
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | flags);
	fd = reserve_first(s, fd < 0 ? -errno : fd);
	pthread_mutex_unlock(&reserving);
	return fd;
}

/* Accepted while there was no reserve. */
static int accepted_without(struct server *s, int fd)
{
	pthread_mutex_lock(&reserving);
	fd = reserve_first(s, fd);
	pthread_mutex_unlock(&reserving);
	return fd;
}

int server_accept_from(struct server *s, int listener, int flags)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | flags);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE))
			fd = accept_reserved(s, listener, flags);
		else if (fd < 0)
			fd = -errno;
		else if (s->reserve < 0)
			fd = accepted_without(s, fd);
		if (fd >= 0)
			return server_opened(s, fd);
		if (server_stopping())
			return -ECANCELED;
		if (fd == -EAGAIN || fd == -EINTR)
			return fd;
		/* Nothing to accept it with, not at once again: a loop has others to
		 * serve, who give back what is wanted. */
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) {
			poll(NULL, 0, SHORTAGE_MS);
			return -EINTR;
		}
		/* Else the client gave up, or the network failed it (accept(2)): the
		 * next one. */
	}
}

int server_accept(struct server *s, int flags)
{
	return server_accept_from(s, s->listener, flags);
}

int server_listener(struct server *s)
{
	int fd = listener_another(s->listener);

	mark(fd, true); /* shut down with the connections */
	if (server_stopping())
		shutdown(fd, SHUT_RD);
	return fd;
}
