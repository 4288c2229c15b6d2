/* SPDX-License-Identifier: BSD-2-Clause */
/* threads_control.h - how many threads a stage shall have.  A pure function of what was
 * seen; the constants are SEDA's (Welsh, Culler, Brewer, SEDA, 2001, section 3.4). */
#ifndef DUALITY_THREADS_CONTROL_H
#define DUALITY_THREADS_CONTROL_H

#include <stdint.h>

#define THREADS_PERIOD_NS UINT64_C(2000000000) /* between two decisions */
#define THREADS_IDLE_NS UINT64_C(5000000000)   /* longer: one is too many */

enum {
	THREADS_MAX = 20,
	THREADS_QUEUE = 100,    /* longer: one is too few, */
	THREADS_QUEUE_DISK = 10 /* where they wait for a disk */
};

struct threads_seen {
	unsigned threads;
	unsigned queue;      /* events waiting, in the queue or in a thread's batch */
	unsigned long_queue; /* what is long for this stage */
	uint64_t idle_ns;    /* how long one has had nothing to do; 0: none has */
};

/* How many to add: 1, 0 or -1. */
int threads_decide(const struct threads_seen *seen);
#endif
