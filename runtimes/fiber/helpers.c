/* SPDX-License-Identifier: BSD-2-Clause */
/* helpers.c - calls that block a kernel thread, on kernel threads of their own: a queue
 * of them, each lying on the stack of the fiber that waits for it. */
#include "config.h"

#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct job {
	struct job *next;
	int (*call)(void *arg);
	void *arg;
	int result;
	struct fiber *fiber;
	struct fiber_guard guard; /* held until the fiber is off its stack */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;
static bool stopping;

static pthread_t *threads; /* set while no fiber runs */
static unsigned count;

static void submit(struct job *j)
{
	pthread_mutex_lock(&mutex);
	*last = j;
	last = &j->next;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
}

/* NULL: stop. */
static struct job *take(void)
{
	struct job *j;

	pthread_mutex_lock(&mutex);
	while (!first && !stopping)
		pthread_cond_wait(&changed, &mutex);
	j = stopping ? NULL : first;
	if (j) {
		first = j->next;
		if (!first)
			last = &first;
	}
	pthread_mutex_unlock(&mutex);
	return j;
}

/* With one worker the guard is open, and its fiber may still be on its way to sleep:
 * that takes a moment, and nobody else will claim it.  Once it is awake the job is gone
 * with its stack. */
static void done(struct job *j)
{
	struct fiber *f = j->fiber;

	guard_take(&j->guard);
	while (!wait_claim(f))
		sched_yield();
	guard_drop(&j->guard);
	wait_wake(f);
}

static void *help(void *arg)
{
	struct job *j;

	while ((j = take())) {
		j->result = j->call(j->arg);
		done(j);
	}
	return arg;
}

int fiber_call(int (*call)(void *arg), void *arg)
{
	struct job j = {.call = call, .arg = arg, .fiber = fiber_current()};

	if (count == 0)
		return call(arg);
	guard_take(&j.guard);
	submit(&j);
	wait_outside(&j.guard, WAIT_CALL, (const void *)(uintptr_t)call, FIBER_FOREVER);
	return j.result;
}

/* Signals are for the program's own threads. */
static int start_one(pthread_t *thread)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(thread, NULL, help, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int helpers_start(unsigned n)
{
	int err = 0;

	if (strcmp(fiber_runtime.options.load, "inline") == 0)
		return 0;
	stopping = false;
	threads = calloc(n, sizeof *threads);
	if (!threads)
		return -ENOMEM;
	for (unsigned i = 0; i < n && err == 0; i++) {
		err = start_one(&threads[i]);
		count += err == 0;
	}
	if (err < 0)
		helpers_stop();
	return err;
}

/* What is under way ends first; what has not begun is given up. */
void helpers_stop(void)
{
	pthread_mutex_lock(&mutex);
	stopping = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	threads = NULL;
	count = 0;
	first = NULL;
	last = &first;
}
