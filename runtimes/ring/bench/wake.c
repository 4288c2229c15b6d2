/* SPDX-License-Identifier: BSD-2-Clause */
/* wake.c - the loops of wake.h. */
#include "config.h"

#include "runtimes/ring/bench/wake.h"
#include "runtimes/ring/link.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	BUFFERS = 1024,
	BUFFER_BYTES = 64,
	BATCH_MOST = 64,
	SENDER = 1,
	RECEIVER = 2,
	WAKES = 501
};

static double took_ns[WAKES]; /* there and back */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double wake_median_ns(void)
{
	qsort(took_ns, WAKES, sizeof *took_ns, compare);
	return took_ns[WAKES / 2] / 2;
}

/* --- futex
 * ---------------------------------------------------------------------------- */

static struct {
	alignas(RING_LINE) _Atomic uint32_t word;
} word[2];

static void futex_wake(int i)
{
	/* pairs with the acquire in futex_await */
	atomic_store_explicit(&word[i].word, 1, memory_order_release);
	syscall(SYS_futex, &word[i].word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void futex_await(int i)
{
	/* pairs with the release in futex_wake */
	while (!atomic_exchange_explicit(&word[i].word, 0, memory_order_acquire))
		syscall(SYS_futex, &word[i].word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void futex_one(void *arg)
{
	(void)arg;
	for (int i = 0; i < WAKES; i++) {
		futex_await(0);
		futex_wake(1);
	}
}

static void futex_two(void *arg)
{
	(void)arg;
	for (int i = 0; i < WAKES; i++) {
		double began = duo_now_ns();

		futex_wake(0);
		futex_await(1);
		took_ns[i] = duo_now_ns() - began;
	}
}

int wake_futex(struct duo *d)
{
	atomic_store(&word[0].word, 0);
	atomic_store(&word[1].word, 0);
	*d = (struct duo){.place = DUO_CORES, .one = futex_one, .two = futex_two};
	return 0;
}

/* --- doorbell
 * ------------------------------------------------------------------------- */

static struct {
	struct doorbell bell;
	struct doorbell_flag flag;
	alignas(RING_LINE) unsigned char ring[1024]; /* that it gets from */
	struct ring_end get, put;
	struct doorbell_caller peer;
} side[2];

static void doorbell_await(int i)
{
	uint64_t message;

	while (!ring_get_sized(&side[i].get, &message, 1, sizeof message)) {
		doorbell_request(&side[i].flag);
		if (ring_filled(&side[i].get, 1))
			doorbell_cancel(&side[i].flag);
		else
			doorbell_wait(&side[i].bell, DOORBELL_FOREVER);
	}
}

static void doorbell_send(int i)
{
	const uint64_t message = 0;

	ring_put_sized(&side[i].put, &message, 1, sizeof message);
	doorbell_answer(&side[i].peer, &side[!i].flag);
}

static void doorbell_one(void *arg)
{
	(void)arg;
	for (int i = 0; i < WAKES; i++) {
		doorbell_await(0);
		doorbell_send(0);
	}
}

static void doorbell_two(void *arg)
{
	(void)arg;
	for (int i = 0; i < WAKES; i++) {
		double began = duo_now_ns();

		doorbell_send(1);
		doorbell_await(1);
		took_ns[i] = duo_now_ns() - began;
	}
}

static int side_make(int i)
{
	unsigned char *ring = side[i].ring;
	const size_t bytes = sizeof side[i].ring, word_bytes = sizeof(uint64_t);

	doorbell_init(&side[i].bell);
	doorbell_cancel(&side[i].flag);
	side[i].peer = (struct doorbell_caller){.bell = &side[!i].bell, .eventfd = -1};
	if (ring_init(ring, bytes, 4, word_bytes) < 0 ||
	    ring_open(&side[i].get, RING_CONSUMER, ring, bytes, word_bytes) < 0)
		return -EINVAL;
	return ring_open(&side[!i].put, RING_PRODUCER, ring, bytes, word_bytes);
}

int wake_doorbell(struct duo *d)
{
	*d = (struct duo){.place = DUO_CORES, .one = doorbell_one, .two = doorbell_two};
	return side_make(0) < 0 || side_make(1) < 0 ? -EINVAL : 0;
}

/* --- link
 * ----------------------------------------------------------------------------- */

static struct {
	struct link_end link;
	struct doorbell bell;
	struct doorbell_caller peer;
} end[2]; /* by enum link_side */

static alignas(RING_LINE) unsigned char link_region[1 << 16];
static alignas(RING_LINE) unsigned char buffers[BUFFERS * BUFFER_BYTES];
static struct pool pool;
static uint32_t link_batch;
static uint64_t hand_overs;

/* Each buffer is taken, touched, and given: by the sender from free to active, by the
 * receiver back. */
static void link_turns(int i)
{
	struct link_end *l = &end[i].link;
	struct ring_item items[BATCH_MOST];

	for (uint64_t done = 0; done < hand_overs;) {
		int n = link_take(l, items, link_batch);

		for (int k = 0; k < n; k++)
			pool_buffer(&pool, &items[k])[0]++;
		if (n > 0)
			link_give(l, items, (uint32_t)n);
		link_signal(l);
		done += n > 0 ? (uint64_t)n : 0;
		if (n == 0 && link_idle(l))
			doorbell_wait(&end[i].bell, DOORBELL_FOREVER);
	}
}

static void link_one(void *arg)
{
	(void)arg;
	link_turns(LINK_SENDER);
}

static void link_two(void *arg)
{
	(void)arg;
	link_turns(LINK_RECEIVER);
}

static int end_make(enum link_side i)
{
	doorbell_init(&end[i].bell);
	end[i].peer = (struct doorbell_caller){.bell = &end[!i].bell, .eventfd = -1};
	return link_open(&end[i].link, i, link_region, sizeof link_region, &pool,
			 i == LINK_SENDER ? SENDER : RECEIVER, &end[i].peer);
}

int wake_link(struct duo *d, uint64_t n, uint32_t batch)
{
	hand_overs = n;
	link_batch = batch;
	*d = (struct duo){.place = DUO_CORES, .one = link_one, .two = link_two};
	if (pool_open(&pool, buffers, sizeof buffers, BUFFERS, BUFFER_BYTES, NULL) <
		    0 ||
	    link_init(link_region, sizeof link_region, BUFFERS) < 0 ||
	    end_make(LINK_SENDER) < 0 || end_make(LINK_RECEIVER) < 0 ||
	    link_stock(&end[LINK_RECEIVER].link, 0, BUFFERS) != BUFFERS)
		return -EINVAL;
	return 0;
}

double wake_elided(void)
{
	double elided = (double)(end[0].peer.elided + end[1].peer.elided);

	return elided / (elided + (double)(end[0].peer.sent + end[1].peer.sent));
}
