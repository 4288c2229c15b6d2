/* SPDX-License-Identifier: BSD-2-Clause */
/* pipe.c - source, relay and sink, the same objects in three places: all on one thread;
 * the relay on another thread; the relay in another process, which has the same memory
 * mapped at another address. pipe one|threads|processes SLOTS ITEMS SEED KEY prints a
 * number that is made of all that came out. */
#include "../relay.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REGION = 1 << 20, RING_AT = 4096, RINGS_APART = 1 << 18 };

/* At the beginning of the region that all have mapped; the rings follow at RING_AT. */
struct shared {
	struct flag item[2], room[2]; /* of the ring before the relay, and behind it */
	struct bell here, there;      /* source and sink; the relay */
	_Atomic uint32_t over;
};

struct ends {
	struct shared *shared;
	uint32_t slots, items;
	struct end source, sink;
	struct relay relay;
	uint64_t tag, sum; /* the last sent; of all that came */
	uint32_t sent, came, signals;
};

static struct ring *ring_at(struct shared *s, int i)
{
	return (struct ring *)((char *)s + RING_AT + i * RINGS_APART);
}

/* How a place sees the region: from where it has it mapped. */
static void ends_open(struct ends *e, struct shared *s, struct bell *relays)
{
	e->shared = s;
	e->source = (struct end){ring_at(s, 0), &s->room[0], &s->item[0], relays};
	e->sink = (struct end){ring_at(s, 1), &s->item[1], &s->room[1], relays};
	e->relay.in = (struct end){ring_at(s, 0), &s->item[0], &s->room[0], &s->here};
	e->relay.out = (struct end){ring_at(s, 1), &s->room[1], &s->item[1], &s->here};
}

static void signal_if_asked(struct ends *e, struct end *end)
{
	if (!doorbell_answer(end->theirs))
		return;
	e->signals++;
	bell_ring(end->bell);
}

static void source_notified(struct ends *e)
{
	while (e->sent < e->items) {
		const struct item item = {.offset = e->sent * 64,
					  .length = 64,
					  .tag = (e->tag * 1103 + 12345) % 65536};

		if (ring_put(e->source.ring, &item, 1) == 1) {
			e->tag = item.tag;
			e->sent++;
			signal_if_asked(e, &e->source);
		} else if (doorbell_idle(e->source.mine, ring_has_room,
					 e->source.ring)) {
			return;
		}
	}
}

static void sink_notified(struct ends *e)
{
	while (e->came < e->items) {
		struct item item;

		if (ring_get(e->sink.ring, &item, 1) == 1) {
			if (item.offset == e->came * 64 && item.length == 64)
				e->sum = (e->sum * 31 + item.tag) % 1000003;
			e->came++;
			signal_if_asked(e, &e->sink);
		} else if (doorbell_idle(e->sink.mine, ring_has_item, e->sink.ring)) {
			return;
		}
	}
	atomic_store(&e->shared->over, 1);
	bell_ring(&e->shared->there);
}

static void relay_run(struct ends *e)
{
	while (!atomic_load(&e->shared->over)) {
		relay_notified(&e->relay);
		bell_wait(&e->shared->there);
	}
}

static void *relay_thread(void *ends)
{
	relay_run(ends);
	return NULL;
}

/* Source and sink, and the relay too if it is here. */
static void here_run(struct ends *e, bool relay_too)
{
	for (;;) {
		source_notified(e);
		if (relay_too)
			relay_notified(&e->relay);
		sink_notified(e);
		if (e->came == e->items)
			return;
		bell_wait(&e->shared->here);
	}
}

static void *map(int fd)
{
	void *at = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		exit(2);
	return at;
}

/* The other process died: nobody would ever wake us. */
static void child_ended(int number)
{
	int status;

	(void)number;
	if (waitpid(-1, &status, WNOHANG) > 0 && status != 0)
		_exit(3);
}

/* The other process: maps the region once more, and forgets where it was first. */
static void relay_process(struct ends *e, int fd)
{
	void *first = e->shared, *again = map(fd);

	munmap(first, REGION);
	ends_open(e, again, &((struct shared *)again)->there);
	relay_run(e);
	_exit(0);
}

static int run(struct ends *e, const char *place, int fd)
{
	pthread_t thread;
	pid_t child;

	if (strcmp(place, "one") == 0) {
		ends_open(e, e->shared, &e->shared->here);
		here_run(e, true);
	} else if (strcmp(place, "threads") == 0) {
		if (pthread_create(&thread, NULL, relay_thread, e) != 0)
			return 2;
		here_run(e, false);
		pthread_join(thread, NULL);
	} else {
		signal(SIGCHLD, child_ended);
		child = fork();
		if (child < 0)
			return 2;
		if (child == 0)
			relay_process(e, fd);
		here_run(e, false);
		waitpid(child, NULL, 0);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct ends e = {.sum = 1};
	int fd = memfd_create("pipe", 0), status;

	if (argc != 6 || fd < 0 || ftruncate(fd, REGION) < 0)
		return 2;
	e.slots = (uint32_t)strtoul(argv[2], NULL, 10);
	e.items = (uint32_t)strtoul(argv[3], NULL, 10);
	e.tag = strtoull(argv[4], NULL, 10);
	e.relay.key = strtoull(argv[5], NULL, 10);
	e.shared = map(fd);
	ends_open(&e, e.shared, &e.shared->there);
	for (int i = 0; i < 2; i++)
		if (!ring_init(ring_at(e.shared, i), RINGS_APART, e.slots, UINT32_MAX))
			return 2;
	status = run(&e, argv[1], fd);
	printf("out %" PRIu64 "\n", e.sum);
	fprintf(stderr, "source and sink sent %" PRIu32 " signals\n", e.signals);
	return status;
}
