/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.c - the scheduler: a queue of ready fibers a worker, O(1) to put and to take.
 * A fiber that blocks switches straight to the next that is ready; if there is none, to
 * the root, which is the kernel thread's own stack and waits for what is outside
 * (root.c). */
#include "config.h"

#include "worker.h"

#include "annotate.h"
#include "overflow.h"
#include "queue.h"
#include "yield.h"

#include <errno.h>
#include <sched.h>
#include <sys/eventfd.h>

enum {
	SPINS_MOST = 100 /* on a guard, before its holder is taken to be off the CPU */
};

struct runtime fiber_runtime;

_Thread_local struct worker *worker_here, *worker_alone;

/* Not inlined: the compiler would take the variable's address before a switch and use
 * it after, on another kernel thread. */
__attribute__((noinline)) struct worker *worker_self(void)
{
	__asm__ volatile("");
	return worker_here;
}

void worker_adopt(struct worker *w)
{
	worker_here = w;
	worker_alone = several_workers() ? NULL : w;
}

struct fiber *fiber_current(void)
{
	struct worker *w = worker_self();

	return w ? w->current : NULL;
}

void guard_take_contended(struct fiber_guard *g)
{
	unsigned spins = 0;

	while (atomic_exchange_explicit(&g->held, 1, memory_order_acquire))
		if (++spins % SPINS_MOST == 0)
			sched_yield();
}

void worker_ring(struct worker *w)
{
	(void)!eventfd_write(w->bell, 1);
}

/* A fiber more than its worker can run at once, and a worker that has none: wake it to
 * steal. */
static void share(struct worker *w)
{
	struct runtime *r = &fiber_runtime;

	for (unsigned i = 1; i < r->worker_count; i++) {
		struct worker *other = &r->workers[(w->number + i) % r->worker_count];

		if (atomic_exchange(&other->asleep, false)) {
			worker_ring(other);
			return;
		}
	}
}

void ready_put(struct worker *w, struct fiber *f)
{
	bool more;

	atomic_store_explicit(&f->state, FIBER_READY, memory_order_relaxed);
	guard_take(&w->ready_guard);
	more = w->ready.head;
	list_put(&w->ready, f);
	guard_drop(&w->ready_guard);
	if (more && several_workers() && atomic_load(&fiber_runtime.asleep))
		share(w);
}

bool others_are_ready(struct worker *w)
{
	bool are;

	guard_take(&w->ready_guard);
	are = w->ready.head;
	guard_drop(&w->ready_guard);
	return are;
}

static inline struct fiber *take(struct worker *w)
{
	struct fiber *f;

	guard_take(&w->ready_guard);
	f = list_take(&w->ready);
	guard_drop(&w->ready_guard);
	return f;
}

struct fiber *ready_take(struct worker *w)
{
	return take(w);
}

/* Do for the last fiber what could not be done while it was on its stack. */
void finish_last(struct worker *w)
{
	struct fiber *ended = w->ended, *again = w->again;
	struct fiber_guard *let_go = w->let_go;

	w->left_over = false;
	w->ended = w->again = NULL;
	w->let_go = NULL;
	if (ended) {
		bool detached = ended->detached;

		annotate_end(ended);
		stack_put(&w->stacks, &ended->stack);
		atomic_store_explicit(&ended->state, FIBER_ENDED, memory_order_release);
		if (let_go)
			guard_drop(let_go);
		if (detached)
			fiber_put(w, ended);
		return;
	}
	if (let_go)
		guard_drop(let_go);
	if (again)
		ready_put(w, again);
}

static inline void arrived(void)
{
	struct worker *w = worker_self(); /* maybe another than before */

	annotate_arrive(w->current);
	if (w->left_over)
		finish_last(w);
}

void switched(void)
{
	arrived();
}

static inline void go_to(struct worker *w, struct fiber *to)
{
	struct fiber *from = w->current;

	w->current = to;
	to->worker = w;
	worker_count(w, FIBER_COUNT_SWITCHES);
	atomic_store_explicit(&to->state, FIBER_RUNNING, memory_order_relaxed);
	annotate_leave(from, to, w->ended == from);
	context_switch(&from->context, &to->context);
	arrived();
}

void switch_to(struct worker *w, struct fiber *to)
{
	go_to(w, to);
}

/* Who runs next: the first that is ready, or the root, also when it is time for it. */
static inline struct fiber *next(struct worker *w)
{
	struct fiber *f = NULL;

	if (!root_is_due(w) &&
	    !(several_workers() &&
	      atomic_load_explicit(&fiber_runtime.stopping, memory_order_relaxed)))
		f = take(w);
	return f ? f : &w->root;
}

