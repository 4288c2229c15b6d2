/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber.c - what fibers cost (runtimes/fiber), with one worker. */
#include "config.h"

#include "harness/micro/chase.h"
#include "harness/micro/crowd.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fiber/context.h"
#include "fiber/fiber.h"
#include "fiber/yield.h"

enum { STACK_SIZE = 64 << 10 };
#define FAR_AWAY_NS ((uint64_t)3600 * 1000000000)

static struct fiber_id *fibers;
static unsigned started;
static bool stop;
static uint64_t switches;
static struct fiber_sem there, back, end;
static struct fiber_mutex mutex;

/* Start n more.  0, or after micro_cannot NAN. */
static double fibers_start(unsigned n, void *(*run)(void *arg))
{
	stop = false;
	started = 0;
	fibers = calloc((size_t)n + 1, sizeof *fibers);
	for (; fibers && started < n; started++) {
		int error = fiber_create(&fibers[started], NULL, run, NULL);
		if (error)
			return micro_cannot("%s after %u fibers", strerror(-error),
					    started);
	}
	return fibers ? 0 : micro_cannot("no memory");
}

static void fibers_join(void)
{
	for (unsigned i = 0; i < started; i++)
		fiber_join(fibers[i], NULL);
	free(fibers);
}

static void *idle(void *arg)
{
	fiber_sem_wait(&end);
	return arg;
}

static void *idle_timed(void *arg)
{
	fiber_sem_wait_until(&end, fiber_now_ns() + FAR_AWAY_NS);
	return arg;
}

/* Measure beside `live` idle ones. */
static double beside(unsigned live, void *(*run)(void *arg),
		     uint64_t (*loop)(uint64_t n))
{
	fiber_sem_init(&end, 0);
	double value = fibers_start(live, run);
	fiber_yield();
	if (value == 0)
		value = micro_cpu_ns(loop);
	for (unsigned i = 0; i < started; i++)
		fiber_sem_post(&end);
	fibers_join();
	return value;
}

static void *end_at_once(void *arg)
{
	return arg;
}

static uint64_t create_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		struct fiber_id id;
		int error = fiber_create(&id, NULL, end_at_once, NULL);
		if (error) {
			micro_cannot("fiber_create: %s", strerror(-error));
			return 0;
		}
		fiber_join(id, NULL);
	}
	return n;
}

static double create(unsigned live)
{
	return beside(live, idle, create_loop);
}

/* The yield is the inlined one, as the switch of Boost beside it is the bare one. */
static void *turns(void *arg)
{
	for (; !stop; switches++)
		fiber_yield_inlined();
	return arg;
}

/* n rounds of all. */
static uint64_t switch_loop(uint64_t n)
{
	uint64_t before = switches;
	for (uint64_t i = 0; i < n; i++, switches++)
		fiber_yield_inlined();
	return switches - before;
}

static double switch_between(unsigned live)
{
	double value = fibers_start(live - 1, turns);
	if (value == 0) {
		switch_loop(2); /* each has begun */
		value = micro_cpu_ns(switch_loop);
	}
	stop = true;
	fibers_join();
	return value;
}

/* A thousand take turns, in rounds that are timed, each after all that `live` fibers
 * would have touched in between: what is left of theirs in caches is what would be left
 * among so many. */
static double switch_cold(unsigned live)
{
	enum { ROUNDS = 10, FIBERS = 1000 };
	struct chase between;
	uint64_t n = 0;
	double took_ns = 0;
	if (chase_make(&between, live) < 0)
		return micro_cannot("no memory for %u", live);
	double value = fibers_start(FIBERS - 1, turns);
	for (int i = 0; value == 0 && i < ROUNDS; i++) {
		switch_loop(2);
		chase_round(&between, 1);
		double began_ns = micro_cpu_now_ns();
		n += switch_loop(1);
		took_ns += micro_cpu_now_ns() - began_ns;
	}
	stop = true;
	fibers_join();
	chase_free(&between);
	return value == 0 ? took_ns / (double)n : value;
}

