/* SPDX-License-Identifier: BSD-2-Clause */
/* duo.c - a sample in which the scheduler gave a processor to somebody else
 * (getrusage(2), ru_nivcsw) says nothing of rings, and is told apart. */
#include "config.h"

#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/flow.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>

static int cpu_one, cpu_two;
static _Atomic int there; /* at the start; and again at the end */

double duo_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int duo_cpus(int one, int two)
{
	int result = pin(one);

	cpu_one = one;
	cpu_two = two;
	return -(result ? result : pin(two));
}

static long preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

/* Both come here before either goes on.  Who waits long lets others run, so that its
 * turn is fresh when both are there. */
static void meet(int n)
{
	atomic_fetch_add(&there, 1);
	for (unsigned i = 0; atomic_load(&there) < n; i++)
		if (i % 1024 == 1023)
			sched_yield();
}

static void *first(void *arg)
{
	struct duo *d = arg;
	long before;

	pin(cpu_one);
	meet(2);
	before = preemptions();
	d->one(d->arg);
	d->preempted = preemptions() != before;
	return NULL;
}

int duo_run(struct duo *d)
{
	pthread_t thread;
	int result = pin(cpu_two);
	double began;
	long before;

	atomic_store(&there, 0);
	if (result || (result = pthread_create(&thread, NULL, first, d)))
		return -result;
	meet(2);
	before = preemptions();
	began = duo_now_ns();
	d->two(d->arg);
	d->ns = duo_now_ns() - began;
	before = preemptions() - before;
	pthread_join(thread, NULL);
	d->preempted = d->preempted || before;
	return 0;
}

int duo_run_one(struct duo *d)
{
	int result = pin(cpu_two);
	double began;
	long before;

	if (result)
		return -result;
	before = preemptions();
	began = duo_now_ns();
	d->two(d->arg);
	d->ns = duo_now_ns() - began;
	d->preempted = preemptions() != before;
	return 0;
}

void flow_rest(void)
{
	double until = duo_now_ns() + FLOW_REST_NS;

	while (duo_now_ns() < until)
		flow_pause();
}
