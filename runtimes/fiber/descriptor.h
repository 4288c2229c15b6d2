/* SPDX-License-Identifier: BSD-2-Clause */
/* descriptor.h - what the back ends know of descriptors: who waits there, and whether a
 * call would block.  A table by number that grows and never moves: no lock to find an
 * entry. */
#ifndef DUALITY_FIBER_DESCRIPTOR_H
#define DUALITY_FIBER_DESCRIPTOR_H

#include "worker.h"

/* On the stack of who waits. */
struct waiter {
	struct waiter *next, **link; /* link: what points here; NULL: not linked */
	struct fiber *fiber;
	short events; /* of poll(2) */
};

/* Input or output.  A call would block if it was found to (or was served in part, which
 * means the same) after the kernel told of the last event: drained == told + 1.  So an
 * event that is told while the call is under way is not lost. */
struct side {
	_Atomic(uint32_t) told, drained;
};

struct descriptor {
	struct fiber_guard guard; /* of what follows, not of the atomics */
	int epoll;                /* it is registered with, and */
	short watched;            /* for these events; 0: with none */
	bool stream;              /* served in part: drained (epoll(7), Q9) */
	_Atomic(bool) file;       /* no socket: found by whoever reads first */
	_Atomic(bool) ended;      /* its end, or urgent data, was told: once only */
	struct side in, out;
	_Atomic(uint32_t) age; /* how often it was forgotten: to be another's */
	struct waiter *waiting;
};

/* NULL: no memory (or fd < 0). */
struct descriptor *descriptor_get(int fd);

/* NULL: nobody has asked for it yet. */
struct descriptor *descriptor_find(int fd);

/* Under the guard. */
void waiter_link(struct descriptor *d, struct waiter *w);
void waiter_unlink(struct waiter *w); /* fine if it is not linked */

/* These events (POLLHUP and POLLERR concern everybody) are there: wakes those that wait
 * for one, each with those that it waits for.  Returns how many.  Takes the guard. */
int descriptor_tell(struct descriptor *d, short events);

/* As if it was never asked for: who waits there gets -EBADF.  Takes the guard. */
void descriptor_forget(struct descriptor *d);
uint32_t descriptor_age(const struct descriptor *d);

/* All; nobody uses one any more. */
void descriptors_free(void);
#endif
