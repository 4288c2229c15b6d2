/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd.c - many threads are started: as far as memory, the kernel and the time go. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/micro/micro.h"

enum { LINE = 128, LOOK_EVERY = 256, KIB_PER_MIB = 1024, MS_NS = 1000000 };

/* A thread's: what it does; its number is the place's. */
static struct place {
	void (*run)(unsigned number);
} * places;

static unsigned started;
static _Atomic(unsigned) ended;

static const double memory_share = 0.7; /* the rest is for others */

static double available_kib(void)
{
	char line[LINE];
	double kib = NAN;
	FILE *from = fopen("/proc/meminfo", "re");

	while (from && fgets(line, sizeof line, from))
		if (sscanf(line, "MemAvailable: %lf", &kib) == 1)
			break;
	if (from)
		fclose(from);
	return kib;
}

double crowd_memory(unsigned n, unsigned kib_each)
{
	double needed_kib = (double)n * kib_each, there_kib = available_kib();

	if (!(needed_kib > memory_share * there_kib)) /* also if it is not known */
		return 0;
	return micro_cannot("%u need about %.0f MiB, and of %.0f MiB others need some",
			    n, needed_kib / KIB_PER_MIB, there_kib / KIB_PER_MIB);
}

static void *begin(void *arg)
{
	struct place *place = arg;

	place->run((unsigned)(place - places));
	ended++;
	return arg;
}

static _Bool late(double began_ns)
{
	return micro_now_ns() - began_ns > CROWD_START_S * 1e9;
}

double crowd_start(unsigned n, void (*run)(unsigned number))
{
	double began_ns = micro_now_ns();

	started = ended = 0;
	places = calloc(n, sizeof *places);
	for (unsigned i = 0; i < n; i++, started++) {
		int err = places ? 0 : -ENOMEM;

		if (places)
			places[i].run = run;
		if (err == 0)
			err = crowd.start(begin, &places[i]);
		if (err < 0)
			return micro_cannot("%s after %u", strerror(-err), i);
		if (i % LOOK_EVERY == 0 && late(began_ns))
			return micro_cannot("only %u were started in %d s", i,
					    CROWD_START_S);
	}
	return 0;
}

_Bool crowd_await(unsigned n, unsigned (*count)(void))
{
	double began_ns = micro_now_ns();

	while (count() < n && !late(began_ns))
		crowd.sleep(MS_NS);
	return count() == n;
}

void crowd_join(void)
{
	if (crowd.join)
		crowd.join();
	while (!crowd.join && ended < started)
		crowd.sleep(MS_NS);
	free(places);
}
