/* SPDX-License-Identifier: BSD-2-Clause */
/* stress_test.c - STRESS_MESSAGES from one side to the other, all, once, in order, as
 * two threads and as two processes: through a bare ring, and as buffers over a link
 * whose ends sleep.  A wake-up that is lost shows as a wait that passes its deadline.
 * Fewer on a busy machine, where each sched_yield(2) at a full ring gives a slice to
 * everybody else. */
#include "config.h"

#include "pair.h"
#include "runtimes/ring/link.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	SLOTS = 64,
	BATCH_MOST = 32,
	BUFFERS = 32,
	BUFFER_BYTES = 64,
	SENDER = 1,
	RECEIVER = 2
};

/* What both sides find in the region. */
struct shared {
	struct doorbell bell[2];
	struct doorbell_flag flag[2];
	_Atomic uint64_t hash[2]; /* of what each side has handled */
	_Atomic uint64_t due;     /* messages; the sender may make them fewer */
	_Atomic uint32_t owner[BUFFERS];
	alignas(RING_LINE) unsigned char rings[2][16384];
	alignas(RING_LINE) unsigned char buffers[BUFFERS * BUFFER_BYTES];
};

_Static_assert(sizeof(struct shared) <= PAIR_BYTES, "the region holds it");

static uint64_t hash_add(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * UINT64_C(0x100000001b3); /* FNV-1a, by words */
}

/* Batches of changing size: 1 to BATCH_MOST. */
static uint32_t batch_size(uint64_t *random)
{
	*random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return 1 + (uint32_t)(*random >> 33) % BATCH_MOST;
}

/* --- a ring
 * --------------------------------------------------------------------------- */

static int ring_send(void *region)
{
	struct shared *s = region;
	struct ring_item items[BATCH_MOST];
	uint64_t sent = 0, hash = 0, random = 1;
	struct ring_end ring;

	if (ring_open(&ring, RING_PRODUCER, s->rings[0], sizeof s->rings[0],
		      sizeof *items) < 0)
		return __LINE__;
	while (sent < atomic_load(&s->due)) {
		uint32_t n = batch_size(&random);

		n = n < STRESS_MESSAGES - sent ? n : (uint32_t)(STRESS_MESSAGES - sent);
		for (uint32_t i = 0; i < n; i++)
			items[i] = (struct ring_item){
				.offset = (uint32_t)(sent + i),
				.tag = ~(sent + i),
			};
		n = ring_put(&ring, items, n);
		for (uint32_t i = 0; i < n; i++)
			hash = hash_add(hash, items[i].tag);
		sent += n;
		if (!n && pair_is_late())
			atomic_store(&s->due, sent);
		else if (!n)
			sched_yield();
	}
	atomic_store(&s->hash[0], hash);
	return 0;
}

static int ring_receive(void *region)
{
	struct shared *s = region;
	struct ring_item items[BATCH_MOST];
	uint64_t got = 0, hash = 0, random = 2;
	struct ring_end ring;

	if (ring_open(&ring, RING_CONSUMER, s->rings[0], sizeof s->rings[0],
		      sizeof *items) < 0)
		return __LINE__;
	while (got < atomic_load(&s->due)) {
		uint32_t n = ring_get(&ring, items, batch_size(&random));

		for (uint32_t i = 0; i < n; i++) {
			if (items[i].offset != (uint32_t)(got + i) ||
			    items[i].tag != ~(got + i))
				return __LINE__;
			hash = hash_add(hash, items[i].tag);
		}
		got += n;
		if (!n)
			sched_yield();
	}
	atomic_store(&s->hash[1], hash);
	return 0;
}

static struct shared *ring_prepare(void)
{
	struct shared *s = pair_region();

	s->due = STRESS_MESSAGES;

	assert_int_equal(ring_init(s->rings[0], sizeof s->rings[0], SLOTS,
				   sizeof(struct ring_item)),
			 0);
	return s;
}

static const struct pair ring_pair = {ring_send, ring_receive};

static void assert_hashes(struct shared *s)
{
	assert_true(atomic_load(&s->hash[0]) == atomic_load(&s->hash[1]));
	assert_true(atomic_load(&s->hash[0]) != 0);
}

static void test_ring_threads(void **state)
{
	struct shared *s = ring_prepare();

	(void)state;
	pair_threads(&ring_pair);
	assert_hashes(s);
}

