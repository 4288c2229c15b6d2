/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd.c - many threads are started: as far as memory, the kernel and the time go. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 128, LOOK_EVERY = 256, KIB_PER_MIB = 1024, MS_NS = 1000000, END_S = 2 };

/* A thread's: what it does; its number is the place's. */
static struct place {
	void (*run)(unsigned number);
} * places;

static unsigned started;

/* In memory that processes share. */
static struct common {
	pthread_rwlock_t gate; /* for those that preempt */
	_Atomic(unsigned) begun, ended;
} * common;

static const double share = 0.7; /* of what there is: the rest is for others */

/* The number in a file's first line that has this before it; NAN. */
static double number_in(const char *path, const char *before)
{
	char line[LINE], *end;
	double number = NAN;
	FILE *from = fopen(path, "re");

	while (from && isnan(number) && fgets(line, sizeof line, from)) {
		const char *digits = line + strlen(before);

		if (strncmp(line, before, strlen(before)) != 0)
			continue;
		number = strtod(digits, &end);
		number = end == digits ? NAN : number;
	}
	if (from)
		fclose(from);
	return number;
}

static double room_memory(unsigned n)
{
	double needed_kib = (double)n * crowd.kib_each;
	double there_kib = number_in("/proc/meminfo", "MemAvailable:");

	if (!(needed_kib > share * there_kib)) /* also where it is not known */
		return 0;
	return micro_cannot("about %.0f MiB are needed, %.0f there",
			    needed_kib / KIB_PER_MIB, there_kib / KIB_PER_MIB);
}

/* Where the numbers run out nobody else can start anything. */
static double room_numbers(unsigned n)
{
	double most = fmin(number_in("/proc/sys/kernel/pid_max", ""),
			   number_in("/proc/sys/kernel/threads-max", ""));

	if (!crowd.preempts || !(n > share * most))
		return 0;
	return micro_cannot("all of the kernel's threads are %.0f", most);
}

double crowd_room(unsigned n)
{
	double value = started ? micro_cannot("the last ones have not ended") : 0;

	if (value == 0 && crowd.most && n > crowd.most)
		value = micro_cannot("a turn of all would take tens of seconds");
	if (value == 0)
		value = room_memory(n);
	return value == 0 ? room_numbers(n) : value;
}

static void *begin(void *arg)
{
	struct place *place = arg;

	if (crowd.preempts)
		pthread_rwlock_rdlock(&common->gate);
	common->begun++;
	place->run((unsigned)(place - places));
	common->ended++;
	return arg;
}

static _Bool late(double began_ns, double most_s)
{
	return micro_now_ns() - began_ns > most_s * 1e9;
}

/* With the gate shut. */
static double common_make(void)
{
	pthread_rwlockattr_t attr;
	struct common *c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		return micro_cannot("no memory");
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_rwlock_init(&c->gate, &attr);
	pthread_rwlock_wrlock(&c->gate);
	common = c;
	return 0;
}

static double start_all(unsigned n, void (*run)(unsigned number))
{
	double began_ns = micro_now_ns();

	places = calloc(n, sizeof *places);
	for (unsigned i = 0; i < n; i++) {
		int err = places ? 0 : -ENOMEM;

		if (places)
			places[i].run = run;
		if (err == 0)
			err = crowd.start(begin, &places[i]);
		if (err < 0)
			return micro_cannot("%s after %u", strerror(-err), i);
		started++;
		if (i % LOOK_EVERY == 0 && late(began_ns, CROWD_START_S))
			return micro_cannot("only %u were started in %d s", i,
					    CROWD_START_S);
	}
	return 0;
}

double crowd_start(unsigned n, void (*run)(unsigned number))
{
	double value = common_make();

	if (isnan(value))
		return value;
	value = start_all(n, run);
	pthread_rwlock_unlock(&common->gate);
	return value;
}

static _Bool await(unsigned n, unsigned (*count)(void), double most_s)
{
	double began_ns = micro_now_ns();

	while (count() < n && !late(began_ns, most_s))
		crowd.sleep(MS_NS);
	return count() >= n;
}

unsigned crowd_begun(void)
{
	return common->begun;
}

static unsigned crowd_ended(void)
{
	return common->ended;
}

_Bool crowd_await(unsigned n)
{
	return await(n, crowd_begun, CROWD_START_S);
}

_Bool crowd_join(void)
{
	if (!common)
		return 1;
	if (crowd.join)
		crowd.join();
	else if (!await(started, crowd_ended, END_S))
		return 0;
	started = 0;
	munmap(common, sizeof *common);
	common = NULL;
	free(places);
	return 1;
}

int crowd_unblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return fd;
}
