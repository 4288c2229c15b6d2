/* SPDX-License-Identifier: BSD-2-Clause */
/* fan_threads.c - parallel calls as kernel threads have them: spawn one a part, join
 * them all.  The one that fails tells the others through a condition; nobody is
 * cancelled from outside, since a thread that is ended may hold anything. */
#include "config.h"

#include "fan_runs.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

enum { STACK_SIZE = 64 << 10 };

struct call {
	const struct fan *fan;
	pthread_mutex_t mutex; /* guards over, result */
	pthread_cond_t ended;
	bool over; /* a part failed: the others need not go on */
	int result;
};

struct part {
	struct call *call;
	unsigned number;
	pthread_t thread;
};

static struct timespec deadline(uint64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns += (uint64_t)t.tv_nsec;
	t.tv_sec += (time_t)(ns / 1000000000);
	t.tv_nsec = (long)(ns % 1000000000);
	return t;
}

static void fail(struct call *call, int result)
{
	call->over = true;
	call->result = result;
	pthread_cond_broadcast(&call->ended);
}

static void *part_run(void *arg)
{
	struct part *p = arg;
	struct call *call = p->call;
	struct timespec until = deadline(fan_part_ns(call->fan, p->number));
	int waited = 0;

	pthread_mutex_lock(&call->mutex);
	while (!call->over && waited == 0)
		waited = pthread_cond_timedwait(&call->ended, &call->mutex, &until);
	if (!call->over && fan_part_result(call->fan, p->number) < 0)
		fail(call, fan_part_result(call->fan, p->number));
	pthread_mutex_unlock(&call->mutex);
	return NULL;
}

/* Returns how many could be had; if not all, the call has failed. */
static unsigned spawn_all(struct call *call, struct part *parts)
{
	pthread_attr_t attr;
	unsigned made = 0;
	int error = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (made < call->fan->n) {
		parts[made] = (struct part){.call = call, .number = made};
		error = pthread_create(&parts[made].thread, &attr, part_run,
				       &parts[made]);
		if (error)
			break;
		made++;
	}
	pthread_attr_destroy(&attr);
	if (error) {
		pthread_mutex_lock(&call->mutex);
		fail(call, -error);
		pthread_mutex_unlock(&call->mutex);
	}
	return made;
}

int fan_threads(const struct fan *f)
{
	struct call call = {.fan = f, .mutex = PTHREAD_MUTEX_INITIALIZER};
	struct part parts[FAN_MAX];
	pthread_condattr_t monotonic;
	unsigned made;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&call.ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	made = spawn_all(&call, parts);
	for (unsigned i = 0; i < made; i++)
		pthread_join(parts[i].thread, NULL);
	pthread_cond_destroy(&call.ended);
	pthread_mutex_destroy(&call.mutex);
	return call.result;
}
