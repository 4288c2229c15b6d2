/* SPDX-License-Identifier: BSD-2-Clause */
/* link_test.c - one thread at both ends: buffers go round, each has one owner and who
 * gives it twice is refused; who signals whom, and when nobody does. */
#include "config.h"

#include "runtimes/ring/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

enum { BUFFERS = 8, BUFFER_BYTES = 64, SENDER = 1, RECEIVER = 2, OTHER = 3 };

static alignas(RING_LINE) unsigned char region[1 << 12];
static alignas(RING_LINE) unsigned char buffers[BUFFERS * BUFFER_BYTES];
static _Atomic uint32_t owner[BUFFERS];
static struct pool pool;
static struct doorbell bell[2];
static struct doorbell_caller to_sender, to_receiver;
static struct link_end sender, receiver;
static struct ring_item items[2 * BUFFERS];

static int make(void **state)
{
	(void)state;
	for (int i = 0; i < BUFFERS; i++)
		atomic_store(&owner[i], POOL_ON_ITS_WAY);
	doorbell_init(&bell[0]);
	doorbell_init(&bell[1]);
	to_sender = (struct doorbell_caller){.bell = &bell[0], .eventfd = -1};
	to_receiver = (struct doorbell_caller){.bell = &bell[1], .eventfd = -1};
	if (pool_open(&pool, buffers, sizeof buffers, BUFFERS, BUFFER_BYTES, owner) <
		    0 ||
	    link_init(region, sizeof region, BUFFERS) < 0 ||
	    link_open(&sender, LINK_SENDER, region, sizeof region, &pool, SENDER,
		      &to_receiver) < 0 ||
	    link_open(&receiver, LINK_RECEIVER, region, sizeof region, &pool, RECEIVER,
		      &to_sender) < 0)
		return -1;
	return link_stock(&receiver, 0, BUFFERS) == BUFFERS ? 0 : -1;
}

static void test_round(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		int n = 1 + round % BUFFERS;

		assert_int_equal(link_take(&sender, items, (uint32_t)n), n);
		for (int i = 0; i < n; i++) {
			items[i].length = (uint32_t)i;
			pool_buffer(&pool, &items[i])[i] = (unsigned char)round;
		}
		assert_int_equal(link_give(&sender, items, (uint32_t)n), n);
		assert_int_equal(link_take(&receiver, items, 2 * BUFFERS), n);
		for (int i = 0; i < n; i++) {
			assert_int_equal(items[i].length, i);
			assert_int_equal(pool_buffer(&pool, &items[i])[i], round);
		}
		assert_int_equal(link_give(&receiver, items, (uint32_t)n), n);
	}
}

static void test_every_buffer_once(void **state)
{
	unsigned seen = 0;

	(void)state;
	assert_int_equal(link_take(&sender, items, 2 * BUFFERS), BUFFERS);
	for (int i = 0; i < BUFFERS; i++)
		seen |= 1u << (items[i].offset / BUFFER_BYTES);
	assert_int_equal(seen, (1u << BUFFERS) - 1);
	assert_int_equal(link_take(&sender, items, 1), 0);
	assert_int_equal(link_stock(&receiver, 0, 1), -EPERM);
	assert_int_equal(link_stock(&receiver, BUFFERS, 1), -EINVAL);
}

static void test_double_give(void **state)
{
	(void)state;
	assert_true(pool_checks());
	assert_int_equal(link_take(&sender, items, 2), 2);
	assert_int_equal(link_give(&sender, items, 1), 1);
	assert_int_equal(link_give(&sender, items, 1), -EPERM);
	/* the same twice in one batch: none of the batch is given */
	items[0] = items[1];
	assert_int_equal(link_give(&sender, items, 2), -EPERM);
	assert_int_equal(link_give(&sender, items, 1), 1);
	assert_int_equal(link_take(&receiver, items, BUFFERS), 2);
}

static void test_strangers_buffer(void **state)
{
	struct link_end other;

	(void)state;
	assert_int_equal(link_take(&sender, items, 1), 1);
	/* taken, not given: the receiver has no business with it */
	assert_int_equal(link_give(&receiver, items, 1), -EPERM);
	assert_int_equal(link_open(&other, LINK_SENDER, region, sizeof region, &pool,
				   OTHER, &to_receiver),
			 0);
	assert_int_equal(link_give(&other, items, 1), -EPERM);
	assert_int_equal(link_give(&sender, items, 1), 1);
	/* the other end gives past its checks what it does not have any more */
	ring_put(&sender.give, items, 1);
	assert_int_equal(link_take(&receiver, items, 1), 1);
	assert_int_equal(link_take(&receiver, items, 1), -EPROTO);
}

