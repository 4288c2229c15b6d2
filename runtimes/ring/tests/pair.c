/* SPDX-License-Identifier: BSD-2-Clause */
/* pair.c - the region is a memfd, so that a process can map it a second time. */
#include "config.h"

#include "pair.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int memory = -1;
static void *region;

static uint64_t deadline_ns; /* of both sides together */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void *map(void)
{
	return mmap(NULL, PAIR_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
}

void *pair_region(void)
{
	if (memory >= 0) {
		munmap(region, PAIR_BYTES);
		close(memory);
	}
	memory = memfd_create("pair", MFD_CLOEXEC);
	assert_true(memory >= 0);
	assert_int_equal(ftruncate(memory, PAIR_BYTES), 0);
	region = map();
	assert_true(region != MAP_FAILED);
	deadline_ns = now_ns() + PAIR_LIMIT_S * UINT64_C(1000000000);
	return region;
}

static void *run_one(void *arg)
{
	const struct pair *p = arg;

	return (void *)(intptr_t)p->one(region);
}

void pair_threads(const struct pair *p)
{
	pthread_t thread;
	void *result;
	int two;

	assert_int_equal(pthread_create(&thread, NULL, run_one, (void *)(uintptr_t)p),
			 0);
	two = p->two(region);
	pthread_join(thread, &result);
	assert_int_equal((intptr_t)result, 0);
	assert_int_equal(two, 0);
}

/* Exit status: what the side says, as far as it fits. */
static void in_child(const struct pair *p)
{
	void *other = map();
	int line;

	alarm(2 * PAIR_LIMIT_S);
	line = other == MAP_FAILED || other == region ? 1 : p->one(other);
	_exit(line < 255 ? line : 255);
}

void pair_processes(const struct pair *p)
{
	pid_t child = fork();
	int two, status;

	assert_true(child >= 0);
	if (child == 0)
		in_child(p);
	two = p->two(region);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(two, 0);
}

uint64_t pair_deadline_ns(void)
{
	return deadline_ns;
}

bool pair_is_over(void)
{
	return now_ns() > deadline_ns;
}

bool pair_is_late(void)
{
	return now_ns() > deadline_ns - PAIR_LIMIT_S / 2 * UINT64_C(1000000000);
}
