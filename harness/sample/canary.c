/* SPDX-License-Identifier: BSD-2-Clause */
/* canary.c - a fixed piece of work on each CPU.  It is cut into pieces of about 1 ms,
 * each timed, so that the best piece tells the CPU's own pace. */
#include "config.h"

#include "harness/sample/canary.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "harness/clock.h"
#include "harness/sample/cpulist.h"
#include "harness/sample/host.h"

enum { PIECES = 200, PIECE_NS = 1000000, FIRST_ROUNDS = 1024 };

struct worker {
	pthread_t thread;
	int cpu, error;
	uint64_t rounds, wall_ns, best_ns;
	uint64_t result; /* so that the work cannot be left out */
};

/* Marsaglia's xorshift64: every round needs the one before, and no memory. */
static uint64_t piece_run(uint64_t x, uint64_t rounds)
{
	while (rounds-- > 0) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x;
}

static uint64_t rounds_find(void)
{
	uint64_t rounds = FIRST_ROUNDS, x = 1;

	for (;;) {
		uint64_t begin_ns = clock_now_ns();

		x = piece_run(x, rounds);
		if (clock_now_ns() - begin_ns >= PIECE_NS || x == 0)
			return rounds;
		rounds *= 2;
	}
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	uint64_t begin_ns, last_ns;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)w->cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one) < 0) {
		w->error = -errno;
		return NULL;
	}
	w->best_ns = UINT64_MAX;
	w->result = (uint64_t)w->cpu + 1;
	begin_ns = last_ns = clock_now_ns();
	for (int i = 0; i < PIECES; i++) {
		w->result = piece_run(w->result, w->rounds);
		uint64_t at_ns = clock_now_ns();

		if (at_ns - last_ns < w->best_ns)
			w->best_ns = at_ns - last_ns;
		last_ns = at_ns;
	}
	w->wall_ns = last_ns - begin_ns;
	return NULL;
}

/* Start one worker per CPU and wait for all; returns 0 or the first error. */
static int workers_run(struct worker *workers, int n)
{
	int started = 0, rc = 0;

	for (; started < n && rc == 0; started += rc == 0)
		rc = -pthread_create(&workers[started].thread, NULL, worker_run,
				     &workers[started]);
	for (int i = 0; i < started; i++) {
		pthread_join(workers[i].thread, NULL);
		if (rc == 0)
			rc = workers[i].error;
	}
	return rc;
}

static double slowdown_of(struct canary *c, const struct worker *w)
{
	uint64_t *best_ns = &c->best_ns[w->cpu];

	if (*best_ns == 0 || w->best_ns < *best_ns)
		*best_ns = w->best_ns;
	return (double)w->wall_ns / ((double)*best_ns * PIECES);
}

static int measure(struct canary *c, const cpu_set_t *cpus, struct worker *workers,
		   struct canary_report *out)
{
	struct host_cpu before, after;
	int n = CPU_COUNT(cpus);
	struct host host;
	int rc = host_open(&host);

	if (rc < 0)
		return rc;
	host_cpus(&host, cpus, &before, 1);
	uint64_t begin_ns = clock_now_ns();
	rc = workers_run(workers, n);
	out->wall_ns = clock_now_ns() - begin_ns;
	host_cpus(&host, cpus, &after, 1);
	host_close(&host);

	out->steal_share =
		(after.steal_s - before.steal_s) * 1e9 / ((double)out->wall_ns * n);
	out->slowdown = 1;
	for (int i = 0; i < n && rc == 0; i++)
		out->slowdown = fmax(out->slowdown, slowdown_of(c, &workers[i]));
	return rc;
}

int canary_run(struct canary *c, const char *list, struct canary_report *out)
{
	cpu_set_t cpus;
	int n = cpulist_parse(list, &cpus);

	if (n < 0)
		return n;
	struct worker *workers = calloc((size_t)n, sizeof *workers);
	if (!workers)
		return -ENOMEM;
	if (c->rounds == 0)
		c->rounds = rounds_find();
	for (int cpu = 0, i = 0; i < n; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &cpus))
			continue;
		workers[i].cpu = cpu;
		workers[i++].rounds = c->rounds;
	}
	int rc = measure(c, &cpus, workers, out);
	free(workers);
	return rc;
}
