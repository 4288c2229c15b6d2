/* SPDX-License-Identifier: BSD-2-Clause */
/* yield.h - fiber_yield, inlined: where there is one worker and others are ready, a
 * yield is some twenty instructions, and no return that a processor would expect
 * elsewhere (it remembers calls, and not on which stack they were). */
#ifndef DUALITY_FIBER_YIELD_H
#define DUALITY_FIBER_YIELD_H

#include "annotate.h"
#include "worker.h"

/* Several workers, or nobody else is ready, or it is the root's turn. */
void yield_at_length(void);

/* Do for the last fiber what could not be done while it was on its stack. */
void finish_last(struct worker *w);

/* To the list's end, and its first on: it is not empty, so its ends need not be looked
 * at.  The states stay what they are: not to write them is a tenth of a yield.  Nor are
 * the list's two ends to be written as one vector, as gcc would: the next load of one
 * would have to wait for both (a third of a yield). */
static inline void yield_rotate(struct worker *w, struct fiber *f, struct fiber *to)
{
	f->next_ready = NULL;
	w->ready.tail->next_ready = f;
	w->ready.tail = f;
	atomic_signal_fence(memory_order_seq_cst);
	w->ready.head = to->next_ready;
	w->current = to;
}

/* With several workers nothing is kept over the switch, and worker_here not looked at:
 * the caller may go on on another kernel thread. */
static inline void fiber_yield_inlined(void)
{
	struct worker *w = worker_alone;
	struct fiber *f, *to;

	if (!w || !w->ready.head || root_is_due(w)) {
		yield_at_length();
		return;
	}
	f = w->current;
	to = w->ready.head;
	yield_rotate(w, f, to);
	worker_count(w, FIBER_COUNT_SWITCHES);
	annotate_leave(f, to, false);
	context_switch(&f->context, &to->context);
	annotate_arrive(f);
	if (w->left_over)
		finish_last(w);
}
#endif
