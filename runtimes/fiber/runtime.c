/* SPDX-License-Identifier: BSD-2-Clause */
/* runtime.c - the runtime's beginning and end: options, workers, the first fiber. */
#include "config.h"

#include "descriptor.h"
#include "overflow.h"
#include "report.h"
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { HELPERS = 4, STACKS_POOLED = 1024, WORKERS_MOST = 1024, HELPERS_MOST = 1024 };

struct first {
	int (*main)(void *arg);
	void *arg;
};

static void *first_run(void *arg)
{
	struct first *first = arg;

	root_stop(first->main(first->arg));
	worker_self()->look_at = 0; /* to the root, past all that are ready */
	return NULL;
}

/* The child of fork(2) has this kernel thread alone, and shares the back end with its
 * parent: so it may not switch.  Whatever tries goes to the root, which ends it. */
static void after_fork(void)
{
	struct worker *w = worker_self();

	if (!w)
		return;
	fiber_runtime.forked = true;
	fiber_runtime.worker_count = 1;
	w->ready = w->paused = (struct fiber_queue){NULL, NULL};
	w->look_at = 0;
}

static void fork_watch(void)
{
	pthread_atfork(NULL, NULL, after_fork);
}

static bool load_is_known(const struct fiber_options *o)
{
	if (strcmp(o->load, "uring") == 0)
		return fiber_runtime.ops->preadv != NULL;
	return strcmp(o->load, "inline") == 0 || strcmp(o->load, "helpers") == 0;
}

static int options_set(const struct fiber_options *options)
{
	struct runtime *r = &fiber_runtime;
	struct fiber_options *o = &r->options;

	if (options)
		*o = *options;
	o->wait = o->wait ? o->wait : "epoll";
	o->load = o->load ? o->load : "inline";
	o->workers = o->workers ? o->workers : 1;
	o->helpers = o->helpers ? o->helpers : HELPERS;
	o->stack_size =
		stack_pages(o->stack_size ? o->stack_size : FIBER_STACK_DEFAULT);
	o->stacks_pooled = o->stacks_pooled ? o->stacks_pooled : STACKS_POOLED;
	r->ops = wait_named(o->wait);
	r->worker_count = o->workers;
	if (!r->ops || !load_is_known(o) || o->workers > WORKERS_MOST ||
	    o->helpers > HELPERS_MOST || o->stack_size < FIBER_STACK_MIN)
		return -EINVAL;
	return 0;
}

static int wait_open(struct worker *w)
{
	int error = 0;

	w->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->bell < 0)
		return -errno;
	if (fiber_runtime.ops->open)
		error = fiber_runtime.ops->open(w);
	if (error)
		close(w->bell);
	return error;
}

static void worker_close(struct worker *w)
{
	if (fiber_runtime.ops->close)
		fiber_runtime.ops->close(w);
	close(w->bell);
	stack_pool_free(&w->stacks);
	fibers_free(w);
}

/* Returns how many are open: fewer than there should be, with the error in *error. */
static unsigned workers_open(int *error)
{
	struct runtime *r = &fiber_runtime;

	for (unsigned i = 0; i < r->worker_count; i++) {
		struct worker *w = &r->workers[i];

		w->number = i;
		wheel_init(&w->wheel, fiber_now_ns());
		stack_pool_init(&w->stacks, r->options.stack_size,
				r->options.stacks_pooled);
		if (i > 0)
			stack_pool_share(&w->stacks, &r->workers[0].stacks);
		*error = wait_open(w);
		if (*error)
			return i;
	}
	return r->worker_count;
}

static void *thread_run(void *arg)
{
	overflow_watch(arg);
	root_run(arg);
	overflow_unwatch(arg);
	return NULL;
}

/* All workers but the first have kernel threads of their own, without signals: those
 * are for the first.  Returns how many were started. */
static unsigned threads_start(pthread_t *threads, int *error)
{
	unsigned n = 0;
	sigset_t all, before;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV); /* an overflow is the fiber's own */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (!*error && n + 1 < fiber_runtime.worker_count) {
		*error = -pthread_create(&threads[n], NULL, thread_run,
					 &fiber_runtime.workers[n + 1]);
		n += !*error;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return n;
}

static int run_workers(struct first *first)
{
	static const struct fiber_attr attr = {.detached = true, .name = "main"};
	struct runtime *r = &fiber_runtime;
	pthread_t *threads = calloc(r->worker_count, sizeof *threads);
	int error = threads ? 0 : -ENOMEM;
	unsigned n = 0;

	worker_adopt(&r->workers[0]);
	if (!error)
		error = fiber_create(NULL, &attr, first_run, first);
	if (!error)
		n = threads_start(threads, &error);
	if (error)
		root_stop(error);
	root_run(&r->workers[0]);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return r->result;
}

int fiber_run(const struct fiber_options *options, int (*main)(void *arg), void *arg)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct runtime *r = &fiber_runtime;
	struct first first = {main, arg};
	unsigned open;
	int result;

	if (r->workers)
		return -EBUSY;
	pthread_once(&once, fork_watch);
	result = options_set(options);
	if (result < 0)
		return result;
	r->workers = aligned_alloc(CACHE_LINE, r->worker_count * sizeof *r->workers);
	if (!r->workers)
		return -ENOMEM;
	memset(r->workers, 0, r->worker_count * sizeof *r->workers);
	open = workers_open(&result);
	if (!result)
		result = helpers_start(r->options.helpers);
	if (!result) {
		overflow_watch(&r->workers[0]);
		result = run_workers(&first);
		overflow_unwatch(&r->workers[0]);
		helpers_stop();
	}
	while (open > 0)
		worker_close(&r->workers[--open]);
	descriptors_free();
	free(r->workers);
	memset(r, 0, sizeof *r);
	return result;
}

void fiber_counters(struct fiber_counters *c)
{
	*c = (struct fiber_counters){0};
	for (unsigned i = 0; i < fiber_runtime.worker_count; i++) {
		struct worker *w = &fiber_runtime.workers[i];

		for (int k = 0; k < FIBER_COUNTS; k++)
			c->count[k] += w->count[k];
		c->stacks_mapped += w->stacks.mapped;
	}
	c->stack_high_water = report_high_water();
	c->live = c->count[FIBER_COUNT_CREATED] - c->count[FIBER_COUNT_ENDED];
}

const char *fiber_guard_name(void)
{
	return stack_guard_name(stack_guard_best());
}
