/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_thread.c - as many threads of the kernel as it gives. */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "harness/micro/crowd.h"

enum { STACK_SIZE = 32 << 10, NS_PER_S = 1000000000 };

/* Without a guard, which is a mapping of its own: vm.max_map_count would end it early.
 */
static int start(void *(*begin)(void *arg), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setguardsize(&attr, 0);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	return -pthread_create(&thread, &attr, begin, arg);
}

static void yield(void)
{
	sched_yield();
}

static void sleep_ns(uint64_t ns)
{
	struct timespec t = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	nanosleep(&t, NULL);
}

static int open_as_is(int fd)
{
	return fd;
}

static void close_one(int fd)
{
	close(fd);
}

const struct crowd crowd = {
	.start = start,
	.yield = yield,
	.sleep = sleep_ns,
	.open = open_as_is,
	.read = read,
	.write = write,
	.close = close_one,
	.kib_each = 40, /* 16 of a kernel stack, 10 of its task, two pages, tables */
	.preempts = 1,
};
