/* SPDX-License-Identifier: BSD-2-Clause */
/* stage_test.c - events pass through stages once each, whoever puts them and however
 * many threads there are; bounds hold; controllers act when the clock handed in says
 * so, and only if they are switched on. */
#include "config.h"

#include "poller.h"

#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

enum { EVENTS = 20000, PRODUCERS = 3, THREADS = 4, PLENTY = 1 << 20 };

#define SECOND UINT64_C(1000000000)

struct item {
	struct stage_event event;
	_Atomic unsigned first, second; /* times seen by the two stages */
};

static struct item items[EVENTS];
static struct stage first, second;
static _Atomic uint64_t notes[STAGE_NOTES];
static _Atomic unsigned done;
static sem_t all_done, gate, entered;

static void note(enum stage_note what, uint64_t n)
{
	atomic_fetch_add(&notes[what], n);
}

static void put(struct stage *s, struct item *item)
{
	assert_int_equal(stage_put(s, &item->event), 0);
}

static void on_first(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct item *item = (struct item *)batch[i];

		atomic_fetch_add(&item->first, 1);
		put(&second, item);
	}
}

static void on_second(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		atomic_fetch_add(&((struct item *)batch[i])->second, 1);
	if (atomic_fetch_add(&done, n) + n == EVENTS)
		sem_post(&all_done);
}

static const struct stage_plan plan_first = {.handle = on_first};
static const struct stage_plan plan_second = {.handle = on_second};
static const struct stage_controls none = {.note = note};
static const struct stage_controls all = {true, true, true, SECOND, note};

static int set_up(void **state)
{
	(void)state;
	memset(items, 0, sizeof items);
	for (int i = 0; i < STAGE_NOTES; i++)
		notes[i] = 0;
	done = 0;
	sem_init(&all_done, 0, 0);
	sem_init(&gate, 0, 0);
	sem_init(&entered, 0, 0);
	return 0;
}

static void *produce(void *arg)
{
	for (size_t i = (size_t)(uintptr_t)arg; i < EVENTS; i += PRODUCERS)
		put(&first, &items[i]);
	return NULL;
}

static void each_event_once(void **state)
{
	pthread_t producer[PRODUCERS];

	(void)state;
	assert_int_equal(stage_start(&second, &plan_second, &none, PLENTY), 0);
	assert_int_equal(stage_start(&first, &plan_first, &none, PLENTY), 0);
	for (int i = 1; i < THREADS; i++) {
		assert_int_equal(stage_thread_add(&first), 0);
		assert_int_equal(stage_thread_add(&second), 0);
	}
	for (uintptr_t i = 0; i < PRODUCERS; i++)
		pthread_create(&producer[i], NULL, produce, (void *)i);
	for (int i = 0; i < PRODUCERS; i++)
		pthread_join(producer[i], NULL);
	sem_wait(&all_done);
	stage_stop(&first);
	stage_stop(&second);
	for (int i = 0; i < EVENTS; i++) {
		assert_int_equal(items[i].first, 1);
		assert_int_equal(items[i].second, 1);
	}
	assert_int_equal(notes[STAGE_CROSSED], 2 * EVENTS);
	assert_int_equal(first.handled, EVENTS);
}

/* A handler that says it has begun, and goes on when it is told to. */
static void on_gate(struct stage_event **batch, unsigned n)
{
	(void)batch;
	for (unsigned i = 0; i < n; i++) {
		sem_post(&entered);
		sem_wait(&gate);
	}
}

static const struct stage_plan plan_gate = {.handle = on_gate, .sheds = true};

/* The stage's one thread holds items[0]; n wait behind it. */
static void hold(const struct stage_controls *controls, unsigned bound, int n)
{
	assert_int_equal(stage_start(&first, &plan_gate, controls, bound), 0);
	put(&first, &items[0]);
	sem_wait(&entered);
	for (int i = 1; i <= n; i++)
		put(&first, &items[i]);
}

