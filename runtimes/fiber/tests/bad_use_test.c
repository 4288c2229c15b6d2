/* SPDX-License-Identifier: BSD-2-Clause */
/* bad_use_test.c - what is answered to calls that cannot be right, and what happens to
 * a program that does what fibers are not made for: blocks its kernel thread. */
#include "config.h"

#include "try.h"

#include "worker.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- names of fibers ---------------------------------------------------------------
 */

static struct fiber_sem sem;

static void *wait_sem(void *arg)
{
	fiber_sem_wait(&sem);
	return arg;
}

static void *do_nothing(void *arg)
{
	return arg;
}

static void *join_it(void *arg)
{
	expect(fiber_join(*(struct fiber_id *)arg, NULL) == 0, "the first may");
	return NULL;
}

static unsigned in_state(enum fiber_state state)
{
	unsigned n = 0;

	for (struct fiber *f = atomic_load(&fiber_runtime.all); f; f = f->all_next)
		n += atomic_load(&f->state) == state;
	return n;
}

static int joins(void *arg)
{
	struct fiber_id id = try_create(NULL, do_nothing, NULL), other;

	fiber_sem_init(&sem, 0);
	expect(fiber_join(id, NULL) == 0, "once");
	expect(fiber_join(id, NULL) == -ESRCH, "and not twice");
	expect(fiber_detach(id) == -ESRCH, "nor is it there to detach");
	expect(fiber_join((struct fiber_id){NULL, 0}, NULL) == -ESRCH, "nobody");
	expect(fiber_join(fiber_self(), NULL) == -EDEADLK, "the caller");
	id = try_create(NULL, wait_sem, NULL);
	expect(fiber_join((struct fiber_id){id.fiber, id.generation + 1}, NULL) ==
		       -ESRCH,
	       "not of that time");
	other = try_create(NULL, join_it, &id);
	while (in_state(FIBER_BLOCKED) < 2)
		fiber_yield();
	expect(fiber_join(id, NULL) == -EINVAL, "another waits for it");
	expect(fiber_detach(id) == -EINVAL, "and will want its result");
	fiber_sem_post(&sem);
	expect(fiber_join(other, NULL) == 0, "the other ends");
	id = try_create(NULL, wait_sem, NULL);
	expect(fiber_detach(id) == 0, "detached");
	expect(fiber_join(id, NULL) == -EINVAL, "so not to be joined");
	expect(fiber_detach(id) == -EINVAL, "nor detached again");
	fiber_sem_post(&sem);
	return arg != NULL;
}

static void *join_self(void *arg)
{
	expect(fiber_join(fiber_self(), NULL) == -EDEADLK, "itself");
	return arg;
}

/* A name of who was there before is not one of who is there now. */
static void *join_forerunner(void *arg)
{
	const struct fiber_id *old = arg, me = fiber_self();

	expect(old->fiber == me.fiber, "the same place");
	expect(fiber_join(*old, NULL) == -ESRCH, "another time");
	return NULL;
}

static int self_joins(void *arg)
{
	struct fiber_id id = try_create(NULL, join_self, NULL), next;

	expect(fiber_join(id, NULL) == 0, "joined by another");
	next = try_create(NULL, join_forerunner, &id);
	expect(fiber_join(next, NULL) == 0, "joined by another");
	return arg != NULL;
}

static void joins_test(void **state)
{
	try_run(workers_of(state), self_joins);
	try_run(workers_of(state), joins);
}

/* --- locks, sizes, options ---------------------------------------------------------
 */

static struct fiber_mutex mutex;
static struct fiber_cond cond;

static void *unlock_of_another(void *arg)
{
	expect(fiber_mutex_unlock(&mutex) == -EPERM, "not the owner");
	expect(fiber_mutex_trylock(&mutex) == -EBUSY, "still locked");
	expect(fiber_cond_wait(&cond, &mutex) == -EPERM, "not the owner");
	return arg;
}

