/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber_test.c - lives of fibers: made, named, begun in order, ended, waited for; many
 * at once; values of their own; sleep.  Each with one worker and with two. */
#include "config.h"

#include "try.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 100000, MANY_SANITIZED = 2000, CHAIN = 2000, NS_PER_MS = 1000000 };

static unsigned workers; /* of the runtime under test */
static char order[64];   /* names of fibers in the order they came by */
static _Atomic(unsigned) order_len;

static void came_by(char name)
{
	order[atomic_fetch_add(&order_len, 1) % sizeof order] = name;
}

static bool is_order(const char *names)
{
	return workers > 1 || strncmp(order, names, sizeof order) == 0;
}

static void order_clear(void)
{
	memset(order, 0, sizeof order);
	atomic_store(&order_len, 0);
}

/* --- life ------------------------------------------------------------------------- */

static void *give_back(void *arg)
{
	return arg;
}

__attribute__((noreturn)) static void leave(void *result)
{
	fiber_exit(result);
}

static void *leave_deep(void *arg)
{
	leave(arg);
}

static void *self_tell(void *arg)
{
	*(struct fiber_id *)arg = fiber_self();
	return NULL;
}

static int life(void *arg)
{
	int a = 0, b = 0;
	void *result = NULL;
	struct fiber_id id = try_create(NULL, give_back, &a), later, told = {NULL, 0};

	expect(fiber_join(id, &result) == 0 && result == &a, "its result is joined");
	id = try_create(NULL, leave_deep, &b);
	expect(fiber_join(id, &result) == 0 && result == &b, "or what it exits with");
	id = try_create(NULL, self_tell, &told);
	expect(fiber_join(id, NULL) == 0, "a result may be unwanted");
	expect(told.fiber == id.fiber && told.generation == id.generation,
	       "it knows its own name");
	later = try_create(NULL, give_back, NULL);
	expect(later.fiber != id.fiber || later.generation != id.generation,
	       "a name is not given twice");
	expect(fiber_join(later, NULL) == 0, "the last");
	return arg != NULL;
}

static void life_test(void **state)
{
	try_run(workers_of(state), life);
}

static _Atomic(unsigned) ended;

static void *count_end(void *arg)
{
	fiber_yield();
	atomic_fetch_add(&ended, 1);
	return arg;
}

/* Before its end, after its end, and from the start. */
static int detach(void *arg)
{
	const struct fiber_attr attr = {.detached = true};
	struct fiber_counters c;
	struct fiber_id a, b;

	atomic_store(&ended, 0);
	a = try_create(NULL, count_end, NULL);
	expect(fiber_detach(a) == 0, "one that runs");
	b = try_create(NULL, count_end, NULL);
	expect(fiber_create(NULL, &attr, count_end, NULL) == 0, "from the start");
	while (atomic_load(&ended) < 3)
		fiber_yield();
	do {
		fiber_counters(&c);
		fiber_yield();
	} while (c.live > 1);
	expect(fiber_detach(b) == 0, "one that has ended");
	return arg != NULL;
}

static void detach_test(void **state)
{
	try_run(workers_of(state), detach);
}

/* --- order -------------------------------------------------------------------------
 */

static void *three_times(void *arg)
{
	for (int i = 0; i < 3; i++) {
		came_by(*(const char *)arg);
		fiber_yield();
	}
	return NULL;
}

