/* SPDX-License-Identifier: BSD-2-Clause */
/* advance.h - runs one thread of an execution on: one instruction of the code under
   test, and all that is not under test up to the next one. */
#ifndef LAB_STEP_ADVANCE_H
#define LAB_STEP_ADVANCE_H

#include "execution.h"

enum advance {
	ADVANCE_INSIDE, /* before an instruction of the code under test */
	ADVANCE_BLOCKED,
	ADVANCE_YIELDED,
	ADVANCE_ENDED,
	ADVANCE_OVER, /* the program has ended, see the outcome */
};

/* An enum advance, or -errno. */
int thread_advance(struct execution *x, struct thread *t);

/* Its next instruction loads and then stores, not as one: it executes the first half.
 */
void thread_halve(struct execution *x, struct thread *t);
bool thread_can_halve(const struct thread *t);

/* A thread that waits for a wait status of its own: a new one, at its first stop. */
int thread_add(struct execution *x, pid_t tid);

#endif
