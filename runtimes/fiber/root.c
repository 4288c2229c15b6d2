/* SPDX-License-Identifier: BSD-2-Clause */
/* root.c - what a worker's own stack does: it turns the timers, takes what other kernel
 * threads woke, steals where it has nothing, looks at the wait back end, and sleeps
 * there when all of its fibers wait. */
#include "config.h"

#include "annotate.h"
#include "queue.h"
#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void timers_turn(struct worker *w)
{
	struct wheel_timer *t;
	uint64_t now_ns;

	guard_take(&w->wheel_guard);
	now_ns = w->wheel.armed ? fiber_now_ns() : 0;
	while (w->wheel.armed && (t = wheel_expired(&w->wheel, now_ns))) {
		struct fiber *f =
			(struct fiber *)((char *)t - offsetof(struct fiber, timer));

		if (wait_claim(f)) {
			f->timed_out = true;
			ready_put(w, f);
		}
	}
	guard_drop(&w->wheel_guard);
}

/* Those that were put there last are first: turn them round. */
static void inbox_empty(struct worker *w)
{
	struct fiber *f = atomic_load_explicit(&w->inbox, memory_order_relaxed);
	struct fiber *in_order = NULL;

	if (f) /* pairs with the release in worker.c's post */
		f = atomic_exchange(&w->inbox, NULL);
	while (f) {
		struct fiber *before = f->next_ready;

		f->next_ready = in_order;
		in_order = f;
		f = before;
	}
	while (in_order) {
		f = in_order;
		in_order = f->next_ready;
		ready_put(w, f);
	}
}

/* One from the next worker that has any. */
static struct fiber *steal(struct worker *w)
{
	struct runtime *r = &fiber_runtime;

	for (unsigned i = 1; i < r->worker_count; i++) {
		struct fiber *f =
			ready_take(&r->workers[(w->number + i) % r->worker_count]);

		if (f) {
			worker_count(w, FIBER_COUNT_STEALS);
			return f;
		}
	}
	return NULL;
}

static bool idle(struct worker *w)
{
	return !others_are_ready(w) && !atomic_load(&w->inbox);
}

/* The first left by fiber_exit, and now all have ended. */
static bool none_live(void)
{
	uint64_t live = 0;

	for (unsigned i = 0; i < fiber_runtime.worker_count; i++) {
		struct worker *w = &fiber_runtime.workers[i];

		live += atomic_load(&w->count[FIBER_COUNT_CREATED]);
		live -= atomic_load(&w->count[FIBER_COUNT_ENDED]);
	}
	return live == 0;
}

/* All workers are asleep, or about to be: nobody can wake anybody but from outside.
 * They are looked at one after the other, so that one might wake another meanwhile;
 * then `woken` has moved. */
static bool deadlocked(void)
{
	struct runtime *r = &fiber_runtime;
	uint64_t woken = atomic_load(&r->woken);

	if (atomic_load(&r->outside) || atomic_load(&r->asleep) < r->worker_count)
		return false;
	for (unsigned i = 0; i < r->worker_count; i++) {
		struct worker *w = &r->workers[i];
		uint64_t armed;

		guard_take(&w->wheel_guard);
		armed = w->wheel.armed;
		guard_drop(&w->wheel_guard);
		if (armed || !idle(w))
			return false;
	}
	return atomic_load(&r->asleep) == r->worker_count &&
	       atomic_load(&r->woken) == woken;
}

void root_stop(int result)
{
	struct runtime *r = &fiber_runtime;

	r->result = result;
	atomic_store(&r->stopping, true);
	for (unsigned i = 0; i < r->worker_count; i++)
		worker_ring(&r->workers[i]);
}

static uint64_t timeout_ns(struct worker *w)
{
	uint64_t due_ns, now_ns;

	guard_take(&w->wheel_guard);
	due_ns = wheel_next_ns(&w->wheel);
	guard_drop(&w->wheel_guard);
	if (due_ns == UINT64_MAX)
		return FIBER_FOREVER;
	now_ns = fiber_now_ns();
	return due_ns > now_ns ? due_ns - now_ns : 0;
}

static void tell_counts(struct worker *w)
{
	uint64_t more[FIBER_COUNTS];

	if (!fiber_runtime.options.counted)
		return;
	for (int i = 0; i < FIBER_COUNTS; i++) {
		more[i] = w->count[i] - w->told[i];
		w->told[i] += more[i];
	}
	fiber_runtime.options.counted(more);
}

static void look(struct worker *w, uint64_t most_ns)
{
	worker_count(w, FIBER_COUNT_POLLS);
	if (fiber_runtime.ops->poll(w, most_ns) == 0)
		worker_count(w, FIBER_COUNT_POLLS_EMPTY);
	w->look_at = w->count[FIBER_COUNT_SWITCHES] + TURNS_MOST;
	tell_counts(w);
}

/* Nobody will ever run again. */
static void give_up(void)
{
	if (none_live()) {
		root_stop(0);
		return;
	}
	fputs("fiber: deadlock: all fibers wait for each other\n", stderr);
	fiber_report();
	root_stop(-EDEADLK);
}

/* Nothing is ready here.  Announced before the last look into the inbox: worker.c,
 * post. */
static void sleep_until_woken(struct worker *w)
{
	struct runtime *r = &fiber_runtime;

	atomic_store(&w->asleep, true);
	atomic_fetch_add(&r->asleep, 1);
	if (!idle(w) || atomic_load(&r->stopping)) {
		look(w, 0);
	} else if (deadlocked()) {
		give_up();
	} else {
		look(w, timeout_ns(w));
	}
	atomic_fetch_sub(&r->asleep, 1);
	atomic_store(&w->asleep, false);
}

static void refuse_child(void)
{
	static const char text[] =
		"fiber: the child of a fiber's fork(2) cannot switch: it "
		"may only exec or _exit\n";

	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(126);
	_exit(126);
}

void root_run(struct worker *w)
{
	worker_adopt(w);
	w->current = &w->root;
	w->root.worker = w;
	w->root.name = "root";
	annotate_root(&w->root);
	while (!atomic_load_explicit(&fiber_runtime.stopping, memory_order_acquire)) {
		struct fiber *f;

		if (root_is_due(w))
			look(w, 0);
		timers_turn(w);
		inbox_empty(w);
		while ((f = list_take(&w->paused)))
			ready_put(w, f);
		f = ready_take(w);
		if (!f)
			f = steal(w);
		if (f)
			switch_to(w, f);
		else
			sleep_until_woken(w);
		if (fiber_runtime.forked)
			refuse_child();
	}
	tell_counts(w);
	worker_adopt(NULL);
}
