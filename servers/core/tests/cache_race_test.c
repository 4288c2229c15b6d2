/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_race_test.c - loads that meet: two of the same file, staged by hooks in the
 * lock, and threads that hit, load, replace and evict over a cache too small for them.
 */
#include "config.h"

#include "cache_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, FILES = 12, STEPS = 4000, VERSIONS = 10, SLOTS = 4, LIMIT_S = 300 };

static const uint64_t NOW = 5000000000;

/* A cold load takes the lock to look, to reserve and to publish. */
enum { PUBLISH = 3 };

static struct fixture staged;
static uint64_t staged_now_ns;
static unsigned staged_seed;

static void load_meanwhile(unsigned n)
{
	struct body b;

	if (n != PUBLISH)
		return;
	fixture_hooks.before = NULL;
	if (staged_seed != 1)
		fixture_replace(&staged, "/a", 5000, staged_seed);
	assert_int_equal(cache_load(staged.cache, "/a", staged_now_ns, &b), 0);
	assert_true(fixture_same(&b, 5000, staged_seed));
	body_release(&b);
}

/* Load "/a", and again, by another, just before that one publishes. */
static struct body stage(uint64_t other_now_ns, unsigned other_seed)
{
	struct body b;

	fixture_open(&staged, 16, 8, &fixture_lock);
	fixture_write(&staged, "/a", 5000, 1);
	staged_now_ns = other_now_ns;
	staged_seed = other_seed;
	fixture_hooks = (struct fixture_hooks){.before = load_meanwhile};
	assert_int_equal(cache_load(staged.cache, "/a", NOW, &b), 0);
	assert_true(fixture_same(&b, 5000, 1));
	return b;
}

static void stage_end(struct body *b, unsigned seed_kept)
{
	struct body kept;

	body_release(b);
	assert_int_equal(cache_get(staged.cache, "/a", NOW, &kept), 0);
	assert_true(fixture_same(&kept, 5000, seed_kept));
	assert_int_equal(fixture_stats(staged.cache).entries, 1);
	body_release(&kept);
	fixture_settled(staged.cache);
	fixture_close(&staged);
}

static void test_adopts(void **state)
{
	struct body b = stage(NOW, 1);

	(void)state;
	assert_int_equal(fixture_stats(staged.cache).entries, 1);
	assert_int_equal(fixture_stats(staged.cache).pages_used, 2);
	assert_int_equal(fixture_stats(staged.cache).pins_used, 1);
	stage_end(&b, 1);
}

static void test_later_look_stays(void **state)
{
	struct body b = stage(NOW + 1, 2);

	(void)state;
	assert_int_equal(fixture_stats(staged.cache).entries, 2);
	stage_end(&b, 2);
}

static void test_earlier_look_goes(void **state)
{
	struct body b = stage(NOW - 1, 2);

	(void)state;
	assert_int_equal(fixture_stats(staged.cache).entries, 1);
	stage_end(&b, 1);
}

/* File i has i * 1000 bytes and one for each version; its size is its seed. */
struct race {
	struct fixture f;
	_Atomic uint64_t now_ns;
	_Atomic unsigned failures;
	pthread_mutex_t mutex;
	struct body slot[SLOTS]; /* bodies on their way to whoever releases them */
};

static bool body_is(const struct body *b, unsigned file)
{
	unsigned size = (unsigned)b->size;

	if (size / 1000 != file || size % 1000 >= VERSIONS)
		return false;
	return b->mapping != NULL ? fixture_sent(b, size, size)
				  : fixture_same(b, size, size);
}

/* Leave our body to another thread and release one that was left. */
static void body_swap(struct race *r, struct body *b, unsigned slot)
{
	struct body other;

	pthread_mutex_lock(&r->mutex);
	other = r->slot[slot];
	r->slot[slot] = *b;
	pthread_mutex_unlock(&r->mutex);
	body_release(&other);
}

static void *race_run(void *argument)
{
	struct race *r = argument;
	unsigned random = (unsigned)(uintptr_t)&random;

	for (int i = 0; i < STEPS; i++) {
		unsigned file = (unsigned)rand_r(&random) % FILES;
		uint64_t now_ns = atomic_fetch_add(&r->now_ns, SECOND_NS / 50);
		struct body b;
		char path[16];

		snprintf(path, sizeof(path), "/%u", file);
		if (cache_get(r->f.cache, path, now_ns, &b) == -EAGAIN &&
		    cache_load(r->f.cache, path, now_ns, &b) != 0)
			atomic_fetch_add(&r->failures, 1);
		if (!body_is(&b, file))
			atomic_fetch_add(&r->failures, 1);
		body_swap(r, &b, (unsigned)i % SLOTS);
	}
	return NULL;
}

static void files_write(const struct race *r, unsigned version)
{
	char path[16];

	for (unsigned i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/%u", i);
		fixture_replace(&r->f, path, i * 1000 + version, i * 1000 + version);
	}
}

static void test_threads(void **state)
{
	static struct race r = {.mutex = PTHREAD_MUTEX_INITIALIZER,
				.now_ns = SECOND_NS};
	pthread_t threads[THREADS];

	(void)state;
	fixture_open(&r.f, 12, 16, &lock_robust);
	files_write(&r, 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race_run, &r), 0);
	for (unsigned version = 1; version < VERSIONS; version++)
		files_write(&r, version);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < SLOTS; i++)
		body_release(&r.slot[i]);
	assert_int_equal(atomic_load(&r.failures), 0);
	fixture_settled(r.f.cache);
	fixture_fill(&r.f);
	fixture_close(&r.f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adopts),
		cmocka_unit_test(test_later_look_stays),
		cmocka_unit_test(test_earlier_look_goes),
		cmocka_unit_test(test_threads),
	};

	alarm(LIMIT_S); /* a lock that is never given back must not hang the tests */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
