/* SPDX-License-Identifier: BSD-2-Clause */
/* doorbell.h - wakes a module that sleeps until a queue has something for it: a
 * counting semaphore in shared memory, and a flag for each queue that says whether its
 * consumer wants to be told.  While it is busy it does not, and no signal is sent.
 *
 *     consumer, before it sleeps             producer, after each batch
 *       doorbell_request(flag)                 ring_put(...)
 *       the queue is still empty?              doorbell_answer(caller, flag)
 *         doorbell_wait(bell, ...)
 *       else doorbell_cancel(flag)
 */
#ifndef DUALITY_DOORBELL_H
#define DUALITY_DOORBELL_H

#include "runtimes/ring/ring.h"

#include <stdbool.h>

#define DOORBELL_FOREVER UINT64_MAX

/* In a shared region: one for each module. */
struct doorbell {
	alignas(RING_LINE) _Atomic uint32_t word; /* signals not taken; asleep? */
};

/* In a shared region: one for each queue. */
struct doorbell_flag {
	alignas(RING_LINE) _Atomic uint32_t wanted;
};

/* A producer's, private: how it reaches one module's bell. */
struct doorbell_caller {
	struct doorbell *bell;
	int eventfd;   /* that the module sleeps with; -1: it sleeps in doorbell_wait */
	uint64_t sent; /* signals */
	uint64_t elided; /* batches that needed none */
	uint64_t wakes;  /* system calls: a signal to who is awake needs none */
};

/* Memory that is zero is a bell, or a flag, too. */
void doorbell_init(struct doorbell *b);

/* "Signal me": whatever is in the queue from now on will be told.  What came before
 * must be looked for after this.  The answer takes the request away. */
void doorbell_request(struct doorbell_flag *f);

/* No signal needed after all.  One may be on its way; it does no harm. */
void doorbell_cancel(struct doorbell_flag *f);

/* Once after each batch: signals if that was asked for.  Did it? */
bool doorbell_answer(struct doorbell_caller *c, struct doorbell_flag *f);

/* A signal, asked for or not. */
void doorbell_ring(struct doorbell_caller *c);

/* The system call of a signal alone, after the death of a caller in another process: it
 * may have signalled and not come to it, and those after it leave it to the first. */
void doorbell_wake(struct doorbell_caller *c);

/* Sleep until there is a signal, or until the deadline (CLOCK_MONOTONIC).  Takes all
 * that have come and returns how many, or -ETIMEDOUT or -EINTR.  One module only. */
int doorbell_wait(struct doorbell *b, uint64_t deadline_ns);

/* For a module that waits for descriptors, too: may it sleep?  If so, signals from now
 * on write to its eventfd.  That one is best watched with EPOLLET and never read: each
 * write is an edge (epoll(7)).  When epoll returns, doorbell_take. */
bool doorbell_doze(struct doorbell *b);

/* How many signals have come; takes them all.  Does not block. */
uint32_t doorbell_take(struct doorbell *b);
#endif
