/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.c - what the kernel's threads cost, by POSIX calls.  On one CPU, so that a
 * thread that yields lets another run. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FAR_AWAY_S = 3600 };

static pthread_t *threads;
static unsigned started;
static _Atomic(_Bool) stop;
static _Atomic(unsigned long) runs; /* who, of those that take turns */
static _Atomic(uint64_t) switches;
static sem_t there, back;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Start n more.  0, or after micro_cannot NAN. */
static double threads_start(unsigned n, void *(*run)(void *arg))
{
	stop = 0;
	started = 0;
	threads = calloc(n + 1, sizeof *threads);
	for (; threads && started < n; started++) {
		void *number = (void *)(uintptr_t)(started + 1);
		int error = pthread_create(&threads[started], NULL, run, number);
		if (error)
			return micro_cannot("%s after %u threads", strerror(error),
					    started);
	}
	return threads ? 0 : micro_cannot("no memory");
}

static void threads_join(void)
{
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

static void *end_at_once(void *arg)
{
	return arg;
}

static uint64_t create_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, NULL, end_at_once, NULL);
		if (error) {
			micro_cannot("pthread_create: %s", strerror(error));
			return 0;
		}
		pthread_join(thread, NULL);
	}
	return n;
}

static double create(unsigned live)
{
	(void)live;
	return micro_cpu_ns(create_loop);
}

/* The kernel may let a thread that yields go on: what counts is that another ran.  On
 * one CPU, so that nothing need be ordered. */
static void turn_take(unsigned long me)
{
	if (atomic_load_explicit(&runs, memory_order_relaxed) != me) {
		uint64_t n = atomic_load_explicit(&switches, memory_order_relaxed);
		atomic_store_explicit(&runs, me, memory_order_relaxed);
		atomic_store_explicit(&switches, n + 1, memory_order_relaxed);
	}
	sched_yield();
}

static void *turns(void *arg)
{
	while (!stop)
		turn_take((unsigned long)(uintptr_t)arg);
	return NULL;
}

static uint64_t switch_loop(uint64_t n)
{
	uint64_t before = switches;
	for (uint64_t i = 0; i < n; i++)
		turn_take(0);
	return switches - before;
}

static double switch_between(unsigned live)
{
	double value = threads_start(live - 1, turns);
	if (value == 0) {
		switch_loop(2); /* each has begun */
		value = micro_cpu_ns(switch_loop);
	}
	stop = 1;
	threads_join();
	return value;
}

static uint64_t mutex_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	return n;
}

static void *echo(void *arg)
{
	for (;;) {
		sem_wait(&there);
		if (stop)
			return arg;
		sem_post(&back);
	}
}

static uint64_t wake_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		sem_post(&there);
		sem_wait(&back);
	}
	return 2 * n;
}

static void *echo_timed(void *arg)
{
	struct timespec far;
	clock_gettime(CLOCK_REALTIME, &far);
	far.tv_sec += FAR_AWAY_S;
	for (;;) {
		while (sem_timedwait(&there, &far) < 0)
			continue;
		if (stop)
			return arg;
		sem_post(&back);
	}
}

static uint64_t timer_loop(uint64_t n)
{
	struct timespec far;
	clock_gettime(CLOCK_REALTIME, &far);
	far.tv_sec += FAR_AWAY_S;
	for (uint64_t i = 0; i < n; i++) {
		sem_post(&there);
		while (sem_timedwait(&back, &far) < 0)
			continue;
	}
	return 2 * n;
}

static double ping_pong(void *(*partner)(void *arg), uint64_t (*loop)(uint64_t n))
{
	sem_init(&there, 0, 0);
	sem_init(&back, 0, 0);
	double value = threads_start(1, partner);
	if (value == 0)
		value = micro_cpu_ns(loop);
	stop = 1;
	sem_post(&there);
	threads_join();
	return value;
}

static double wake(unsigned live)
{
	(void)live;
	return ping_pong(echo, wake_loop);
}

static double timer(unsigned live)
{
	(void)live;
	return ping_pong(echo_timed, timer_loop);
}

static void *idle(void *arg)
{
	sem_post(&back);
	sem_wait(&there);
	return arg;
}

/* Beside a second thread: alone, glibc takes its locks without the bus. */
static double mutex_free(unsigned live)
{
	(void)live;
	sem_init(&there, 0, 0);
	sem_init(&back, 0, 0);
	double value = threads_start(1, idle);
	if (value == 0)
		value = micro_cpu_ns(mutex_loop);
	sem_post(&there);
	threads_join();
	return value;
}

static double memory(unsigned live)
{
	sem_init(&there, 0, 0);
	sem_init(&back, 0, 0);
	double before_kib = micro_resident_kib();
	double value = threads_start(live, idle);
	for (unsigned i = 0; i < started; i++)
		sem_wait(&back);
	if (value == 0)
		value = (micro_resident_kib() - before_kib) / live;
	for (unsigned i = 0; i < started; i++)
		sem_post(&there);
	threads_join();
	return value;
}

static const struct micro_case cases[] = {
	{"create", "ns", NULL, create, {0}, 0},
	{"switch", "ns", NULL, switch_between, {2, 10, 1000}, 1},
	{"jump", "ns", "switching is the kernel's", NULL, {0}, 0},
	{"mutex", "ns", NULL, mutex_free, {0}, 0},
	{"wake", "ns", NULL, wake, {0}, 0},
	{"timer", "ns", NULL, timer, {0}, 0},
	{"memory", "KiB", NULL, memory, {1000}, 1},
	TASK8K_CASE,
	BUSYWAIT_CASES,
	{0},
};

int main(int argc, char **argv)
{
	return micro_main(argc, argv, &(struct micro){"thread", cases});
}