static void let_go(int n)
{
	for (int i = 0; i < n; i++)
		sem_post(&gate);
	stage_stop(&first);
}

static void a_full_queue_refuses(void **state)
{
	(void)state;
	hold(&none, 3, 2); /* what is in a batch counts */
	assert_int_equal(stage_put(&first, &items[3].event), -ENOBUFS);
	assert_int_equal(notes[STAGE_SHED], 1);
	assert_int_equal(notes[STAGE_CROSSED], 3);
	let_go(3);
}

static _Atomic unsigned largest;

static void on_share(struct stage_event **batch, unsigned n)
{
	unsigned known = largest;

	while (n > known && !atomic_compare_exchange_weak(&largest, &known, n))
		;
	on_gate(batch, n);
}

static const struct stage_plan plan_share = {.handle = on_share};

/* Two threads: none takes more than half of what is there. */
static void batches_are_shared(void **state)
{
	(void)state;
	largest = 0;
	assert_int_equal(stage_start(&first, &plan_share, &none, PLENTY), 0);
	assert_int_equal(stage_thread_add(&first), 0);
	put(&first, &items[0]);
	sem_wait(&entered);
	put(&first, &items[1]);
	sem_wait(&entered);
	for (int i = 2; i < 102; i++)
		put(&first, &items[i]);
	for (int i = 0; i < 102; i++)
		sem_post(&gate);
	for (int i = 0; i < 100; i++)
		sem_wait(&entered);
	stage_stop(&first);
	assert_int_equal(largest, 50);
}

