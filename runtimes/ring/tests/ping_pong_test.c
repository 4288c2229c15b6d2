/* SPDX-License-Identifier: BSD-2-Clause */
/* ping_pong_test.c - one message goes forth and back, and both sides sleep while it is
 * with the other: in the doorbell, or in epoll beside descriptors; as two threads and
 * as two processes.  Each round is a chance to lose a wake-up; one that is lost shows
 * as a wait that passes its deadline. */
#include "config.h"

#include "pair.h"
#include "runtimes/ring/doorbell.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = STRESS_MESSAGES / 50, SLOTS = 4 };

#define LAST UINT64_MAX /* a message: no more rounds, or not in time */

struct shared {
	struct doorbell bell[2];
	struct doorbell_flag flag[2];
	_Atomic uint64_t sent[2];
	alignas(RING_LINE) unsigned char ring[2][1024]; /* [i]: what side i gets */
};

struct side {
	struct doorbell *bell;
	struct doorbell_flag *mine, *theirs;
	struct doorbell_caller peer;
	struct ring_end get, put;
	int epoll; /* -1: sleep in the doorbell */
};

static int eventfds[2] = {-1, -1};

static int side_open(struct side *x, struct shared *s, int i)
{
	x->bell = &s->bell[i];
	x->mine = &s->flag[i];
	x->theirs = &s->flag[!i];
	x->peer =
		(struct doorbell_caller){.bell = &s->bell[!i], .eventfd = eventfds[!i]};
	x->epoll = -1;
	if (eventfds[i] >= 0) {
		struct epoll_event event = {.events = EPOLLIN | EPOLLET};

		x->epoll = epoll_create1(EPOLL_CLOEXEC);
		if (epoll_ctl(x->epoll, EPOLL_CTL_ADD, eventfds[i], &event) < 0)
			return -1;
	}
	if (ring_open(&x->get, RING_CONSUMER, s->ring[i], sizeof s->ring[i], 8) < 0)
		return -1;
	return ring_open(&x->put, RING_PRODUCER, s->ring[!i], sizeof s->ring[!i], 8);
}

static int side_sleep(struct side *x)
{
	struct epoll_event event;
	int n = 1;

	if (x->epoll < 0)
		return doorbell_wait(x->bell, pair_deadline_ns()) < 0 ? -1 : 0;
	if (doorbell_doze(x->bell))
		n = epoll_wait(x->epoll, &event, 1, PAIR_LIMIT_S * 1000);
	doorbell_take(x->bell);
	return n == 1 ? 0 : -1;
}

static int side_get(struct side *x, uint64_t *number)
{
	while (!ring_get_sized(&x->get, number, 1, sizeof *number)) {
		doorbell_request(x->mine);
		if (ring_filled(&x->get, 1))
			doorbell_cancel(x->mine);
		else if (side_sleep(x) < 0)
			return -1;
	}
	return 0;
}

static int side_put(struct side *x, uint64_t number)
{
	if (!ring_put_sized(&x->put, &number, 1, sizeof number))
		return -1;
	doorbell_answer(&x->peer, x->theirs);
	return 0;
}

static int side_close(struct side *x, _Atomic uint64_t *sent, uint64_t messages)
{
	if (x->epoll >= 0)
		close(x->epoll);
	atomic_store(sent, x->peer.sent);
	return x->peer.sent + x->peer.elided == messages ? 0 : __LINE__;
}

static int ping(void *region)
{
	struct shared *s = region;
	struct side x;
	uint64_t i;

	if (side_open(&x, s, 0) < 0)
		return __LINE__;
	for (i = 0; i < ROUNDS && !pair_is_late(); i++) {
		uint64_t back;

		if (side_put(&x, i) < 0 || side_get(&x, &back) < 0)
			return __LINE__;
		if (back != ~i)
			return __LINE__;
	}
	if (side_put(&x, LAST) < 0)
		return __LINE__;
	return side_close(&x, &s->sent[0], i + 1);
}

static int pong(void *region)
{
	struct shared *s = region;
	struct side x;
	uint64_t number, i;

	if (side_open(&x, s, 1) < 0 || side_get(&x, &number) < 0)
		return __LINE__;
	for (i = 0; number != LAST; i++) {
		if (number != i || side_put(&x, ~number) < 0)
			return __LINE__;
		if (side_get(&x, &number) < 0)
			return __LINE__;
	}
	return side_close(&x, &s->sent[1], i);
}

static const struct pair ping_pong = {ping, pong};

/* --- as the other falls asleep
 * -------------------------------------------------------- */

static bool is_taken(struct side *x)
{
	for (int i = 0; i < 1000; i++)
		if (ring_room(&x->put, SLOTS) == SLOTS)
			return true;
	sched_yield();
	return false;
}

static void linger(uint64_t loops)
{
	for (volatile uint64_t i = loops; i; i--)
		;
}

/* After so short a while that it meets every step of the other's way to sleep. */
static int collide(void *region)
{
	struct shared *s = region;
	struct side x;
	uint64_t i;

	if (side_open(&x, s, 0) < 0)
		return __LINE__;
	for (i = 0; i < ROUNDS && !pair_is_late(); i++) {
		while (!is_taken(&x))
			if (pair_is_over())
				return __LINE__;
		linger(i % 256);
		if (side_put(&x, i) < 0)
			return __LINE__;
	}
	if (side_put(&x, LAST) < 0)
		return __LINE__;
	return side_close(&x, &s->sent[0], i + 1);
}

static int fall_asleep(void *region)
{
	struct shared *s = region;
	struct side x;
	uint64_t number;

	if (side_open(&x, s, 1) < 0 || side_get(&x, &number) < 0)
		return __LINE__;
	for (uint64_t i = 0; number != LAST; i++) {
		if (number != i)
			return __LINE__;
		linger(i * 37 % 512);
		if (side_get(&x, &number) < 0)
			return __LINE__;
	}
	return 0;
}

static const struct pair collision = {collide, fall_asleep};

static struct shared *prepare(void)
{
	struct shared *s = pair_region();

	for (int i = 0; i < 2; i++)
		assert_int_equal(ring_init(s->ring[i], sizeof s->ring[i], SLOTS, 8), 0);
	return s;
}

static void check(struct shared *s)
{
	assert_true(atomic_load(&s->sent[0]) > 0);
	assert_true(atomic_load(&s->sent[1]) > 0);
}

static void test_threads(void **state)
{
	struct shared *s = prepare();

	(void)state;
	pair_threads(&ping_pong);
	check(s);
}

static void test_processes(void **state)
{
	struct shared *s = prepare();

	(void)state;
	pair_processes(&ping_pong);
	check(s);
}

static void test_collision_threads(void **state)
{
	struct shared *s = prepare();

	(void)state;
	pair_threads(&collision);
	assert_true(atomic_load(&s->sent[0]) > 0);
}

static void test_collision_processes(void **state)
{
	struct shared *s = prepare();

	(void)state;
	pair_processes(&collision);
	assert_true(atomic_load(&s->sent[0]) > 0);
}

static int eventfds_open(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		eventfds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return eventfds[0] < 0 || eventfds[1] < 0;
}

static int eventfds_close(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		close(eventfds[i]);
		eventfds[i] = -1;
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_processes),
		cmocka_unit_test_setup_teardown(test_threads, eventfds_open,
						eventfds_close),
		cmocka_unit_test_setup_teardown(test_processes, eventfds_open,
						eventfds_close),
		cmocka_unit_test(test_collision_threads),
		cmocka_unit_test(test_collision_processes),
	};

	alarm(4 * PAIR_LIMIT_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
