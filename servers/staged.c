/* SPDX-License-Identifier: BSD-2-Clause */
/* staged.c - the server as a graph of stages: Haboob of Welsh, Culler and Brewer (SEDA,
 * 2001, sections 3 to 5).  A request is an event that travels from queue to queue;
 * each stage has threads of its own for the one thing it does, and controllers that
 * watch its queue.  Where epoll.c has one loop and thread.c one stack for all of a
 * request, here every arrow below is a queue, and may be a thread switch.  Unlike all
 * others it answers 503 when it is too slow: that is the load-shedding controller. */
#include "config.h"

#include "setup.h"
#include "stages/connection.h"
#include "stages/settings.h"
#include "stages/sockets.h"
#include "stages/timekeeper.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>

static const char *const own_counters[] = {
	[STAGE_CROSSED] = "stage_crossings",
	[STAGE_THREAD_ADDED] = "stage_threads_added",
	[STAGE_THREAD_DROPPED] = "stage_threads_dropped",
	[STAGE_BATCH_RAISED] = "batch_raised",
	[STAGE_BATCH_LOWERED] = "batch_lowered",
	[STAGE_BOUND_RAISED] = "shed_bound_raised",
	[STAGE_BOUND_LOWERED] = "shed_bound_lowered",
	[STAGE_SHED] = "shed",
	[STAGE_NOTES] = NULL,
};

static const struct about about = {
	.name = "staged",
	.family = "staged",
	.style = "event",
	.summary = "ten stages, each with a queue, threads and controllers",
	.overload = "503",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_EACH,
	.own = settings,
	.own_counters = own_counters,
};

enum { CONTROL_MS = 50 };

enum {
	SOCKET_LISTEN,
	SOCKET_READ,
	HTTP_PARSE,
	HTTP_RECV,
	PAGE_CACHE,
	CACHE_MISS,
	FILE_IO,
	HTTP_SEND,
	SOCKET_WRITE,
	DYNAMIC_PAGES,
	STAGES
};

static struct stage stages[STAGES];
static struct server server;

static void count(enum stage_note what, uint64_t n)
{
	counter_add(server.counters, COUNTERS + what, n);
}

/* Which stage does what the machine needs next: the arrows of the graph. */
static int stage_next(const struct machine *m)
{
	switch (machine_due(m)) {
	case STEP_PARSE:
		return HTTP_PARSE;
	case STEP_ROUTE:
		return HTTP_RECV;
	case STEP_LOOKUP:
		return PAGE_CACHE;
	case STEP_PAGE:
		return DYNAMIC_PAGES;
	case STEP_REPLY:
		return HTTP_SEND;
	case STEP_NONE:
		break;
	}
	switch (machine_wants(m)) {
	case WANT_LOAD:
		return machine_loading(m) ? FILE_IO : CACHE_MISS;
	case WANT_WRITE:
	case WANT_SHUT:
		return SOCKET_WRITE;
	case WANT_READ:
		return SOCKET_READ;
	default:
		return STAGES; /* out of the graph */
	}
}

/* A connection goes back to reading not through the queue, but through the kernel. */
void connection_pass(struct connection *c)
{
	int next = stage_next(&c->machine);

	if (next == STAGES) {
		connection_close(c);
	} else if (next == SOCKET_READ) {
		connection_await(c);
	} else if (stage_put(&stages[next], &c->event) < 0) {
		machine_done(&c->machine, -ENOBUFS); /* 503 */
		stage_put(&stages[HTTP_SEND], &c->event);
	}
}

/* A step of the machine: what three stages do is core's.
 *
 * HttpParse: bytes -> request; -> HttpRecv.  Not whole yet: -> socket read; not to be
 *	understood: -> socket write, with the error.
 * HttpRecv: what does it mean?  -> PageCache or dynamic pages; an error: socket write.
 * HttpSend: what came of it -> reply, with its head; -> socket write. */
static void http_step(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct connection *c = connection_of(batch[i]);

		machine_step(&c->machine);
		connection_pass(c);
	}
}

static int by_size(const void *a, const void *b)
{
	const struct connection *const *one = a, *const *other = b;
	uint64_t size = machine_body_size(&(*one)->machine);
	uint64_t than = machine_body_size(&(*other)->machine);

	return (size > than) - (size < than);
}

