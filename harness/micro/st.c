/* SPDX-License-Identifier: BSD-2-Clause */
/* st.c - what threads of the State Threads library cost.  It has no call to yield: to
 * sleep for no time is the nearest. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <st.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { STACK_SIZE = 64 << 10, JOINABLE = 1 };
#define FAR_AWAY_US ((st_utime_t)3600 * 1000000)

static st_thread_t *threads;
static unsigned started;
static bool stop;
static uint64_t switches;
static st_cond_t there, back;
static st_mutex_t mutex;

static double threads_start(unsigned n, void *(*run)(void *arg))
{
	stop = false;
	started = 0;
	threads = calloc(n + 1, sizeof *threads);
	for (; threads && started < n; started++) {
		threads[started] = st_thread_create(run, NULL, JOINABLE, STACK_SIZE);
		if (!threads[started])
			return micro_cannot("no more than %u threads", started);
	}
	return threads ? 0 : micro_cannot("no memory");
}

static void threads_join(void)
{
	for (unsigned i = 0; i < started; i++)
		st_thread_join(threads[i], NULL);
	free(threads);
}

static void *end_at_once(void *arg)
{
	return arg;
}

static uint64_t create_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		st_thread_t thread =
			st_thread_create(end_at_once, NULL, JOINABLE, STACK_SIZE);
		if (!thread || st_thread_join(thread, NULL) < 0) {
			micro_cannot("st_thread_create or st_thread_join failed");
			return 0;
		}
	}
	return n;
}

static double create(unsigned live)
{
	(void)live;
	return micro_cpu_ns(create_loop);
}

static void *turns(void *arg)
{
	for (; !stop; switches++)
		st_usleep(0);
	return arg;
}

static uint64_t switch_loop(uint64_t n)
{
	uint64_t before = switches;
	for (uint64_t i = 0; i < n; i++, switches++)
		st_usleep(0);
	return switches - before;
}

static double switch_between(unsigned live)
{
	double value = threads_start(live - 1, turns);
	if (value == 0) {
		switch_loop(2);
		value = micro_cpu_ns(switch_loop);
	}
	stop = true;
	threads_join();
	return value;
}

static uint64_t mutex_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		st_mutex_lock(mutex);
		st_mutex_unlock(mutex);
	}
	return n;
}

static double mutex_free(unsigned live)
{
	(void)live;
	return micro_cpu_ns(mutex_loop);
}

/* A thread that signals goes on until it waits, so that no signal is lost. */
static void *echo(void *arg)
{
	while (!stop) {
		st_cond_signal(back);
		st_cond_wait(there);
	}
	return arg;
}

static uint64_t wake_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		st_cond_signal(there);
		st_cond_wait(back);
	}
	return 2 * n;
}

static void *echo_timed(void *arg)
{
	while (!stop) {
		st_cond_signal(back);
		st_cond_timedwait(there, FAR_AWAY_US);
	}
	return arg;
}

static uint64_t timer_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		st_cond_signal(there);
		st_cond_timedwait(back, FAR_AWAY_US);
	}
	return 2 * n;
}

static double ping_pong(void *(*partner)(void *arg), uint64_t (*loop)(uint64_t n))
{
	double value = threads_start(1, partner);
	if (value == 0) {
		st_cond_wait(back);
		value = micro_cpu_ns(loop);
	}
	stop = true;
	st_cond_signal(there);
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
	st_cond_wait(there);
	return arg;
}

static double memory(unsigned live)
{
	double before_kib = micro_resident_kib();
	double value = threads_start(live, idle);
	st_usleep(0);
	if (value == 0)
		value = (micro_resident_kib() - before_kib) / live;
	st_cond_broadcast(there);
	threads_join();
	return value;
}

static const struct micro_case cases[] = {
	{"create", "ns", NULL, create, {0}, 0},
	{"switch", "ns", NULL, switch_between, {2, 10, 1000}, 1},
	{"jump", "ns", "there is no way around its scheduler", NULL, {0}, 0},
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
	/* The best of Debian's; select(2) is the default, and ends at FD_SETSIZE. */
	if (st_set_eventsys(ST_EVENTSYS_POLL) < 0 || st_init() < 0) {
		perror("micro-st: st_init");
		return EXIT_FAILURE;
	}
	there = st_cond_new();
	back = st_cond_new();
	mutex = st_mutex_new();
	return micro_main(argc, argv, &(struct micro){"st", cases});
}
