/* SPDX-License-Identifier: BSD-2-Clause */
/* task8k.c - the benchmark of SEDA (Welsh, Culler and Brewer, SOSP 2001, figures 2 and
 * 4) that von Behren, Condit and Brewer repeated (HotOS 2003, figure 2): tasks made
 * internally, each of which reads 8 KiB of a cached file, by a preallocated pool of
 * threads, a thread a task, or by one thread that pulls from a queue.  The papers do
 * not say how tasks follow each other or when threads switch: here a task that is done
 * goes to the queue's end, as a new one, and its thread yields. */
#include "config.h"

#include <math.h>

#include "harness/micro/crowd.h"
#include "harness/micro/tasks.h"

static void thread_run(unsigned number)
{
	(void)number;
	while (!tasks_stopped()) {
		task_perform();
		crowd.yield();
	}
}

/* When each has begun, each task and each stack was touched once. */
static double pool_rate(unsigned n)
{
	if (!crowd_await(n))
		return micro_cannot("only %u of %u had a turn in %d s", crowd_begun(),
				    n, CROWD_START_S);
	uint64_t before = tasks_done();
	double began_ns = micro_now_ns();
	do
		crowd.sleep((uint64_t)micro_least_ns());
	while (micro_now_ns() - began_ns < micro_least_ns());
	return tasks_rate(before, began_ns);
}

double task8k(unsigned n)
{
	double value = crowd_room(n);

	if (value == 0)
		value = tasks_make(n);
	if (isnan(value))
		return value;
	value = crowd_start(n, thread_run);
	if (value == 0)
		value = pool_rate(n);
	tasks_stop();
	if (crowd_join())
		tasks_free();
	return value;
}
