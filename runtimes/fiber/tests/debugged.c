/* SPDX-License-Identifier: BSD-2-Clause */
/* debugged.c - five fibers that wait in five ways, for gdb.sh to find: it stops where
 * all of them do. */
#include "config.h"

#include "fiber.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct fiber_mutex mutex;
static struct fiber_cond cond;
static struct fiber_sem sem;
static int ends[2];
static volatile int steps; /* after each call, so that it is none by jump */

__attribute__((noinline)) static void *waits_for_mutex(void *arg)
{
	fiber_mutex_lock(&mutex);
	steps++;
	fiber_mutex_unlock(&mutex);
	return arg;
}

__attribute__((noinline)) static void *waits_for_condition(void *arg)
{
	struct fiber_mutex own = {0};

	fiber_mutex_lock(&own);
	fiber_cond_wait(&cond, &own);
	steps++;
	return arg;
}

__attribute__((noinline)) static void deeper(int n)
{
	if (n > 0)
		deeper(n - 1);
	else
		fiber_sem_wait(&sem);
	steps++;
}

__attribute__((noinline)) static void *waits_for_semaphore(void *arg)
{
	deeper(3);
	return arg;
}

__attribute__((noinline)) static void *waits_for_descriptor(void *arg)
{
	char byte;

	fiber_read(ends[0], &byte, 1);
	steps++;
	return arg;
}

__attribute__((noinline)) static void *sleeps(void *arg)
{
	fiber_sleep_ns(1000000);
	steps++;
	return arg;
}

void all_wait(void);
__attribute__((noinline)) void all_wait(void)
{
	steps++;
}

static int run(void *arg)
{
	static const struct {
		const char *name;
		void *(*run)(void *arg);
	} made[] = {{"locker", waits_for_mutex},
		    {"waiter", waits_for_condition},
		    {"taker", waits_for_semaphore},
		    {"reader", waits_for_descriptor},
		    {NULL, sleeps}};
	struct fiber_id id[5];

	fiber_mutex_lock(&mutex);
	for (int i = 0; i < 5; i++) {
		const struct fiber_attr attr = {.name = made[i].name};

		if (fiber_create(&id[i], &attr, made[i].run, NULL) < 0)
			abort();
	}
	fiber_yield();
	all_wait();
	fiber_mutex_unlock(&mutex);
	fiber_cond_signal(&cond);
	fiber_sem_post(&sem);
	if (write(ends[1], "x", 1) != 1)
		abort();
	for (int i = 0; i < 5; i++)
		fiber_join(id[i], NULL);
	puts("all went on");
	return arg != NULL;
}

int main(void)
{
	if (pipe2(ends, O_NONBLOCK) < 0)
		return 1;
	return fiber_run(NULL, run, NULL);
}