static int yield_order(void *arg)
{
	static char names[] = "abc";
	struct fiber_id id[3];

	order_clear();
	for (int i = 0; i < 3; i++)
		id[i] = try_create(NULL, three_times, &names[i]);
	for (int i = 0; i < 3; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(atomic_load(&order_len) == 9, "all came by three times");
	expect(is_order("abcabcabc"), "who yields goes to the end of the line");
	return arg != NULL;
}

static void yield_test(void **state)
{
	workers = workers_of(state);
	try_run(workers, yield_order);
}

struct sleeper {
	uint64_t deadline_ns;
	char name;
};

static void *sleep_until(void *arg)
{
	const struct sleeper *s = arg;
	struct fiber_sem never;

	fiber_sem_init(&never, 0);
	expect(fiber_sem_wait_until(&never, s->deadline_ns) == -ETIMEDOUT, "in vain");
	expect(fiber_now_ns() >= s->deadline_ns, "not too early");
	came_by(s->name);
	return NULL;
}

/* Deadlines are absolute, so that the order does not depend on how long anything took.
 */
static int sleep_order(void *arg)
{
	const uint64_t now_ns = fiber_now_ns();
	struct sleeper s[] = {{now_ns + 30 * NS_PER_MS, 'c'},
			      {now_ns + 5 * NS_PER_MS, 'a'},
			      {now_ns + 500 * NS_PER_MS, 'e'},
			      {now_ns + 10 * NS_PER_MS, 'b'},
			      {now_ns + 270 * NS_PER_MS, 'd'}};
	struct fiber_id id[5];

	order_clear();
	for (int i = 0; i < 5; i++)
		id[i] = try_create(NULL, sleep_until, &s[i]);
	for (int i = 0; i < 5; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	expect(is_order("abcde"), "who is due first wakes first");
	fiber_sleep_ns(NS_PER_MS);
	expect(fiber_now_ns() >= now_ns + 501 * NS_PER_MS, "a sleep is that long");
	return arg != NULL;
}

static void sleep_test(void **state)
{
	workers = workers_of(state);
	try_run(workers, sleep_order);
}

/* --- many --------------------------------------------------------------------------
 */

static struct fiber_sem gate;

static void *pass_gate(void *arg)
{
	fiber_sem_wait(&gate);
	return arg;
}

static int many(void *arg)
{
	const char *asked = getenv("FIBERS_MANY");
	const size_t most = asked ? (size_t)atol(asked)
				  : (size_t)(is_sanitized() ? MANY_SANITIZED : MANY);
	const struct fiber_attr attr = {.stack_size = FIBER_STACK_MIN};
	struct fiber_id *id = calloc(most, sizeof *id);
	struct fiber_counters c;
	size_t n = 0, joined = 0;
	void *result;

	fiber_sem_init(&gate, 0);
	while (n < most && fiber_create(&id[n], &attr, pass_gate, &id[n]) == 0)
		n++;
	expect(n == most, "all are made");
	fiber_yield();
	fiber_counters(&c);
	expect(c.live == n + 1, "all live");
	for (size_t i = 0; i < n; i++)
		fiber_sem_post(&gate);
	for (size_t i = 0; i < n; i++)
		joined += fiber_join(id[i], &result) == 0 && result == &id[i];
	expect(joined == n, "each is joined with its own result");
	free(id);
	return arg != NULL;
}

static void many_test(void **state)
{
	try_run(workers_of(state), many);
}

static void *join_before(void *arg)
{
	struct fiber_id *before = arg;

	if (before->fiber)
		expect(fiber_join(*before, NULL) == 0, "the one before is joined");
	return NULL;
}

/* Each joins the one before it; the first waits until all are there. */
static int chain(void *arg)
{
	struct fiber_id *id = calloc(CHAIN + 1, sizeof *id);

	fiber_sem_init(&gate, 0);
	id[0] = try_create(NULL, pass_gate, NULL);
	for (int i = 1; i <= CHAIN; i++)
		id[i] = try_create(NULL, join_before, &id[i - 1]);
	fiber_yield();
	fiber_sem_post(&gate);
	expect(fiber_join(id[CHAIN], NULL) == 0, "the last ends last");
	for (int i = 0; i < CHAIN; i++)
		expect(fiber_join(id[i], NULL) == -ESRCH, "the others are gone");
	free(id);
	return arg != NULL;
}

static void chain_test(void **state)
{
	try_run(workers_of(state), chain);
}

/* --- keys --------------------------------------------------------------------------
 */

static int key_a, key_b, key_last;
static _Atomic(unsigned) destroyed;

static void destroy(void *value)
{
	atomic_fetch_add(&destroyed, *(unsigned *)value);
}

/* Sets its value again, for ever: rounds are bounded. */
static void destroy_again(void *value)
{
	atomic_fetch_add(&destroyed, 1);
	fiber_key_set(key_b, value);
}

static void *keep_values(void *arg)
{
	expect(fiber_key_get(key_a) == NULL, "none before it is set");
	expect(fiber_key_set(key_a, arg) == 0, "set");
	fiber_yield();
	expect(fiber_key_get(key_a) == arg, "its own, others having run meanwhile");
	return NULL;
}

static void *set_again(void *arg)
{
	expect(fiber_key_set(key_b, arg) == 0, "set");
	return NULL;
}

static int keys(void *arg)
{
	unsigned one = 1, ten = 10;
	struct fiber_id a, b;

	atomic_store(&destroyed, 0);
	a = try_create(NULL, keep_values, &one);
	b = try_create(NULL, keep_values, &ten);
	expect(fiber_join(a, NULL) == 0 && fiber_join(b, NULL) == 0, "joined");
	expect(atomic_load(&destroyed) == 11, "each value was destroyed once");
	atomic_store(&destroyed, 0);
	a = try_create(NULL, set_again, &one);
	expect(fiber_join(a, NULL) == 0, "joined");
	expect(atomic_load(&destroyed) == 4, "PTHREAD_DESTRUCTOR_ITERATIONS rounds");
	expect(fiber_key_set(FIBER_KEYS, NULL) == -EINVAL, "no such key");
	expect(fiber_key_set(-1, NULL) == -EINVAL, "nor such");
	expect(fiber_key_get(-1) == NULL, "nor its value");
	return arg != NULL;
}

static void keys_test(void **state)
{
	try_run(workers_of(state), keys);
}

static int keys_made(void **state)
{
	(void)state;
	key_a = fiber_key_create(destroy);
	key_b = fiber_key_create(destroy_again);
	return key_a < 0 || key_b < 0;
}

static void keys_most_test(void **state)
{
	(void)state;
	while ((key_last = fiber_key_create(NULL)) >= 0)
		assert_true(key_last < FIBER_KEYS);
	assert_int_equal(key_last, -EAGAIN);
}

/* --- the first leaves before the others --------------------------------------------
 */

static _Atomic(unsigned) finished;

static void *finish_late(void *arg)
{
	for (int i = 0; i < 3; i++) {
		fiber_sleep_ns(1000000);
		fiber_yield();
	}
	atomic_fetch_add(&finished, 1);
	return arg;
}

static int leaves(void *arg)
{
	for (int i = 0; i < 10; i++)
		try_create(NULL, finish_late, NULL);
	fiber_exit(arg);
}

static int leaves_run(void *n)
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)n};

	atomic_store(&finished, 0);
	if (fiber_run(&options, leaves, NULL) != 0)
		return 1;
	return atomic_load(&finished) == 10 ? 0 : 2;
}

