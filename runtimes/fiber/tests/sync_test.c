/* SPDX-License-Identifier: BSD-2-Clause */
/* sync_test.c - mutexes, conditions, semaphores, once, monitors: who goes first, that
 * nothing is lost where a wake-up and a deadline meet, and that one is alone inside. */
#include "config.h"

#include "try.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FIBERS = 10, ROUNDS = 1000, ITEMS = 2000, PLACES = 3, RACE_NS = 20000 };

static struct fiber_mutex mutex;
static struct fiber_cond cond;
static struct fiber_sem sem;
static char order[16];
static unsigned order_len, shared;
static _Atomic(unsigned) taken, late, begun;

/* --- mutexes -----------------------------------------------------------------------
 */

static void *lock_in_turn(void *arg)
{
	expect(fiber_mutex_lock(&mutex) == 0, "locked");
	order[order_len++] = *(const char *)arg;
	expect(fiber_mutex_unlock(&mutex) == 0, "unlocked");
	return NULL;
}

/* Whoever comes while it is free gets it, before those that wait; they keep their
 * order. */
static int mutex_order(void *arg)
{
	static char names[] = "abc";
	struct fiber_id id[3];

	memset(order, 0, sizeof order);
	order_len = 0;
	expect(fiber_mutex_lock(&mutex) == 0, "free at first");
	for (int i = 0; i < 3; i++)
		id[i] = try_create(NULL, lock_in_turn, &names[i]);
	fiber_yield();
	expect(fiber_mutex_unlock(&mutex) == 0, "to wake a");
	expect(fiber_mutex_trylock(&mutex) == 0, "but who unlocks may lock again");
	fiber_yield();
	expect(order_len == 0, "a found it locked");
	expect(fiber_mutex_unlock(&mutex) == 0, "now");
	for (int i = 0; i < 3; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(strcmp(order, "abc") == 0, "first come, first served");
	return arg != NULL;
}

static void mutex_order_test(void **state)
{
	try_run(workers_of(state), mutex_order);
}

static void *add_slowly(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		unsigned before;

		if (fiber_mutex_trylock(&mutex) != 0)
			expect(fiber_mutex_lock(&mutex) == 0, "locked");
		before = shared;
		if (i % 7 == 0)
			fiber_yield();
		shared = before + 1;
		expect(fiber_mutex_unlock(&mutex) == 0, "unlocked");
	}
	return arg;
}

static int mutex_excludes(void *arg)
{
	struct fiber_id id[FIBERS];

	shared = 0;
	for (int i = 0; i < FIBERS; i++)
		id[i] = try_create(NULL, add_slowly, NULL);
	for (int i = 0; i < FIBERS; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(shared == FIBERS * ROUNDS, "no addition is lost");
	return arg != NULL;
}

static void mutex_excludes_test(void **state)
{
	try_run(workers_of(state), mutex_excludes);
}

/* --- conditions --------------------------------------------------------------------
 */

static void *wait_for_signal(void *arg)
{
	fiber_mutex_lock(&mutex);
	atomic_fetch_add(&begun, 1);
	expect(fiber_cond_wait(&cond, &mutex) == 0, "signalled");
	shared++;
	fiber_mutex_unlock(&mutex);
	return arg;
}

static unsigned shared_look(void)
{
	unsigned n;

	fiber_mutex_lock(&mutex);
	n = shared;
	fiber_mutex_unlock(&mutex);
	return n;
}

static int cond_wakes(void *arg)
{
	struct fiber_id id[FIBERS];

	shared = 0;
	atomic_store(&begun, 0);
	fiber_cond_signal(&cond);
	for (int i = 0; i < FIBERS; i++)
		id[i] = try_create(NULL, wait_for_signal, NULL);
	while (atomic_load(&begun) < FIBERS)
		fiber_yield();
	expect(shared_look() == 0, "a signal for nobody is not kept");
	fiber_mutex_lock(&mutex);
	fiber_cond_signal(&cond);
	fiber_mutex_unlock(&mutex);
	while (shared_look() == 0)
		fiber_yield();
	fiber_sleep_ns(RACE_NS);
	expect(shared_look() == 1, "a signal is for one");
	fiber_cond_broadcast(&cond);
	for (int i = 0; i < FIBERS; i++)
		expect(fiber_join(id[i], NULL) == 0, "a broadcast is for all");
	return arg != NULL;
}

static void cond_wakes_test(void **state)
{
	try_run(workers_of(state), cond_wakes);
}

static void *wait_or_be_late(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		int error;

		fiber_mutex_lock(&mutex);
		error = fiber_cond_wait_until(&cond, &mutex, fiber_now_ns() + RACE_NS);
		expect(error == 0 || error == -ETIMEDOUT, "either");
		expect(fiber_mutex_trylock(&mutex) == -EBUSY, "it is held again");
		shared++;
		expect(fiber_mutex_unlock(&mutex) == 0, "by whom waited");
	}
	return arg;
}