static int locks(void *arg)
{
	expect(fiber_mutex_unlock(&mutex) == -EPERM, "not locked");
	expect(fiber_mutex_lock(&mutex) == 0, "locked");
	expect(fiber_mutex_lock(&mutex) == -EDEADLK, "locked by the caller");
	expect(fiber_join(try_create(NULL, unlock_of_another, NULL), NULL) == 0,
	       "joined");
	expect(fiber_mutex_unlock(&mutex) == 0, "by its owner");
	return arg != NULL;
}

static void locks_test(void **state)
{
	try_run(workers_of(state), locks);
}

static int never(void *arg)
{
	return arg == NULL;
}

static struct fiber_mutex abandoned;

static void *lock_and_end(void *arg)
{
	fiber_mutex_lock(&abandoned);
	return arg;
}

static void *try_abandoned(void *arg)
{
	expect(fiber_mutex_unlock(&abandoned) == -EPERM, "a stranger unlocks");
	expect(fiber_mutex_trylock(&abandoned) == -EBUSY, "it is locked still");
	return arg;
}

/* The next fiber must not pass for the one that ended. */
static int abandons(void *arg)
{
	abandoned = (struct fiber_mutex){0};
	fiber_join(try_create(NULL, lock_and_end, NULL), NULL);
	for (int i = 0; i < 3; i++)
		fiber_join(try_create(NULL, try_abandoned, NULL), NULL);
	return arg != NULL;
}

static void abandons_test(void **state)
{
	try_run(workers_of(state), abandons);
}

static int lock_and_return(void *arg)
{
	abandoned = (struct fiber_mutex){0};
	fiber_join(try_create("locker", lock_and_end, NULL), NULL);
	return arg != NULL;
}

static void *wait_abandoned(void *arg)
{
	fiber_mutex_lock(&abandoned);
	return arg;
}

/* Whoever locked it lived in an earlier runtime. */
static int report_abandoned(void *arg)
{
	try_create("waiter", wait_abandoned, NULL);
	while (in_state(FIBER_BLOCKED) < 1)
		fiber_sleep_ns(100000);
	for (int i = 0; i < 3; i++)
		fiber_report();
	return arg != NULL;
}

static int survive(void *workers)
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)workers};

	return fiber_run(&options, lock_and_return, NULL) +
	       fiber_run(&options, report_abandoned, NULL);
}

static void survives_test(void **state)
{
	struct child c;

	child_run(&c, survive, *state);
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.said, "fiber: waiter: waits for mutex 0x"));
	if (workers_of(state) == 1)
		assert_non_null(strstr(c.said, " held by one that ended; stack: "));
	assert_null(strstr(c.said, "cycle"));
}

static struct fiber_once asked;
static int asked_times;

static void ask_again(void)
{
	asked_times++;
	fiber_once(&asked, ask_again);
}

static int once_in_once(void *arg)
{
	asked = (struct fiber_once){0};
	asked_times = 0;
	fiber_once(&asked, ask_again);
	fiber_once(&asked, ask_again);
	expect(asked_times == 1, "once");
	return arg != NULL;
}

static void once_in_once_test(void **state)
{
	try_run(workers_of(state), once_in_once);
}

static void outside_test(void **state)
{
	const struct fiber_attr detached = {.detached = true};
	struct fiber_id nobody = {NULL, 0};

	(void)state;
	assert_int_equal(fiber_create(NULL, &detached, do_nothing, NULL), -EPERM);
	assert_int_equal(fiber_join(nobody, NULL), -EPERM);
	assert_int_equal(fiber_detach(nobody), -EPERM);
}