void yield_at_length(void)
{
	struct worker *w = worker_here;
	struct fiber *f = w->current, *to = next(w);

	if (to == &w->root && !root_is_due(w)) { /* alone */
		w->look_at--;
		return;
	}
	if (several_workers()) {
		w->again = f; /* or another would run it while it still runs here */
		w->left_over = true;
	} else {
		atomic_store_explicit(&f->state, FIBER_READY, memory_order_relaxed);
		list_put(&w->ready, f);
	}
	go_to(w, to);
}

void fiber_yield(void)
{
	fiber_yield_inlined();
}

void fiber_pause(void)
{
	struct worker *w = worker_self();

	atomic_store_explicit(&w->current->state, FIBER_READY, memory_order_relaxed);
	list_put(&w->paused, w->current); /* its own root alone looks there */
	w->look_at = 0;
	go_to(w, &w->root);
}

/* Timers are a worker's; a fiber that woke elsewhere takes its own out of there. */
static void timer_off(struct fiber *f)
{
	struct worker *w = f->timer_worker;

	guard_take(&w->wheel_guard);
	wheel_cancel(&w->wheel, &f->timer);
	guard_drop(&w->wheel_guard);
}

static void timer_on(struct worker *w, struct fiber *f, uint64_t deadline_ns)
{
	f->timer_worker = w;
	guard_take(&w->wheel_guard);
	wheel_arm(&w->wheel, &f->timer, deadline_ns);
	guard_drop(&w->wheel_guard);
}

int wait_for(struct fiber_guard *guard, enum wait_kind kind, const void *object,
	     uint64_t deadline_ns)
{
	struct worker *w = worker_here;
	struct fiber *f = w->current;

	overflow_check(f);
	f->kind = kind;
	f->object = object;
	f->timed_out = false;
	if (deadline_ns != FIBER_FOREVER) /* not due before our own root turns it */
		timer_on(w, f, deadline_ns);
	/* pairs with the acquire in report.c, which tells all of the above */
	atomic_store_explicit(&f->state, FIBER_BLOCKED, memory_order_release);
	atomic_store_explicit(&f->waiting, true, memory_order_relaxed);
	if (guard) {
		w->let_go = guard;
		w->left_over = true;
	}
	worker_count(w, FIBER_COUNT_BLOCKS);
	go_to(w, next(w));
	if (deadline_ns != FIBER_FOREVER && !f->timed_out)
		timer_off(f);
	f->kind = WAIT_NONE;
	return f->timed_out ? -ETIMEDOUT : 0;
}

bool wait_claim(struct fiber *f)
{
	if (several_workers() || !worker_here)
		return atomic_exchange_explicit(&f->waiting, false,
						memory_order_acq_rel);
	if (!atomic_load_explicit(&f->waiting, memory_order_relaxed))
		return false;
	atomic_store_explicit(&f->waiting, false, memory_order_relaxed);
	return true;
}

/* From another kernel thread: into the worker's inbox, which it looks into before it
 * sleeps.  The order of the two, put then look at asleep, here, and asleep then look
 * into the inbox, in root.c, is what loses no wake-up: hence the strict order of both.
 */
static void post(struct worker *w, struct fiber *f)
{
	struct fiber *first = atomic_load_explicit(&w->inbox, memory_order_relaxed);

	atomic_fetch_add(&fiber_runtime.woken, 1);
	do
		f->next_ready = first;
	while (!atomic_compare_exchange_weak(&w->inbox, &first, f));
	if (atomic_exchange(&w->asleep, false))
		worker_ring(w);
}

void wait_wake(struct fiber *f)
{
	if (f->worker == worker_here)
		ready_put(f->worker, f);
	else
		post(f->worker, f);
}

bool queue_wake(struct fiber_queue *q, intptr_t value)
{
	struct fiber *f;

	while ((f = queue_take(q)))
		if (wait_claim(f)) {
			f->value = value;
			wait_wake(f);
			return true;
		}
	return false;
}

/* The fiber's end, its guard held: whoever waits for it may go on once it is off its
 * stack. */
void worker_end_fiber(void)
{
	struct worker *w = worker_self();

	overflow_check(w->current);
	w->ended = w->current;
	w->let_go = &w->current->guard;
	w->left_over = true;
	worker_count(w, FIBER_COUNT_ENDED);
	go_to(w, next(w));
	__builtin_unreachable();
}
