/* SPDX-License-Identifier: BSD-2-Clause */
/* limits_test.c - more fibers than there is memory for, and many one after the other:
 * the first are refused, and of the others nothing stays. */
#include "config.h"

#include "try.h"

#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	SPAWNS = 100000,
	SPAWNS_SANITIZED = 4000,
	BATCH = 100,
	WARM = 4, /* of the batches, one in so many, after which nothing grows */
	GROWTH_PAGES = 512,
	PLACES_MOST = 1024, /* magazines and slabs of 64 on each worker, and a batch */
	LITTLE_MEMORY = 256 << 20,
	FEW = 1000,
	WELL = 5
};

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

static int take_all(void *arg)
{
	struct fiber_id *id = calloc(1000000, sizeof *id), again;
	size_t n = 0;
	int error;

	fiber_sem_init(&sem, 0);
	while ((error = fiber_create(&id[n], NULL, wait_sem, NULL)) == 0)
		n++;
	expect(error == -EAGAIN, "no memory for another");
	expect(n > FEW, "but for many");
	for (size_t i = 0; i < n; i++)
		fiber_sem_post(&sem);
	for (size_t i = 0; i < n; i++)
		expect(fiber_join(id[i], NULL) == 0, "all end");
	expect(fiber_create(&again, NULL, do_nothing, NULL) == 0, "there is again");
	expect(fiber_join(again, NULL) == 0, "joined");
	return arg ? 1 : WELL;
}

static int take_all_run(void *arg)
{
	const struct fiber_options options = {.workers = (unsigned)(uintptr_t)arg};
	const struct rlimit little = {LITTLE_MEMORY, LITTLE_MEMORY};

	setrlimit(RLIMIT_AS, &little);
	return fiber_run(&options, take_all, NULL);
}

static void memory_test(void **state)
{
	struct child c;

	/* cmocka's skip() prints "not ok", which Automake's driver takes for a failure
	 */
	if (is_sanitized()) {
		print_message(
			"# not with a sanitizer: its shadow is beyond any limit\n");
		return;
	}
	child_run(&c, take_all_run, *state);
	assert_true(WIFEXITED(c.status) && WEXITSTATUS(c.status) == WELL);
	assert_string_equal(c.said, "");
}

static long resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		pages = -1;
	if (f)
		fclose(f);
	return pages;
}

/* The lowest number that is free: descriptors that were left open are below it. */
static int descriptor_next(void)
{
	const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static _Atomic(unsigned) ended;

static void *count_end(void *arg)
{
	atomic_fetch_add(&ended, 1);
	return arg;
}

/* Half of them detached: those end, and leave their place, on whichever worker. */
static void batch_spawn(void)
{
	const struct fiber_attr detached = {.detached = true};
	struct fiber_id id[BATCH / 2];

	atomic_store(&ended, 0);
	for (int i = 0; i < BATCH / 2; i++) {
		id[i] = try_create(NULL, count_end, NULL);
		expect(fiber_create(NULL, &detached, count_end, NULL) == 0, "made");
	}
	for (int i = 0; i < BATCH / 2; i++)
		expect(fiber_join(id[i], NULL) == 0, "joined");
	while (atomic_load(&ended) < BATCH)
		fiber_yield();
}

static int spawns(void *arg)
{
	const char *asked = getenv("FIBERS_SPAWNS");
	const long usual = is_sanitized() ? SPAWNS_SANITIZED : SPAWNS;
	const long most = asked ? atol(asked) : usual;
	long pages = 0;
	int fd = -1;

	for (long n = 0; n < most / BATCH; n++) {
		if (n == most / BATCH / WARM) {
			pages = resident_pages();
			fd = descriptor_next();
		}
		batch_spawn();
	}
	expect(pages > 0 && fd >= 0, "known");
	if (getenv("FIBERS_SPAWNS"))
		printf("# %ld pages more\n", resident_pages() - pages);
	expect(is_sanitized() || resident_pages() - pages < GROWTH_PAGES,
	       "no memory is kept");
	expect(descriptor_next() == fd, "no descriptor is kept");
	expect(atomic_load(&fiber_runtime.numbered) < PLACES_MOST, "places are reused");
	return arg != NULL;
}

/* Few stacks are kept, so that there are soon as many as there ever will be. */
static void spawns_test(void **state)
{
	const struct fiber_options options = {.workers = workers_of(state),
					      .stacks_pooled = 2 * BATCH};

	try_run_with(&options, spawns);
}

int main(void)
{
	void *const one = (void *)1, *const two = (void *)2;
	const struct CMUnitTest tests[] = {
		{"no memory", memory_test, NULL, NULL, one},
		{"no memory, 2 workers", memory_test, NULL, NULL, two},
		{"spawns", spawns_test, NULL, NULL, one},
		{"spawns, 2 workers", spawns_test, NULL, NULL, two},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
