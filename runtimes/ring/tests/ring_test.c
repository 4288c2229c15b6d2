/* SPDX-License-Identifier: BSD-2-Clause */
/* ring_test.c - one thread at both ends: empty, full, any batch across any border and
 * across the wrap of the counters, regions and sides that are refused. */
#include "config.h"

#include "runtimes/ring/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SLOTS = 8, BYTES = 1 << 16 };

static alignas(RING_LINE) unsigned char region[BYTES];
static struct ring_end producer, consumer;

static void open_ends(void)
{
	assert_int_equal(ring_open(&producer, RING_PRODUCER, region, sizeof region,
				   sizeof(struct ring_item)),
			 0);
	assert_int_equal(ring_open(&consumer, RING_CONSUMER, region, sizeof region,
				   sizeof(struct ring_item)),
			 0);
}

static void make(uint32_t slots)
{
	assert_int_equal(
		ring_init(region, sizeof region, slots, sizeof(struct ring_item)), 0);
	open_ends();
}

/* Put n that follow `next`; returns how many fitted. */
static uint32_t put(uint32_t next, uint32_t n)
{
	struct ring_item items[64];

	for (uint32_t i = 0; i < n; i++)
		items[i] = (struct ring_item){
			.offset = next + i,
			.length = ~(next + i),
			.tag = (uint64_t)(next + i) << 32,
		};
	return ring_put(&producer, items, n);
}

/* Get n, which must be `next` and those that follow it; returns how many there were. */
static uint32_t get(uint32_t next, uint32_t n)
{
	struct ring_item items[64];
	uint32_t got = ring_get(&consumer, items, n);

	for (uint32_t i = 0; i < got; i++) {
		assert_int_equal(items[i].offset, next + i);
		assert_int_equal(items[i].length, ~(next + i));
		assert_int_equal(items[i].tag, (uint64_t)(next + i) << 32);
	}
	return got;
}

static void test_empty_and_full(void **state)
{
	(void)state;
	make(SLOTS);
	assert_int_equal(get(0, 1), 0);
	assert_int_equal(ring_filled(&consumer, 1), 0);
	assert_int_equal(ring_room(&producer, SLOTS), SLOTS);
	for (uint32_t i = 0; i < SLOTS; i++)
		assert_int_equal(put(i, 1), 1);
	assert_int_equal(put(99, 1), 0);
	assert_int_equal(ring_room(&producer, 1), 0);
	assert_int_equal(get(0, 1), 1);
	assert_int_equal(put(SLOTS, 1), 1);
	assert_int_equal(put(99, 1), 0);
	assert_int_equal(get(1, 64), SLOTS);
	assert_int_equal(get(0, 64), 0);
}

static void test_batches(void **state)
{
	(void)state;
	make(SLOTS);
	assert_int_equal(put(0, 0), 0);
	assert_int_equal(put(0, 5), 5);
	assert_int_equal(put(5, 5), 3); /* what fits of it */
	assert_int_equal(get(0, 0), 0);
	assert_int_equal(get(0, 6), 6);
	assert_int_equal(put(8, 7), 6);
	assert_int_equal(get(6, 64), 8);
	assert_int_equal(get(14, 64), 0);
}

static void test_one_slot(void **state)
{
	(void)state;
	make(1);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(put(i, 2), 1);
		assert_int_equal(put(i, 1), 0);
		assert_int_equal(get(i, 2), 1);
		assert_int_equal(get(i, 1), 0);
	}
}

/* Every position of a ring of 8 and every pair of batch sizes, many times around; the
 * counters pass zero on the way. */
static void test_wrap(void **state)
{
	uint32_t in = 0, out = 0;

	(void)state;
	make(SLOTS);
	assert_true(producer.at > UINT32_MAX - SLOTS);
	for (uint32_t i = 0; i < 10000; i++) {
		uint32_t room = SLOTS - (in - out);
		uint32_t n = i % (SLOTS + 3), m = i / 7 % (SLOTS + 2);
		uint32_t fitted = put(in, n);

		assert_int_equal(fitted, n < room ? n : room);
		in += fitted;
		fitted = get(out, m);
		assert_int_equal(fitted, m < in - out ? m : in - out);
		out += fitted;
	}
	assert_true(producer.at < UINT32_MAX / 2);
}

/* A side that starts again finds what the one before it left. */
static void test_open_again(void **state)
{
	(void)state;
	make(SLOTS);
	assert_int_equal(put(0, 6), 6);
	assert_int_equal(get(0, 2), 2);
	open_ends();
	assert_int_equal(put(6, 9), 4);
	assert_int_equal(get(2, 9), 8);
}

