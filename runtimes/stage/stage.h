/* SPDX-License-Identifier: BSD-2-Clause */
/* stage.h - a stage: a bounded queue of events, a handler that takes batches of them, a
 * pool of threads to run it, and controllers that tune all three from outside (Welsh,
 * Culler, Brewer, SEDA, 2001, section 3).  Handlers know nothing of threads. */
#ifndef DUALITY_STAGE_H
#define DUALITY_STAGE_H

#include "batch_control.h"
#include "shed_control.h"
#include "threads_control.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What waits in a queue: embedded first in what is meant.  In one queue at a time, and
 * the handler's alone once it is out. */
struct stage_event {
	struct stage_event *next;
	uint64_t put_ns;
	_Atomic bool watched; /* a source has it: poller.c */
};

/* Where further events come from: the kernel, say.  One thread at a time polls, when
 * the queue is empty and it would have to wait anyway. */
struct stage_source {
	/* Blocks until there are events or wake is called.  Returns how many. */
	int (*poll)(struct stage_source *source, struct stage_event **found, int max);
	void (*wake)(struct stage_source *source); /* from any thread */
};

/* What happened, for whoever counts. */
enum stage_note {
	STAGE_CROSSED, /* events entered a queue */
	STAGE_THREAD_ADDED,
	STAGE_THREAD_DROPPED,
	STAGE_BATCH_RAISED,
	STAGE_BATCH_LOWERED,
	STAGE_BOUND_RAISED,
	STAGE_BOUND_LOWERED,
	STAGE_SHED, /* an event found too many waiting */
	STAGE_NOTES
};

/* Which controllers act, for all stages of a program. */
struct stage_controls {
	bool threads, batch, shed;
	uint64_t target_ns; /* the response time that is wanted of a stage */
	void (*note)(enum stage_note what, uint64_t n); /* from any thread */
};

/* What a stage is. */
struct stage_plan {
	void (*handle)(struct stage_event **batch, unsigned n);
	unsigned long_queue; /* for the thread controller; 0: THREADS_QUEUE */
	bool sheds;          /* the load-shedding controller is for this stage */
	struct stage_source *source; /* or NULL */
};

struct stage {
	const struct stage_plan *plan;
	const struct stage_controls *controls;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t ready; /* for a thread: there is something for it */
	pthread_cond_t ended; /* for stage_stop: a thread has */
	struct stage_event *first, **last;
	unsigned length, taken;    /* events in the queue, and in threads' batches */
	unsigned threads, waiting; /* waiting: for ready */
	unsigned superfluous;      /* threads that shall end */
	uint64_t waiting_since_ns; /* one at least; 0: none waits */
	bool polling, woken, stopping;
	uint64_t handled, response_ns; /* events so far, and what they took together */
	struct batch_control batch;
	struct shed_control shed;

	/* Of stage_control alone: when each controller is due, and what it saw then. */
	uint64_t threads_due_ns, batch_due_ns, shed_due_ns;
	uint64_t batch_handled, shed_handled, shed_response_ns;
};

/* Begin with one thread; bound: of what may wait, be it in a batch already.  Plan and
 * controls must last.  Returns 0 or -errno. */
int stage_start(struct stage *s, const struct stage_plan *plan,
		const struct stage_controls *controls, unsigned bound);

/* Hand an event over.  Returns 0, or -ENOBUFS: too many wait, the event is still
 * the caller's.  Never blocks. */
int stage_put(struct stage *s, struct stage_event *e);

/* Let the controllers that are due at now_ns decide; one thread calls, often. */
void stage_control(struct stage *s, uint64_t now_ns);

/* One more thread.  Returns 0 or -errno. */
int stage_thread_add(struct stage *s);

/* End all threads when they are done with the batch they have, and wait for that; what
 * is left in the queue stays there. */
void stage_stop(struct stage *s);

/* Now, on the stages' clock (CLOCK_MONOTONIC). */
uint64_t stage_now(void);
#endif
