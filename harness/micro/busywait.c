/* SPDX-License-Identifier: BSD-2-Clause */
/* busywait.c - what threads that wait cost those that run.  Jones (Lecture notes 31,
 * 1998, section 4): a call that would block is tried again and again, and between two
 * attempts the others run (relinquish), or its thread is put aside and notified.  Here
 * n threads each wait for an eventfd(2) nobody writes to, beside two that play
 * ping-pong over pipes. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/micro/crowd.h"

enum { PING_NS = 1000000, SPARE = 32, BALL = 'o', END = 'e' };

/* The pipes come first, so that their descriptors are small: some runtimes look at all
 * up to the largest that is waited for. */
static int there[2], back[2], *idle;
static _Bool failed;

/* Thread 0 plays; the others wait. */
static void player_run(unsigned number)
{
	eventfd_t news;
	char ball;

	if (number > 0) {
		crowd.read(idle[number - 1], &news, sizeof news);
		return;
	}
	while (crowd.read(there[0], &ball, 1) == 1 && ball == BALL)
		crowd.write(back[1], &ball, 1);
}

static void ping(void)
{
	char ball = BALL;

	if (crowd.write(there[1], &ball, 1) != 1 || crowd.read(back[0], &ball, 1) != 1)
		failed = 1;
}

static uint64_t ping_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		ping();
	return n;
}

static double others_cpu_ns(void)
{
	return crowd.others_cpu_ns ? crowd.others_cpu_ns() : 0;
}

static double rate(void)
{
	return 1e9 / micro_ns(ping_loop);
}

/* To look at the others takes time of our own: outside of what is measured. */
static double cpu_each(void)
{
	double others_ns = others_cpu_ns(), own_ns = micro_cpu_now_ns();
	double began_ns = micro_now_ns();
	unsigned n = 0;

	do {
		crowd.sleep(PING_NS);
		ping();
		n++;
	} while (micro_now_ns() - began_ns < micro_least_ns());
	own_ns = micro_cpu_now_ns() - own_ns;
	return (own_ns + others_cpu_ns() - others_ns) / 1e3 / n;
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
	const char end = END;

	for (unsigned i = 0; i < n; i++)
		crowd.write(idle[i], &one, sizeof one);
	crowd.write(there[1], &end, 1);
	if (!crowd_join())
		return;
	for (unsigned i = 0; i < n; i++)
		crowd.close(idle[i]);
	crowd.close(there[0]);
	crowd.close(there[1]);
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
	if (crowd_await(n + 1)) {
		ping_loop(2);
		value = measure();
	} else {
		value = micro_cannot("not all began in %d s", CROWD_START_S);
	}
	finish(n);
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
