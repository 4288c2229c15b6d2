/* SPDX-License-Identifier: BSD-2-Clause */
/* receiver.c - frames that were handed over are counted by softnet_stat, and what a
 * thread of NAPI used by its schedstat. */
#include "config.h"

#include "harness/bench/receiver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/bench/testbed.h"
#include "harness/sample/cpulist.h"
#include "harness/targets/places.h"

enum { HANDED_LEAST = 10 }; /* times, if receiving is done by who received */
enum { HANDED = 9, CPU = 12, FIELDS = 13, LINE = 256 }; /* of softnet_stat */
enum { PATH_TEXT = PATH_MAX + 16 };

/* Its `HANDED`, if the line's CPU is of the set; else 0.  NAN: an older kernel's. */
static double handed_of(const char *line, const cpu_set_t *cpus)
{
	unsigned long field[FIELDS];
	for (int i = 0; i < FIELDS; i++) {
		char *end;
		field[i] = strtoul(line, &end, 16);
		if (end == line)
			return (double)NAN;
		line = end;
	}
	return CPU_ISSET(field[CPU], cpus) ? (double)field[HANDED] : 0;
}

/* How often these CPUs were handed frames that another had taken in, since the machine
 * started; NAN where that is not told. */
static double handed_read(const char *list)
{
	char line[LINE];
	cpu_set_t cpus;
	double sum = 0;
	FILE *from = fopen("/proc/net/softnet_stat", "re");
	if (!from || cpulist_parse(list, &cpus) < 0)
		sum = (double)NAN;
	while (from && fgets(line, sizeof line, from))
		sum += handed_of(line, &cpus);
	if (from)
		fclose(from);
	return sum;
}

/* The first number, in ns (the kernel's Documentation/scheduler/sched-stats.rst). */
static double thread_read(int thread)
{
	char path[PATH_TEXT], line[LINE] = "";
	snprintf(path, sizeof path, "/proc/%d/schedstat", thread);
	FILE *from = fopen(path, "re");
	if (!from)
		return (double)NAN;
	char *got = fgets(line, sizeof line, from);
	fclose(from);
	return got ? strtod(line, NULL) / 1e9 : (double)NAN;
}

void receiver_begin(struct receiver *v, const struct run *r, enum receiving by)
{
	char program[PATH_TEXT];
	*v = (struct receiver){.run = r, .by = by};
	snprintf(program, sizeof program, "%s/duality-netns", place_get(PLACE_LIBEXEC));
	if (r->testbed && by == RECEIVE_THREAD)
		v->thread = testbed_bind(r->testbed, program, r->server_cpus);
}

void receiver_open(struct receiver *v)
{
	v->handed = v->run->testbed ? -handed_read(v->run->server_cpus) : 0;
	v->thread_s = v->thread > 0 ? -thread_read(v->thread) : 0;
}

void receiver_close(struct receiver *v)
{
	v->handed += v->run->testbed ? handed_read(v->run->server_cpus) : 0;
	v->thread_s += v->thread > 0 ? thread_read(v->thread) : 0;
}

void receiver_charge(const struct receiver *v, struct snapshot *window)
{
	if (v->thread <= 0)
		return;
	window->value[METRIC_TASKS_S] -= v->thread_s;
	window->value[METRIC_UNCHARGED_S] += v->thread_s;
}

const char *receiver_billed(const struct receiver *v)
{
	bool server = v->handed >= HANDED_LEAST;
	if (!v->run->testbed)
		return "";
	if (v->by == RECEIVE_THREAD)
		server = v->thread_s > 0;
	return server || v->by == RECEIVE_READ ? "server" : "sender";
}
