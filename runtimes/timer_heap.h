/* SPDX-License-Identifier: BSD-2-Clause */
/* timer_heap.h - deadlines of an event loop: a binary heap, O(log n) to arm and to
 * cancel, O(1) to see the next.  A loop arms few timers of many lengths, which suits a
 * heap better than a wheel. */
#ifndef DUALITY_TIMER_HEAP_H
#define DUALITY_TIMER_HEAP_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Embedded in what it wakes.  Zeroed: not armed. */
struct timer {
	uint64_t due_ns;                 /* CLOCK_MONOTONIC */
	size_t slot;                     /* place in the heap, from 1; 0: not armed */
	void (*expired)(struct timer *); /* for the loop to call; the heap does not */
};

struct timer_heap {
	struct timer **slot;
	size_t used, size;
};

/* Arm t (again) for due_ns.  Returns 0 or -ENOMEM, t then being unarmed. */
int timer_arm(struct timer_heap *h, struct timer *t, uint64_t due_ns);

/* Fine if it is not armed. */
void timer_cancel(struct timer_heap *h, struct timer *t);

/* The earliest timer, taken out, if it is due at now_ns; or NULL. */
struct timer *timer_expired(struct timer_heap *h, uint64_t now_ns);

/* When the earliest is due; UINT64_MAX: none is armed. */
uint64_t timer_next(const struct timer_heap *h);

/* Now, on the timers' clock. */
uint64_t timer_now(void);

/* How long until then, 0 if that is over, put into *left; NULL, for ever, if it is
 * UINT64_MAX: a timeout as ppoll(2) and epoll_pwait2 want it. */
const struct timespec *timer_left(uint64_t due_ns, struct timespec *left);

void timer_heap_free(struct timer_heap *h);
#endif