static struct fiber_sem never_posted;

static void *wait_forever(void *arg)
{
	fiber_sem_wait(&never_posted);
	return arg;
}

static int leaves_deadlock(void *arg)
{
	fiber_sem_init(&never_posted, 0);
	try_create("waiter", wait_forever, NULL);
	fiber_exit(arg);
}

static int leaves_deadlock_run(void *n)
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)n};

	return fiber_run(&options, leaves_deadlock, NULL) == -EDEADLK ? 0 : 1;
}

static void leaves_test(void **state)
{
	struct child c;

	child_run(&c, leaves_run, *state);
	assert_int_equal(c.status, 0);
	assert_string_equal(c.said, "");
	child_run(&c, leaves_deadlock_run, *state);
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.said, "fiber: deadlock: "));
	assert_non_null(strstr(c.said, "fiber: 1 live, "));
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"life", life_test, NULL, NULL, one},
		{"life, 2 workers", life_test, NULL, NULL, two},
		{"detach", detach_test, NULL, NULL, one},
		{"detach, 2 workers", detach_test, NULL, NULL, two},
		{"yield", yield_test, NULL, NULL, one},
		{"yield, 2 workers", yield_test, NULL, NULL, two},
		{"sleep", sleep_test, NULL, NULL, one},
		{"sleep, 2 workers", sleep_test, NULL, NULL, two},
		{"many", many_test, NULL, NULL, one},
		{"many, 2 workers", many_test, NULL, NULL, two},
		{"chain of joins", chain_test, NULL, NULL, one},
		{"chain of joins, 2 workers", chain_test, NULL, NULL, two},
		{"leaves", leaves_test, NULL, NULL, one},
		{"leaves, 2 workers", leaves_test, NULL, NULL, two},
		{"keys", keys_test, NULL, NULL, one},
		{"keys, 2 workers", keys_test, NULL, NULL, two},
		{"keys run out", keys_most_test, NULL, NULL, one},
	};

	return cmocka_run_group_tests(tests, keys_made, NULL);
}