/* Look them all up, then go on shortest first (misses before that, theirs is the
 * longest way); -> HttpSend or CacheMiss.  Within a batch: who asks for a large file is
 * overtaken by those of one batch only. */
static void page_cache(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		machine_step(&connection_of(batch[i])->machine);
	qsort(batch, n, sizeof(struct stage_event *), by_size);
	for (unsigned i = 0; i < n; i++)
		connection_pass(connection_of(batch[i]));
}

/* Open the file and find room for it; -> file I/O, or HttpSend if that was all. */
static void cache_miss(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct connection *c = connection_of(batch[i]);
		int result = machine_load_begin(&c->machine, false);

		if (result <= 0)
			machine_done(&c->machine, result);
		connection_pass(c);
	}
}

/* Returns 0 or -errno. */
static int load_blocking(struct machine *m)
{
	int more = 1;

	while (more == 1) {
		const struct cache_load *load = machine_loading(m);
		struct iovec iov[EXCHANGE_PIECES];
		int pieces = cache_load_iov(load, iov, EXCHANGE_PIECES);
		ssize_t n = preadv(cache_load_fd(load), iov, pieces,
				   (off_t)cache_load_at(load));

		more = machine_load_got(m, n < 0 ? -errno : n);
	}
	return more;
}

/* Read it, blocking: the stage that has use for many threads; -> HttpSend. */
static void file_io(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct connection *c = connection_of(batch[i]);

		machine_done(&c->machine, load_blocking(&c->machine));
		connection_pass(c);
	}
}

/* What is no file: accounts and spins are done here and now, for waits the timekeeper
 * has the connection; -> HttpSend, or socket write where the reply is made already. */
static void dynamic_pages(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct connection *c = connection_of(batch[i]);

		machine_step(&c->machine);
		switch (machine_wants(&c->machine)) {
		case WANT_WAIT:
			timekeeper_wait(c);
			break;
		case WANT_FAN:
			timekeeper_fan(c);
			break;
		case WANT_SPIN:
			machine_block(&c->machine);
			connection_pass(c);
			break;
		default:
			connection_pass(c);
		}
	}
}

static const struct stage_plan plans[STAGES] = {
	[SOCKET_LISTEN] = {.handle = socket_listen, .source = &listening.source},
	[SOCKET_READ] = {.handle = socket_read, .source = &reading.source},
	[HTTP_PARSE] = {.handle = http_step},
	[HTTP_RECV] = {.handle = http_step},
	[PAGE_CACHE] = {.handle = page_cache, .sheds = true},
	[CACHE_MISS] = {.handle = cache_miss, .sheds = true},
	[FILE_IO] = {.handle = file_io,
		     .long_queue = THREADS_QUEUE_DISK,
		     .sheds = true},
	[HTTP_SEND] = {.handle = http_step},
	[SOCKET_WRITE] = {.handle = socket_write, .source = &writing.source},
	[DYNAMIC_PAGES] = {.handle = dynamic_pages, .sheds = true},
};

static void start(void)
{
	int err = sockets_open(&server);

	controls.note = count;
	if (err == 0)
		err = timekeeper_start();
	/* A connection is in one queue at a time, which bounds them all: no stage
	 * refuses an event but where its controller says so. */
	for (int i = 0; i < STAGES && err == 0; i++)
		err = stage_start(&stages[i], &plans[i], &controls, UINT_MAX);
	if (err < 0)
		server_cannot("make the stages", -err);
	sockets_accept();
}

int main(int argc, char **argv)
{
	static const struct timespec tick = {.tv_nsec = CONTROL_MS * 1000000};

	server_setup(&server, argc, argv, &about);
	start();
	server_ready(&server);

	/* Stopping (setup.h) makes every idle connection readable: they end by
	 * themselves. */
	while (sockets_accepting() || server.live > 0) {
		nanosleep(&tick, NULL);
		for (int i = 0; i < STAGES; i++)
			stage_control(&stages[i], stage_now());
	}
	for (int i = 0; i < STAGES; i++)
		stage_stop(&stages[i]);
	timekeeper_stop();
	sockets_close();
	return server_finish(&server);
}