/* The signal and the deadline meet again and again. */
static int cond_races(void *arg)
{
	struct fiber_id id[2];

	shared = 0;
	for (int i = 0; i < 2; i++)
		id[i] = try_create(NULL, wait_or_be_late, NULL);
	while (shared_look() < 2 * ROUNDS) {
		fiber_sleep_ns(RACE_NS);
		fiber_cond_signal(&cond);
	}
	for (int i = 0; i < 2; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(cond.waiting.head == NULL, "nobody is left in the line");
	return arg != NULL;
}

static void cond_races_test(void **state)
{
	try_run(workers_of(state), cond_races);
}

/* --- semaphores --------------------------------------------------------------------
 */

static int sem_counts(void *arg)
{
	fiber_sem_init(&sem, 1);
	expect(fiber_sem_trywait(&sem) == 0, "one");
	expect(fiber_sem_trywait(&sem) == -EAGAIN, "and no more");
	expect(fiber_sem_wait_until(&sem, fiber_now_ns()) == -ETIMEDOUT, "too late");
	expect(fiber_sem_post(&sem) == 0, "another");
	expect(fiber_sem_wait_until(&sem, 0) == 0, "what is there needs no wait");
	fiber_sem_init(&sem, UINT32_MAX);
	expect(fiber_sem_post(&sem) == -EOVERFLOW, "full");
	return arg != NULL;
}

static void sem_counts_test(void **state)
{
	try_run(workers_of(state), sem_counts);
}

static void *take_or_be_late(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (fiber_sem_wait_until(&sem, fiber_now_ns() + RACE_NS) == 0)
			atomic_fetch_add(&taken, 1);
		else
			atomic_fetch_add(&late, 1);
	}
	return arg;
}

/* A unit goes to a waiter or stays: never to one that has given up. */
static int sem_races(void *arg)
{
	struct fiber_id id[2];
	unsigned posted = 0;

	atomic_store(&taken, 0);
	atomic_store(&late, 0);
	fiber_sem_init(&sem, 0);
	for (int i = 0; i < 2; i++)
		id[i] = try_create(NULL, take_or_be_late, NULL);
	while (atomic_load(&taken) + atomic_load(&late) < 2 * ROUNDS) {
		fiber_sleep_ns(RACE_NS);
		posted += fiber_sem_post(&sem) == 0;
	}
	for (int i = 0; i < 2; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(atomic_load(&taken) + sem.value == posted, "no unit is lost or doubled");
	expect(sem.waiting.head == NULL, "nobody is left in the line");
	return arg != NULL;
}

static void sem_races_test(void **state)
{
	try_run(workers_of(state), sem_races);
}

/* --- once and monitors -------------------------------------------------------------
 */

static struct fiber_once once;

static void init_slowly(void)
{
	fiber_yield();
	shared++;
	fiber_yield();
}

static void *init_and_see(void *arg)
{
	fiber_once(&once, init_slowly);
	expect(shared == 1, "it is done when fiber_once returns");
	return arg;
}

static int init_once(void *arg)
{
	struct fiber_id id[FIBERS];

	once = (struct fiber_once){0};
	shared = 0;
	for (int i = 0; i < FIBERS; i++)
		id[i] = try_create(NULL, init_and_see, NULL);
	for (int i = 0; i < FIBERS; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	return arg != NULL;
}

static void once_test(void **state)
{
	try_run(workers_of(state), init_once);
}

static struct fiber_monitor monitor;
static unsigned items[PLACES], count, put, got, sum;

static void *produce(void *arg)
{
	for (unsigned i = 1; i <= ITEMS; i++) {
		fiber_monitor_enter(&monitor);
		fiber_monitor_enter(&monitor);
		while (count == PLACES)
			expect(fiber_monitor_wait(&monitor) == 0, "woken");
		items[put++ % PLACES] = i;
		count++;
		expect(fiber_monitor_notify(&monitor, true) == 0, "told");
		expect(fiber_monitor_leave(&monitor) == 0, "still inside");
		expect(fiber_monitor_leave(&monitor) == 0, "now outside");
	}
	return arg;
}

static void *consume(void *arg)
{
	for (unsigned i = 0; i < ITEMS; i++) {
		fiber_monitor_enter(&monitor);
		while (count == 0)
			expect(fiber_monitor_wait(&monitor) == 0, "woken");
		sum += items[got++ % PLACES];
		count--;
		expect(fiber_monitor_notify(&monitor, true) == 0, "told");
		expect(fiber_monitor_leave(&monitor) == 0, "outside");
	}
	return arg;
}

static int buffer(void *arg)
{
	struct fiber_id id[4];

	count = put = got = sum = 0;
	expect(fiber_monitor_leave(&monitor) == -EPERM, "nobody is inside");
	expect(fiber_monitor_wait(&monitor) == -EPERM, "nobody is inside");
	expect(fiber_monitor_notify(&monitor, false) == -EPERM, "nobody is inside");
	for (int i = 0; i < 4; i++)
		id[i] = try_create(NULL, i % 2 ? produce : consume, NULL);
	for (int i = 0; i < 4; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(sum == ITEMS * (ITEMS + 1), "what was produced was consumed");
	return arg != NULL;
}

static void monitor_test(void **state)
{
	try_run(workers_of(state), buffer);
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"mutex, order", mutex_order_test, NULL, NULL, one},
		{"mutex", mutex_excludes_test, NULL, NULL, one},
		{"mutex, 2 workers", mutex_excludes_test, NULL, NULL, two},
		{"condition", cond_wakes_test, NULL, NULL, one},
		{"condition, 2 workers", cond_wakes_test, NULL, NULL, two},
		{"condition and deadline", cond_races_test, NULL, NULL, one},
		{"condition and deadline, 2 workers", cond_races_test, NULL, NULL, two},
		{"semaphore", sem_counts_test, NULL, NULL, one},
		{"semaphore, 2 workers", sem_counts_test, NULL, NULL, two},
		{"semaphore and deadline", sem_races_test, NULL, NULL, one},
		{"semaphore and deadline, 2 workers", sem_races_test, NULL, NULL, two},
		{"once", once_test, NULL, NULL, one},
		{"once, 2 workers", once_test, NULL, NULL, two},
		{"monitor", monitor_test, NULL, NULL, one},
		{"monitor, 2 workers", monitor_test, NULL, NULL, two},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
