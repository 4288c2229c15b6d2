/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber.c - a fiber's life: made, begun, ended, waited for.  Its descriptor outlives
 * it: a name that is used too late is told by the generation. */
#include "config.h"

#include "annotate.h"
#include "queue.h"
#include "worker.h"

#include <errno.h>
#include <time.h>

uint64_t fiber_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The first on the new stack. */
static void begin(void *arg)
{
	struct fiber *f = arg;

	switched();
	fiber_exit(f->run(f->arg));
}

static void set(struct fiber *f, const struct fiber_attr *attr, void *(*run)(void *arg),
		void *arg)
{
	f->run = run;
	f->arg = arg;
	f->result = NULL;
	f->joiner = NULL;
	f->name = attr ? attr->name : NULL;
	f->detached = attr && attr->detached;
	f->kind = WAIT_NONE;
	f->canary = f->stack.guard == STACK_GUARD_CANARY;
}

int fiber_create(struct fiber_id *id, const struct fiber_attr *attr,
		 void *(*run)(void *arg), void *arg)
{
	struct worker *w = worker_self();
	size_t asked = attr && attr->stack_size ? attr->stack_size
						: fiber_runtime.options.stack_size;
	size_t size = stack_pages(asked);
	struct fiber *f;

	if (!w)
		return -EPERM;
	if (asked < FIBER_STACK_MIN || size < asked || !run ||
	    (!id && !(attr && attr->detached)))
		return -EINVAL;
	f = fiber_get(w);
	if (!f)
		return -EAGAIN;
	if (stack_get(&w->stacks, size, &f->stack) < 0) {
		fiber_put(w, f);
		return -EAGAIN;
	}
	set(f, attr, run, arg);
	annotate_make(f);
	context_make(&f->context, stack_top(&f->stack), begin, f);
	f->worker = w;
	if (id)
		*id = (struct fiber_id){
			f, atomic_load_explicit(&f->generation, memory_order_relaxed)};
	worker_count(w, FIBER_COUNT_CREATED);
	ready_put(w, f);
	return 0;
}

struct fiber_id fiber_self(void)
{
	struct fiber *f = worker_self()->current;

	return (struct fiber_id){
		f, atomic_load_explicit(&f->generation, memory_order_relaxed)};
}

void fiber_exit(void *result)
{
	struct fiber *f = worker_self()->current;

	keys_destroy(f);
	guard_take(&f->guard);
	f->result = result;
	if (f->joiner && wait_claim(f->joiner))
		wait_wake(f->joiner);
	worker_end_fiber();
}

/* Take the guard of the fiber of that name.  0; -ESRCH; -EINVAL: nobody may join it. */
static int take(struct fiber_id id)
{
	struct fiber *f = id.fiber;

	if (!f)
		return -ESRCH;
	guard_take(&f->guard);
	if (atomic_load_explicit(&f->generation, memory_order_acquire) !=
		    id.generation ||
	    atomic_load_explicit(&f->state, memory_order_relaxed) == FIBER_FREE) {
		guard_drop(&f->guard);
		return -ESRCH;
	}
	if (f->detached || f->joiner) {
		guard_drop(&f->guard);
		return -EINVAL;
	}
	return 0;
}

static bool has_ended(struct fiber *f)
{
	return atomic_load_explicit(&f->state, memory_order_acquire) == FIBER_ENDED;
}

int fiber_join(struct fiber_id id, void **result)
{
	struct fiber *f = id.fiber, *me = fiber_current();
	int error;

	if (!me)
		return -EPERM;
	if (f == me && id.generation == fiber_self().generation)
		return -EDEADLK;
	error = take(id);
	if (error)
		return error;
	if (!has_ended(f)) {
		f->joiner = me;
		wait_for(&f->guard, WAIT_JOIN, f, FIBER_FOREVER);
		guard_take(&f->guard); /* it is off its stack */
	}
	if (result)
		*result = f->result;
	fiber_put(worker_self(), f);
	guard_drop(&f->guard);
	return 0;
}

int fiber_detach(struct fiber_id id)
{
	int error = worker_here ? take(id) : -EPERM;

	if (error)
		return error;
	if (has_ended(id.fiber))
		fiber_put(worker_self(), id.fiber);
	else
		id.fiber->detached = true;
	guard_drop(&id.fiber->guard);
	return 0;
}

void fiber_sleep_ns(uint64_t ns)
{
	uint64_t now_ns = fiber_now_ns();

	wait_for(NULL, WAIT_SLEEP, NULL,
		 ns < FIBER_FOREVER - now_ns ? now_ns + ns : FIBER_FOREVER - 1);
}
