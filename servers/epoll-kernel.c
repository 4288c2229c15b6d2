/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll-kernel.c - epoll.c with threads only "where true CPU concurrency is needed",
 * isolated in a "threaded application kernel" (Ousterhout, Why Threads Are A Bad Idea,
 * 1995): a few of them spin, one for each CPU.  Two queues are all they share with the
 * loop, which alone knows connections, cache and accounts.  A load stops it. */
#include "config.h"

#include "reactor.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct about about = {
	.name = "epoll-kernel",
	.family = "event",
	.style = "event",
	.summary = "an epoll loop with threads for its long handlers alone",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.workers = 1,
	.workers_a_cpu = true,
};

struct queue {
	struct connection *first, **last;
};

static struct server server;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER; /* waiting, or over */
static struct queue waiting = {NULL, &waiting.first};
static struct queue finished = {NULL, &finished.first};
static bool over;

static void put(struct queue *q, struct connection *c)
{
	c->next = NULL;
	*q->last = c;
	q->last = &c->next;
}

static struct connection *take(struct queue *q)
{
	struct connection *c = q->first;

	if (c)
		q->first = c->next;
	if (!q->first)
		q->last = &q->first;
	return c;
}

/* The kernel.  Of a connection it sees only how long to spin. */
static void *work(void *arg)
{
	struct watch *bell = arg;
	struct connection *c;

	pthread_mutex_lock(&mutex);
	while (!over) {
		c = take(&waiting);
		if (!c) {
			pthread_cond_wait(&changed, &mutex);
			continue;
		}
		pthread_mutex_unlock(&mutex);
		service_spin(c->left_ns);
		pthread_mutex_lock(&mutex);
		put(&finished, c);
		eventfd_write(bell->fd, 1);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void on_bell(struct reactor *r, struct watch *w, uint32_t events)
{
	struct connection *c;
	eventfd_t rings;

	(void)r, (void)events;
	eventfd_read(w->fd, &rings); /* before looking: what comes later rings again */
	do {
		pthread_mutex_lock(&mutex);
		c = take(&finished);
		pthread_mutex_unlock(&mutex);
		if (c)
			reactor_resume(c, 0);
	} while (c);
}

static bool perform(struct connection *c, enum want want)
{
	if (want == WANT_LOAD) {
		machine_block(&c->machine);
		return true;
	}
	c->left_ns = machine_spin_ns(&c->machine);
	pthread_mutex_lock(&mutex);
	put(&waiting, c);
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
	return false;
}

static pthread_t *kernel_start(struct watch *bell)
{
	pthread_t *thread = calloc(server.workers, sizeof *thread);

	MUST(thread ? 0 : -1);
	for (unsigned i = 0; i < server.workers; i++) {
		int error = pthread_create(&thread[i], NULL, work, bell);

		if (error)
			server_cannot("make the kernel's threads", error);
	}
	return thread;
}

static void kernel_end(pthread_t *thread)
{
	pthread_mutex_lock(&mutex);
	over = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	for (unsigned i = 0; i < server.workers; i++)
		pthread_join(thread[i], NULL);
	free(thread);
}

int main(int argc, char **argv)
{
	static const struct way way = {.perform = perform};
	static struct watch bell = {.ready = on_bell};
	struct reactor reactor;
	pthread_t *thread;

	server_setup(&server, argc, argv, &about);
	reactor_setup(&reactor, &server, server.listener, &way);
	bell.fd = MUST(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	MUST(reactor_watch(&reactor, &bell, EPOLLIN));
	thread = kernel_start(&bell);
	server_ready(&server);

	reactor_run(&reactor);
	kernel_end(thread);
	return server_finish(&server);
}