static void test_ring_processes(void **state)
{
	struct shared *s = ring_prepare();

	(void)state;
	pair_processes(&ring_pair);
	assert_hashes(s);
}

/* --- a link
 * --------------------------------------------------------------------------- */

struct module {
	struct link_end link;
	struct doorbell_caller peer;
	struct pool pool;
	struct doorbell *bell;
};

static int module_open(struct module *m, struct shared *s, enum link_side side)
{
	m->bell = &s->bell[side];
	m->peer = (struct doorbell_caller){.bell = &s->bell[!side], .eventfd = -1};
	if (pool_open(&m->pool, s->buffers, sizeof s->buffers, BUFFERS, BUFFER_BYTES,
		      s->owner) < 0)
		return -1;
	return link_open(&m->link, side, s->rings[0], sizeof s->rings[0], &m->pool,
			 side == LINK_SENDER ? SENDER : RECEIVER, &m->peer);
}

/* Take a batch, asleep until there is one.  0: the wait took too long. */
static int module_take(struct module *m, struct ring_item *items, uint32_t n)
{
	int got;

	while ((got = link_take(&m->link, items, n)) == 0) {
		link_signal(&m->link);
		if (link_idle(&m->link) &&
		    doorbell_wait(m->bell, pair_deadline_ns()) < 0)
			return 0;
	}
	return got;
}

/* Each buffer carries its number; the memory is plain, so that a sanitizer sees who
 * touches it when. */
static int link_send(void *region)
{
	uint64_t sent = 0, hash = 0, random = 3;
	struct ring_item items[BATCH_MOST];
	struct shared *s = region;
	struct module m;

	if (module_open(&m, region, LINK_SENDER) < 0)
		return __LINE__;
	while (sent < atomic_load(&s->due)) {
		uint64_t left = STRESS_MESSAGES - sent;
		uint32_t most = batch_size(&random);
		int n = module_take(&m, items, most < left ? most : (uint32_t)left);

		if (n <= 0)
			return __LINE__;
		for (int i = 0; i < n; i++, sent++) {
			memcpy(pool_buffer(&m.pool, &items[i]), &sent, sizeof sent);
			items[i].length = sizeof sent;
			hash = hash_add(hash, sent);
		}
		if (pair_is_late()) /* these are the last: known before they come */
			atomic_store(&s->due, sent);
		if (link_give(&m.link, items, (uint32_t)n) != n)
			return __LINE__;
		link_signal(&m.link);
	}
	atomic_store(&s->hash[0], hash);
	return 0;
}

static int link_receive(void *region)
{
	uint64_t got = 0, hash = 0, random = 4;
	struct ring_item items[BATCH_MOST];
	struct shared *s = region;
	struct module m;

	if (module_open(&m, region, LINK_RECEIVER) < 0)
		return __LINE__;
	while (got < atomic_load(&s->due)) {
		int n = module_take(&m, items, batch_size(&random));

		if (n <= 0)
			return __LINE__;
		for (int i = 0; i < n; i++, got++) {
			uint64_t number;

			memcpy(&number, pool_buffer(&m.pool, &items[i]), sizeof number);
			if (number != got)
				return __LINE__;
			hash = hash_add(hash, number);
			memset(pool_buffer(&m.pool, &items[i]), 0, sizeof number);
		}
		if (link_give(&m.link, items, (uint32_t)n) != n)
			return __LINE__;
		link_signal(&m.link);
	}
	atomic_store(&s->hash[1], hash);
	return 0;
}

static struct shared *link_prepare(void)
{
	struct shared *s = pair_region();
	struct module m;

	s->due = STRESS_MESSAGES;

	assert_int_equal(link_init(s->rings[0], sizeof s->rings[0], BUFFERS), 0);
	assert_int_equal(module_open(&m, s, LINK_RECEIVER), 0);
	assert_int_equal(link_stock(&m.link, 0, BUFFERS), BUFFERS);
	return s;
}

static const struct pair link_pair = {link_send, link_receive};

static void test_link_threads(void **state)
{
	struct shared *s = link_prepare();

	(void)state;
	pair_threads(&link_pair);
	assert_hashes(s);
}

static void test_link_processes(void **state)
{
	struct shared *s = link_prepare();

	(void)state;
	pair_processes(&link_pair);
	assert_hashes(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_threads),
		cmocka_unit_test(test_ring_processes),
		cmocka_unit_test(test_link_threads),
		cmocka_unit_test(test_link_processes),
	};

	alarm(4 * PAIR_LIMIT_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
