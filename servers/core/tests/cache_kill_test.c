/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_kill_test.c - processes that share a cache and die: at exit with pins held,
 * while loading, and by SIGKILL at random moments. */
#include "config.h"

#include "cache_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WORKERS = 3,
	ROUNDS = 300,
	FILES = 12,
	PAGES = 16,
	LIFE_US = 3000,
	LIMIT_S = 120
};

static const uint64_t NOW = 5000000000;

static void reap(pid_t pid, int expected_status)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, expected_status);
}

static void test_pins_of_the_dead(void **state)
{
	struct fixture f;
	struct body mine, b;
	pid_t pid;

	(void)state;
	fixture_open(&f, PAGES, 8, &lock_robust);
	fixture_write(&f, "/a", 5000, 1);
	assert_int_equal(cache_load(f.cache, "/a", NOW, &mine), 0);
	pid = fork();
	if (pid == 0) {
		/* The child's own id, not the one its parent learnt. */
		for (int i = 0; i < 3; i++)
			if (cache_get(f.cache, "/a", NOW, &b) != 0)
				_exit(1);
		_exit(0);
	}
	reap(pid, 0);
	assert_int_equal(fixture_stats(f.cache).pins_used, 4);
	cache_owner_died(f.cache, pid);
	assert_int_equal(fixture_stats(f.cache).pins_used, 1);
	assert_true(fixture_same(&mine, 5000, 1));
	body_release(&mine);
	fixture_settled(f.cache);
	fixture_close(&f);
}

static void die_before_publishing(unsigned n)
{
	if (n == 3)
		raise(SIGKILL);
}

static void test_killed_while_loading(void **state)
{
	struct fixture f;
	struct body b;
	pid_t pid;

	(void)state;
	fixture_open(&f, PAGES, PAGES, &fixture_lock);
	fixture_write(&f, "/a", 5000, 1);
	fixture_hooks = (struct fixture_hooks){.before = NULL};
	pid = fork();
	if (pid == 0) {
		fixture_hooks.before = die_before_publishing;
		cache_load(f.cache, "/a", NOW, &b);
		_exit(0);
	}
	reap(pid, SIGKILL);
	assert_int_equal(fixture_stats(f.cache).pages_used, 2);
	cache_owner_died(f.cache, pid);
	assert_int_equal(fixture_stats(f.cache).pages_used, 0);
	assert_int_equal(fixture_repairs(), 0);
	assert_int_equal(cache_get(f.cache, "/a", NOW, &b), -EAGAIN);
	fixture_settled(f.cache);
	fixture_fill(&f);
	fixture_close(&f);
}

static bool use_one(struct cache *c, unsigned file, uint64_t now_ns)
{
	size_t size = file * 1000;
	struct body b;
	char path[16];
	bool same;

	snprintf(path, sizeof(path), "/%u", file);
	if (cache_get(c, path, now_ns, &b) == -EAGAIN &&
	    cache_load(c, path, now_ns, &b) != 0)
		return false;
	same = b.mapping != NULL ? fixture_sent(&b, size, file)
				 : fixture_same(&b, size, file);
	body_release(&b);
	return same;
}

/* Ends by a kill, by a wrong byte, or when its parent is gone. */
static void worker_run(struct cache *c, unsigned random)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LIMIT_S);
	for (uint64_t now_ns = NOW;; now_ns += SECOND_NS / 20)
		if (!use_one(c, (unsigned)rand_r(&random) % FILES, now_ns))
			_exit(1);
}

static pid_t worker_start(struct cache *c, unsigned random)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		worker_run(c, random);
	return pid;
}

static void worker_kill(struct cache *c, pid_t pid)
{
	kill(pid, SIGKILL);
	reap(pid, SIGKILL);
	cache_owner_died(c, pid);
}

static void test_random_kills(void **state)
{
	pid_t worker[WORKERS];
	unsigned random = 42;
	struct fixture f;
	char path[16];

	(void)state;
	fixture_open(&f, PAGES, 32, &fixture_lock);
	fixture_hooks = (struct fixture_hooks){.before = NULL};
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/%u", i);
		fixture_write(&f, path, i * 1000, i);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		worker[i] = worker_start(f.cache, i);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned i = round % WORKERS;
		struct timespec life = {.tv_nsec = rand_r(&random) % LIFE_US * 1000};

		nanosleep(&life, NULL);
		worker_kill(f.cache, worker[i]);
		worker[i] = worker_start(f.cache, round + WORKERS);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		worker_kill(f.cache, worker[i]);
	fixture_settled(f.cache);
	for (unsigned i = 0; i < FILES; i++)
		assert_true(use_one(f.cache, i, NOW));
	fixture_fill(&f);
	print_message("# %d kills, %u of them in the lock\n", ROUNDS + WORKERS,
		      fixture_repairs());
	fixture_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pins_of_the_dead),
		cmocka_unit_test(test_killed_while_loading),
		cmocka_unit_test(test_random_kills),
	};

	alarm(LIMIT_S); /* a lock that is never given back must not hang the tests */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
