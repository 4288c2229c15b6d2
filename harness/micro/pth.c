/* SPDX-License-Identifier: BSD-2-Clause */
/* pth.c - what threads of GNU Pth cost. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <pth.h>
#include <stdbool.h>
#include <stdlib.h>

enum { STACK_SIZE = 64 << 10, FAR_AWAY_S = 3600 };

static pth_attr_t attr;
static pth_t *threads;
static unsigned started;
static bool stop;
static uint64_t switches;
static pth_mutex_t mutex = PTH_MUTEX_INIT;
static pth_cond_t changed = PTH_COND_INIT;
static bool here;  /* whose turn it is: this side's? */
static bool timed; /* do waits have a time-out? */

static double threads_start(unsigned n, void *(*run)(void *arg))
{
	stop = false;
	started = 0;
	threads = calloc(n + 1, sizeof *threads);
	for (; threads && started < n; started++) {
		threads[started] = pth_spawn(attr, run, NULL);
		if (!threads[started])
			return micro_cannot("no more than %u threads", started);
	}
	return threads ? 0 : micro_cannot("no memory");
}

static void threads_join(void)
{
	for (unsigned i = 0; i < started; i++)
		pth_join(threads[i], NULL);
	free(threads);
}

static void *end_at_once(void *arg)
{
	return arg;
}

static uint64_t create_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		pth_join(pth_spawn(attr, end_at_once, NULL), NULL);
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
		pth_yield(NULL);
	return arg;
}

static uint64_t switch_loop(uint64_t n)
{
	uint64_t before = switches;
	for (uint64_t i = 0; i < n; i++, switches++)
		pth_yield(NULL);
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
		pth_mutex_acquire(&mutex, FALSE, NULL);
		pth_mutex_release(&mutex);
	}
	return n;
}

static double mutex_free(unsigned live)
{
	(void)live;
	return micro_cpu_ns(mutex_loop);
}

/* Give the turn to the other side and wait until it is back. */
static void turn_give(bool mine)
{
	here = !mine;
	pth_cond_notify(&changed, TRUE);
	while (here != mine && !stop) {
		pth_event_t late = NULL;
		if (timed)
			late = pth_event(PTH_EVENT_TIME, pth_timeout(FAR_AWAY_S, 0));
		pth_cond_await(&changed, &mutex, late);
		if (late)
			pth_event_free(late, PTH_FREE_THIS);
	}
}

static void *echo(void *arg)
{
	pth_mutex_acquire(&mutex, FALSE, NULL);
	while (!stop)
		turn_give(false);
	pth_mutex_release(&mutex);
	return arg;
}

static uint64_t wake_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		turn_give(true);
	return 2 * n;
}

static double ping_pong(void)
{
	here = true;
	pth_mutex_acquire(&mutex, FALSE, NULL);
	double value = threads_start(1, echo);
	if (value == 0)
		value = micro_cpu_ns(wake_loop);
	stop = true;
	pth_cond_notify(&changed, TRUE);
	pth_mutex_release(&mutex);
	threads_join();
	return value;
}

static double wake(unsigned live)
{
	(void)live;
	timed = false;
	return ping_pong();
}

static double timer(unsigned live)
{
	(void)live;
	timed = true;
	return ping_pong();
}

static void *idle(void *arg)
{
	pth_mutex_acquire(&mutex, FALSE, NULL);
	while (!stop)
		pth_cond_await(&changed, &mutex, NULL);
	pth_mutex_release(&mutex);
	return arg;
}

static double memory(unsigned live)
{
	double before_kib = micro_resident_kib();
	double value = threads_start(live, idle);
	pth_yield(NULL);
	if (value == 0)
		value = (micro_resident_kib() - before_kib) / live;
	stop = true;
	pth_cond_notify(&changed, TRUE);
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
	/* A round of n takes it n * n steps. */
	{"task8k", "1/s", NULL, task8k, {1, 8, 64, 512, 4096, 8192, 16384}, CROWD_IS},
	BUSYWAIT_CASES,
	{0},
};

int main(int argc, char **argv)
{
	pth_init();
	attr = pth_attr_new();
	pth_attr_set(attr, PTH_ATTR_STACK_SIZE, (unsigned)STACK_SIZE);
	return micro_main(argc, argv, &(struct micro){"pth", cases});
}