static void test_no_such_buffer(void **state)
{
	const struct ring_item bad[] = {
		{.offset = 1},
		{.offset = BUFFERS * BUFFER_BYTES},
		{.offset = UINT32_MAX - BUFFER_BYTES + 1},
		{.offset = 0, .length = BUFFER_BYTES + 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(link_give(&sender, &bad[i], 1), -EINVAL);
		assert_int_equal(ring_put(&sender.give, &bad[i], 1), 1);
		assert_int_equal(link_take(&receiver, items, 1), -EPROTO);
	}
}

static void test_signals_only_if_asked(void **state)
{
	(void)state;
	assert_int_equal(link_take(&sender, items, 3), 3);
	link_signal(&sender); /* nothing was given */
	assert_int_equal(to_receiver.elided, 0);
	link_give(&sender, &items[0], 1);
	link_signal(&sender); /* the receiver is busy */
	assert_int_equal(to_receiver.elided, 1);
	assert_int_equal(to_receiver.sent, 0);
	assert_false(link_idle(&receiver)); /* something came: cancelled */
	assert_int_equal(link_take(&receiver, &items[0], 1), 1);
	assert_true(link_idle(&receiver));
	link_give(&sender, &items[1], 2);
	link_signal(&sender);
	assert_int_equal(to_receiver.sent, 1);
	assert_int_equal(doorbell_wait(&bell[1], DOORBELL_FOREVER), 1);
	assert_int_equal(doorbell_take(&bell[1]), 0);
	link_signal(&sender);
	assert_int_equal(to_receiver.sent, 1);
	assert_int_equal(to_receiver.wakes, 0);   /* nobody slept */
	assert_true(link_idle(&sender) == false); /* five buffers are free */
}

static void test_cancel(void **state)
{
	(void)state;
	assert_true(link_idle(&receiver));
	link_cancel(&receiver);
	assert_int_equal(link_take(&sender, items, 1), 1);
	link_give(&sender, items, 1);
	link_signal(&sender);
	assert_int_equal(to_receiver.sent, 0);
	assert_int_equal(to_receiver.elided, 1);
}

static void test_doorbell_counts(void **state)
{
	(void)state;
	assert_int_equal(doorbell_wait(&bell[0], 1), -ETIMEDOUT);
	for (int i = 0; i < 3; i++)
		doorbell_ring(&to_sender);
	assert_int_equal(doorbell_wait(&bell[0], 1), 3);
	assert_int_equal(doorbell_wait(&bell[0], 1), -ETIMEDOUT);
}

/* A module that sleeps in epoll: one write wakes it, the second signal needs none. */
static void test_doorbell_eventfd(void **state)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int epoll = epoll_create1(0), fd = eventfd(0, EFD_NONBLOCK);

	(void)state;
	to_sender.eventfd = fd;
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), 0);
	for (uint64_t round = 1; round < 4; round++) {
		assert_true(doorbell_doze(&bell[0]));
		assert_int_equal(epoll_wait(epoll, &event, 1, 0), 0);
		doorbell_ring(&to_sender);
		doorbell_ring(&to_sender);
		assert_int_equal(to_sender.wakes, round);
		assert_int_equal(epoll_wait(epoll, &event, 1, -1), 1);
		assert_int_equal(doorbell_take(&bell[0]), 2);
		assert_int_equal(epoll_wait(epoll, &event, 1, 0), 0);
	}
	doorbell_ring(&to_sender);
	assert_false(doorbell_doze(&bell[0])); /* a signal is there already */
	assert_int_equal(to_sender.wakes, 3);
	assert_int_equal(doorbell_take(&bell[0]), 1);
	close(epoll);
	close(fd);
}

static void test_refused(void **state)
{
	size_t need = link_bytes(BUFFERS);
	struct link_end l;

	(void)state;
	assert_int_equal(link_bytes(7), 0);
	assert_int_equal(link_init(region, sizeof region, 7), -EINVAL);
	assert_int_equal(link_init(region, need - 1, BUFFERS), -EINVAL);
	assert_int_equal(link_init(region + 8, need, BUFFERS), -EINVAL);
	for (size_t bytes = 0; bytes < need; bytes += RING_LINE)
		assert_int_equal(link_open(&l, LINK_SENDER, region, bytes, &pool,
					   SENDER, &to_receiver),
				 -EINVAL);
	assert_int_equal(link_open(&l, LINK_SENDER, region, need, &pool,
				   POOL_ON_ITS_WAY, &to_receiver),
			 -EINVAL);
	assert_int_equal(
		link_open(&l, LINK_SENDER, region, need, &pool, SENDER, &to_receiver),
		0);
	assert_int_equal(pool_open(&pool, buffers, sizeof buffers, BUFFERS + 1,
				   BUFFER_BYTES, owner),
			 -EINVAL);
	assert_int_equal(pool_open(&pool, buffers, sizeof buffers, 4, 48, owner),
			 -EINVAL);
	assert_int_equal(pool_open(&pool, buffers, sizeof buffers, 0, 64, owner),
			 -EINVAL);
	assert_int_equal(pool_open(&pool, buffers, SIZE_MAX, 1 << 16, 1 << 16, owner),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_round, make),
		cmocka_unit_test_setup(test_every_buffer_once, make),
		cmocka_unit_test_setup(test_double_give, make),
		cmocka_unit_test_setup(test_strangers_buffer, make),
		cmocka_unit_test_setup(test_no_such_buffer, make),
		cmocka_unit_test_setup(test_signals_only_if_asked, make),
		cmocka_unit_test_setup(test_cancel, make),
		cmocka_unit_test_setup(test_doorbell_counts, make),
		cmocka_unit_test_setup(test_doorbell_eventfd, make),
		cmocka_unit_test_setup(test_refused, make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