static unsigned threads_of(struct stage *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->threads;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static void a_long_queue_gets_threads(void **state)
{
	uint64_t now = SECOND;

	(void)state;
	hold(&all, PLENTY, 5000);
	stage_control(&first, now);
	assert_int_equal(threads_of(&first), 1); /* nothing is due at once */
	stage_control(&first, now += SECOND);
	assert_int_equal(threads_of(&first), 1);
	for (int i = 0; i < 30; i++)
		stage_control(&first, now += 2 * SECOND);
	assert_int_equal(notes[STAGE_THREAD_ADDED] + 1, threads_of(&first));
	assert_in_range(threads_of(&first), 2, THREADS_MAX);
	let_go(5001);
}

static void idle_threads_go(void **state)
{
	uint64_t now;

	(void)state;
	assert_int_equal(stage_start(&second, &plan_second, &all, PLENTY), 0);
	for (int i = 1; i < THREADS; i++)
		assert_int_equal(stage_thread_add(&second), 0);
	now = stage_now();
	/* They end when they get to it; asking again must not end the last one. */
	for (int i = 0; threads_of(&second) > 1; i++) {
		stage_control(&second, now += 6 * SECOND);
		usleep(1000);
	}
	for (int i = 0; i < 10; i++)
		stage_control(&second, now += 6 * SECOND);
	usleep(10000);
	assert_int_equal(threads_of(&second), 1);
	assert_int_equal(notes[STAGE_THREAD_DROPPED], THREADS - 1);
	put(&second, &items[0]); /* and it still works */
	while (items[0].second == 0)
		usleep(1000);
	stage_stop(&second);
}

static void a_slow_stage_sheds(void **state)
{
	uint64_t now;

	(void)state;
	hold(&all, 64, 20);
	now = stage_now() + 100 * SECOND; /* so long the first has waited */
	for (int i = 0; i < 20; i++)
		stage_control(&first, now += SECOND);
	assert_int_equal(notes[STAGE_BOUND_LOWERED], 3); /* 64, 15, 11, 8 */
	assert_int_equal(first.shed.bound, SHED_MIN);
	assert_int_equal(stage_put(&first, &items[50].event), -ENOBUFS);
	let_go(21);
}

static void without_controllers_nothing_changes(void **state)
{
	uint64_t now;

	(void)state;
	hold(&none, 6000, 5000);
	now = stage_now() + 100 * SECOND;
	for (int i = 0; i < 100; i++)
		stage_control(&first, now += 10 * SECOND);
	for (int i = STAGE_CROSSED + 1; i < STAGE_NOTES; i++)
		assert_int_equal(notes[i], 0);
	assert_int_equal(threads_of(&first), 1);
	assert_int_equal(first.batch.factor, BATCH_MAX);
	assert_int_equal(first.shed.bound, 6000);
	let_go(5001);
}

static void batches_shrink(void **state)
{
	uint64_t now = SECOND;

	(void)state;
	assert_int_equal(stage_start(&second, &plan_second, &all, PLENTY), 0);
	stage_control(&second, now);
	for (int i = 0; i < 5; i++) {
		for (int k = 0; k < 100; k++)
			put(&second, &items[100 * i + k]);
		while (atomic_load(&done) < (unsigned)(100 * i + 100))
			usleep(1000);
		usleep(1000);
		stage_control(&second, now += BATCH_PERIOD_NS);
	}
	assert_true(notes[STAGE_BATCH_LOWERED] > 0);
	stage_stop(&second);
}

static struct poller poller;
static int pipes[2];

static void on_readable(struct stage_event **batch, unsigned n)
{
	char byte;

	for (unsigned i = 0; i < n; i++) {
		struct item *item = (struct item *)batch[i];

		if (item != &items[0]) {
			atomic_fetch_add(&item->second, 1); /* was put, not polled */
		} else if (read(pipes[0], &byte, 1) == 1) {
			atomic_fetch_add(&item->first, 1);
			poller_watch(&poller, pipes[0], EPOLLIN, &item->event, true);
		}
		sem_post(&entered);
	}
}

static const struct stage_plan plan_poll = {.handle = on_readable,
					    .source = &poller.source};

/* What the kernel brings, and what is put, both wake the threads of a stage. */
static void a_source_and_a_queue(void **state)
{
	enum { TIMES = 2000 };

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(poller_open(&poller), 0);
	assert_int_equal(stage_start(&first, &plan_poll, &none, PLENTY), 0);
	assert_int_equal(stage_thread_add(&first), 0);
	assert_int_equal(
		poller_watch(&poller, pipes[0], EPOLLIN, &items[0].event, false), 0);
	for (int i = 1; i <= TIMES; i++) {
		assert_int_equal(write(pipes[1], "x", 1), 1);
		put(&first, &items[i]);
		if (i % 2)
			continue;
		for (int k = 0; k < 4; k++)
			sem_wait(&entered);
	}
	stage_stop(&first);
	assert_int_equal(items[0].first, TIMES);
	for (int i = 1; i <= TIMES; i++)
		assert_int_equal(items[i].second, 1);
	poller_close(&poller);
	close(pipes[0]);
	close(pipes[1]);
}

/* A thread that polls, alone, is woken by what is put. */
static void what_is_put_ends_a_poll(void **state)
{
	enum { TIMES = 500 };

	(void)state;
	assert_int_equal(poller_open(&poller), 0);
	assert_int_equal(stage_start(&first, &plan_poll, &none, PLENTY), 0);
	for (int i = 1; i <= TIMES; i++) {
		put(&first, &items[i]);
		sem_wait(&entered);
	}
	stage_stop(&first);
	poller_close(&poller);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_event_once, set_up),
		cmocka_unit_test_setup(a_full_queue_refuses, set_up),
		cmocka_unit_test_setup(batches_are_shared, set_up),
		cmocka_unit_test_setup(a_long_queue_gets_threads, set_up),
		cmocka_unit_test_setup(idle_threads_go, set_up),
		cmocka_unit_test_setup(a_slow_stage_sheds, set_up),
		cmocka_unit_test_setup(without_controllers_nothing_changes, set_up),
		cmocka_unit_test_setup(batches_shrink, set_up),
		cmocka_unit_test_setup(a_source_and_a_queue, set_up),
		cmocka_unit_test_setup(what_is_put_ends_a_poll, set_up),
	};

	alarm(60); /* a lost wake-up is a failure, not a wait */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