static struct context jump_here, jump_there;

static void jump_answer(void *arg)
{
	(void)arg;
	for (;;)
		context_switch(&jump_there, &jump_here);
}

static uint64_t jump_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		context_switch(&jump_here, &jump_there);
	return 2 * n;
}

static double jump(unsigned live)
{
	static _Alignas(64) char stack[STACK_SIZE];
	(void)live;
	context_make(&jump_there, stack + sizeof stack, jump_answer, NULL);
	return micro_cpu_ns(jump_loop);
}

static uint64_t mutex_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		fiber_mutex_lock(&mutex);
		fiber_mutex_unlock(&mutex);
	}
	return n;
}

static double mutex_free(unsigned live)
{
	(void)live;
	return micro_cpu_ns(mutex_loop);
}

static void *echo(void *arg)
{
	for (;;) {
		fiber_sem_wait(&there);
		if (stop)
			return arg;
		fiber_sem_post(&back);
	}
}

static uint64_t wake_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		fiber_sem_post(&there);
		fiber_sem_wait(&back);
	}
	return 2 * n;
}

static void *echo_timed(void *arg)
{
	for (;;) {
		fiber_sem_wait_until(&there, fiber_now_ns() + FAR_AWAY_NS);
		if (stop)
			return arg;
		fiber_sem_post(&back);
	}
}

static uint64_t timer_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		fiber_sem_post(&there);
		fiber_sem_wait_until(&back, fiber_now_ns() + FAR_AWAY_NS);
	}
	return 2 * n;
}

static double ping_pong(unsigned live, void *(*others)(void *arg),
			void *(*partner)(void *arg), uint64_t (*loop)(uint64_t n))
{
	struct fiber_id id;
	fiber_sem_init(&there, 0);
	fiber_sem_init(&back, 0);
	stop = false;
	int error = fiber_create(&id, NULL, partner, NULL);
	if (error)
		return micro_cannot("fiber_create: %s", strerror(-error));
	double value = beside(live, others, loop);
	stop = true;
	fiber_sem_post(&there);
	fiber_join(id, NULL);
	return value;
}

static double wake(unsigned live)
{
	return ping_pong(live, idle, echo, wake_loop);
}

static double timer(unsigned live)
{
	return ping_pong(live, idle_timed, echo_timed, timer_loop);
}

static double memory(unsigned live)
{
	fiber_sem_init(&end, 0);
	double before_kib = micro_resident_kib();
	double value = fibers_start(live, idle);
	fiber_yield();
	if (value == 0)
		value = (micro_resident_kib() - before_kib) / live;
	for (unsigned i = 0; i < started; i++)
		fiber_sem_post(&end);
	fibers_join();
	return value;
}

static const struct micro_case cases[] = {
	{"create", "ns", NULL, create, {0}, 1},
	{"switch", "ns", NULL, switch_between, {2, 10, 1000, 100000, 1000000}, 1},
	{"switch-cold", "ns", NULL, switch_cold, {100000, 1000000}, 1},
	{"jump", "ns", NULL, jump, {0}, 0},
	{"mutex", "ns", NULL, mutex_free, {0}, 0},
	{"wake", "ns", NULL, wake, {0}, 1},
	{"timer", "ns", NULL, timer, {0}, 1},
	{"memory", "KiB", NULL, memory, {1000, 100000}, 1},
	TASK8K_CASE,
	BUSYWAIT_CASES,
	{0},
};

struct arguments {
	int argc;
	char **argv;
};

static int inside(void *arg)
{
	struct arguments *a = arg;
	return micro_main(a->argc, a->argv, &(struct micro){"fiber", cases});
}

int main(int argc, char **argv)
{
	struct arguments a = {argc, argv};
	int status = fiber_run(NULL, inside, &a);
	if (status >= 0)
		return status;
	fprintf(stderr, "micro-fiber: fiber_run: %s\n", strerror(-status));
	return EXIT_FAILURE;
}