static int creates(void *arg)
{
	struct fiber_id id;
	struct fiber_attr attr = {.stack_size = 1};

	expect(fiber_create(&id, &attr, do_nothing, NULL) == -EINVAL, "tiny");
	attr.stack_size = FIBER_STACK_MIN - 1;
	expect(fiber_create(&id, &attr, do_nothing, NULL) == -EINVAL, "too small");
	attr.stack_size = SIZE_MAX;
	expect(fiber_create(&id, &attr, do_nothing, NULL) == -EINVAL, "no such memory");
	attr.stack_size = SIZE_MAX / 2;
	expect(fiber_create(&id, &attr, do_nothing, NULL) == -EAGAIN, "nor such");
	expect(fiber_create(&id, NULL, NULL, NULL) == -EINVAL, "nothing to run");
	expect(fiber_create(NULL, NULL, do_nothing, NULL) == -EINVAL, "who joins it?");
	attr.stack_size = FIBER_STACK_MIN + 1;
	expect(fiber_create(&id, &attr, do_nothing, NULL) == 0, "odd, but enough");
	expect(fiber_join(id, NULL) == 0, "joined");
	expect(fiber_run(NULL, never, NULL) == -EBUSY, "a runtime inside another");
	return arg != NULL;
}

static void creates_test(void **state)
{
	try_run(workers_of(state), creates);
}

static void options_test(void **state)
{
	const struct fiber_options bad[] = {{.wait = "for Godot"},
					    {.load = "a gun"},
					    {.load = "uring", .wait = "epoll"},
					    {.workers = 1000000},
					    {.helpers = 1025, .load = "helpers"},
					    {.stack_size = 100}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(fiber_run(&bad[i], never, NULL), -EINVAL);
}

/* --- calls that the runtime does not know -------------------------------------------
 */

static char order[8];
static _Atomic(unsigned) order_len;
static int ends[2];

static void came_by(char what)
{
	order[atomic_fetch_add(&order_len, 1) % sizeof order] = what;
}

static void *block_unknown(void *arg)
{
	came_by('a');
	usleep(1000);
	came_by('A');
	return arg;
}

static int read_byte(void *arg)
{
	return (int)read(ends[0], arg, 1);
}

static void *block_known(void *arg)
{
	char byte;

	came_by('a');
	expect(fiber_call(read_byte, &byte) == 1, "what it returns is handed on");
	came_by('A');
	return arg;
}

static void *go_on(void *arg)
{
	came_by('b');
	expect(write(ends[1], "x", 1) == 1, "the other may end");
	return arg;
}

static void two_run(void *(*first)(void *arg))
{
	struct fiber_id id[2];

	atomic_store(&order_len, 0);
	memset(order, 0, sizeof order);
	id[0] = try_create(NULL, first, NULL);
	id[1] = try_create(NULL, go_on, NULL);
	expect(fiber_join(id[0], NULL) == 0, "joined");
	expect(fiber_join(id[1], NULL) == 0, "joined");
}

/* The call inside fiber_call ends only because the other goes on. */
static int blocking(void *arg)
{
	two_run(block_unknown);
	expect(strcmp(order, "aAb") == 0, "the worker stops until it is over");
	expect(read_byte(order) == 1, "emptied");
	two_run(block_known);
	expect(strcmp(order, "abA") == 0, "the other goes on meanwhile");
	return arg != NULL;
}

static int blocking_run(void *arg)
{
	const struct fiber_options options = {.load = "helpers"};

	return fiber_run(&options, blocking, arg);
}

static void blocking_test(void **state)
{
	struct child c;

	assert_int_equal(pipe(ends), 0);
	child_run(&c, blocking_run, *state);
	assert_int_equal(c.status, 0);
	assert_string_equal(c.said, "");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"joins", joins_test, NULL, NULL, one},
		{"joins, 2 workers", joins_test, NULL, NULL, two},
		{"locks", locks_test, NULL, NULL, one},
		{"locks, 2 workers", locks_test, NULL, NULL, two},
		{"abandons", abandons_test, NULL, NULL, one},
		{"abandons, 2 workers", abandons_test, NULL, NULL, two},
		{"survives", survives_test, NULL, NULL, one},
		{"survives, 2 workers", survives_test, NULL, NULL, two},
		{"once in once", once_in_once_test, NULL, NULL, two},
		{"outside", outside_test, NULL, NULL, one},
		{"creates", creates_test, NULL, NULL, one},
		{"creates, 2 workers", creates_test, NULL, NULL, two},
		{"options", options_test, NULL, NULL, one},
		{"blocking call", blocking_test, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
