/* SPDX-License-Identifier: BSD-2-Clause */
/* busywait.c - what threads that wait cost those that run.  Jones (Lecture notes 31,
 * 1998, section 4): a call that would block is tried again and again, and between two
 * attempts the others run (relinquish), or its thread is put aside and notified.  Here
 * n threads each wait for an eventfd(2) nobody writes to, beside two that play
 * ping-pong over pipes. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "harness/micro/crowd.h"

enum { PING_NS = 1000000, SPARE = 32 };

/* The pipes come first, so that their descriptors are small: some runtimes look at all
 * up to the largest that is waited for. */
static int there[2], back[2], *idle;
static _Atomic(unsigned) begun;
static _Bool failed;

static unsigned begun_count(void)
{
	return begun;
}

/* Thread 0 plays; the others wait. */
static void player_run(unsigned number)
{
	eventfd_t ball;

	begun++;
	if (number > 0) {
		crowd.read(idle[number - 1], &ball, sizeof ball);
		return;
	}
	/* Until the pipe is closed. */
	while (crowd.read(there[0], &ball, 1) == 1)
		crowd.write(back[1], &ball, 1);
}

static void ping(void)
{
	char ball = 'o';

	if (crowd.write(there[1], &ball, 1) != 1 || crowd.read(back[0], &ball, 1) != 1)
		failed = 1;
}

static uint64_t ping_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		ping();
	return n;
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double rate(void)
{
	return 1e9 / micro_ns(ping_loop);
}

static double cpu_each(void)
{
	double began_ns = micro_now_ns(), began_us = cpu_us();
	unsigned n = 0;

	do {
		crowd.sleep(PING_NS);
		ping();
		n++;
	} while (micro_now_ns() - began_ns < micro_least_ns());
	return (cpu_us() - began_us) / n;
}

/* More descriptors than the usual 1,024 may have to be asked for. */
static double room_make(unsigned n)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= n + SPARE)
		return 0;
	limit.rlim_cur = n + SPARE;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return micro_cannot("no more than %lu descriptors",
				    (unsigned long)limit.rlim_max);
	return 0;
}

static int opened(int fd)
{
	int err = fd < 0 ? -errno : crowd.open(fd);

	return err < 0 ? err : fd;
}

static double pipes_open(void)
{
	int err = pipe(there) < 0 || pipe(back) < 0 ? -errno : 0;

	for (int i = 0; i < 2 && err >= 0; i++) {
		err = opened(there[i]);
		if (err >= 0)
			err = opened(back[i]);
	}
	return err < 0 ? micro_cannot("pipe: %s", strerror(-err)) : 0;
}

static double idle_open(unsigned n)
{
	idle = calloc(n + 1, sizeof *idle);
	for (unsigned i = 0; idle && i < n; i++) {
		idle[i] = opened(eventfd(0, 0));
		if (idle[i] < 0)
			return micro_cannot("descriptor %u of %u: %s", i, n,
					    strerror(-idle[i]));
	}
	return idle ? 0 : micro_cannot("no memory");
}

/* Wake all, so that they end. */
static void finish(unsigned n)
{
	const eventfd_t one = 1;

	for (unsigned i = 0; i < n; i++)
		crowd.write(idle[i], &one, sizeof one);
	crowd.close(there[1]);
	if (!crowd_join())
		return;
	for (unsigned i = 0; i < n; i++)
		crowd.close(idle[i]);
	crowd.close(there[0]);
	crowd.close(back[0]);
	crowd.close(back[1]);
	free(idle);
}

static double beside(unsigned n, double (*measure)(void))
{
	double value = crowd_room(n);

	if (value == 0)
		value = room_make(n);
	if (value == 0)
		value = pipes_open();
	if (value == 0)
		value = idle_open(n);
	if (value == 0)
		value = crowd_start(n + 1, player_run);
	if (isnan(value))
		return value;
	if (crowd_await(n + 1, begun_count)) {
		ping_loop(2);
		value = measure();
	} else {
		value = micro_cannot("not all began in %d s", CROWD_START_S);
	}
	finish(n);
	begun = 0;
	return failed ? micro_cannot("a pipe failed") : value;
}

double busywait(unsigned n)
{
	return beside(n, rate);
}

double busywait_cpu(unsigned n)
{
	return beside(n, cpu_each);
}
