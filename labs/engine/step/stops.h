/* SPDX-License-Identifier: BSD-2-Clause */
/* stops.h - lets a thread go on to its next stop, and says what the stop means. */
#ifndef LAB_STEP_STOPS_H
#define LAB_STEP_STOPS_H

#include <sys/ptrace.h>

#include "execution.h"

enum stop {
	STOP_CALL,    /* before or after a system call */
	STOP_TRAP,    /* after a single step, or at a breakpoint */
	STOP_BLOCKED, /* these three: before a system call, which tells so */
	STOP_YIELDED,
	STOP_ENDED,
	STOP_OVER, /* the program has ended, see the outcome */
};

/* One stop on: an enum stop, or -errno. */
int thread_stop(struct execution *x, struct thread *t, enum __ptrace_request request);

/* At STOP_CALL: what this call means to the schedule; STOP_CALL: nothing.  Or -errno.
 */
int call_weigh(struct execution *x, struct thread *t);

/* A blocked thread's time-out passes: it can run. */
int thread_time_out(struct thread *t);

#endif