static void test_init_refuses(void **state)
{
	size_t need = ring_bytes(SLOTS, 16);

	(void)state;
	assert_int_equal(ring_init(region, sizeof region, 0, 16), -EINVAL);
	assert_int_equal(ring_init(region, sizeof region, 7, 16), -EINVAL);
	assert_int_equal(ring_init(region, sizeof region, SLOTS, 0), -EINVAL);
	assert_int_equal(ring_init(region, sizeof region, SLOTS, 4), -EINVAL);
	assert_int_equal(ring_init(region, sizeof region, SLOTS, 12), -EINVAL);
	assert_int_equal(ring_init(region, sizeof region, SLOTS, 512), -EINVAL);
	assert_int_equal(ring_init(region, SIZE_MAX, UINT32_C(1) << 31, 16), -EINVAL);
	assert_int_equal(ring_init(region, need - 1, SLOTS, 16), -EINVAL);
	assert_int_equal(ring_init(region + 8, sizeof region - 8, SLOTS, 16), -EINVAL);
	assert_int_equal(ring_init(region, need, SLOTS, 16), 0);
}

static int open_it(size_t bytes, uint32_t slot_bytes)
{
	return ring_open(&consumer, RING_CONSUMER, region, bytes, slot_bytes);
}

static void test_open_refuses(void **state)
{
	struct ring *r = (struct ring *)region;
	size_t need = ring_bytes(SLOTS, 16);

	(void)state;
	assert_int_equal(ring_init(region, need, SLOTS, 16), 0);
	assert_int_equal(open_it(need, 16), 0);
	assert_int_equal(open_it(need, 8), -EINVAL);
	assert_int_equal(open_it(need - 1, 16), -EINVAL);
	assert_int_equal(open_it(16, 16), -EINVAL);
	r->slots = 6;
	assert_int_equal(open_it(need, 16), -EINVAL);
	r->slots = SLOTS * 2;
	assert_int_equal(open_it(need, 16), -EINVAL);
	r->slots = SLOTS;
	r->magic++;
	assert_int_equal(open_it(need, 16), -EINVAL);
	r->magic--;
	atomic_store(&r->tail, atomic_load(&r->head) + SLOTS + 1);
	assert_int_equal(open_it(need, 16), -EINVAL);
	assert_int_equal(ring_open(&producer, RING_PRODUCER, region, sizeof region, 16),
			 -EINVAL);
}

/* The other side writes a counter that cannot be: it is as if it had written none. */
static void test_lies_are_not_believed(void **state)
{
	struct ring *r = (struct ring *)region;
	uint32_t tail;

	(void)state;
	make(SLOTS);
	assert_int_equal(put(0, 3), 3);
	assert_int_equal(get(0, 1), 1);
	tail = atomic_load(&r->tail);
	atomic_store(&r->tail, tail + SLOTS + 1);
	assert_int_equal(get(1, 64), 2);
	assert_int_equal(get(3, 64), 0);
	atomic_store(&r->tail, tail - SLOTS);
	assert_int_equal(get(3, 64), 0);
	atomic_store(&r->head, tail + SLOTS + 1);
	assert_int_equal(put(3, 64), SLOTS - 3);
	assert_int_equal(put(9, 1), 0);
	/* and it hands out nothing but slots of its own */
	r->slots = 1 << 20;
	assert_int_equal(get(3, 64), SLOTS - 3);
}

/* Sizes other than an item's. */
static void test_words(void **state)
{
	uint64_t words[4] = {1, 2, 3, 4}, back[4] = {0};

	(void)state;
	assert_int_equal(ring_init(region, sizeof region, 4, 8), 0);
	assert_int_equal(ring_open(&producer, RING_PRODUCER, region, sizeof region, 8),
			 0);
	assert_int_equal(open_it(sizeof region, 8), 0);
	for (uint32_t i = 0; i < 9; i++) {
		assert_int_equal(ring_put_sized(&producer, words, 3, 8), 3);
		assert_int_equal(ring_get_sized(&consumer, back, 4, 8), 3);
		assert_memory_equal(back, words, 3 * sizeof *words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_and_full),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_one_slot),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_open_again),
		cmocka_unit_test(test_init_refuses),
		cmocka_unit_test(test_open_refuses),
		cmocka_unit_test(test_lies_are_not_believed),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
