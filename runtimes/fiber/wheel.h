/* SPDX-License-Identifier: BSD-2-Clause */
/* wheel.h - deadlines of sleeping fibers: a hierarchical timing wheel (Varghese and
 * Lauck, Hashed and Hierarchical Timing Wheels, SOSP 1987, scheme 7).  O(1) to arm and
 * cancel, no memory of its own that could run out; a heap's O(log n) would grow with
 * the fibers. */
#ifndef DUALITY_FIBER_WHEEL_H
#define DUALITY_FIBER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

enum {
	WHEEL_TICK_BITS = 12, /* a tick is 4096 ns: expiry is late by as much */
	WHEEL_SLOT_BITS = 6,
	WHEEL_SLOTS = 1 << WHEEL_SLOT_BITS,
	WHEEL_LEVELS = 9 /* 64^9 ticks: any uint64_t of nanoseconds has a slot */
};

/* Embedded in what it wakes.  Zeroed: not armed. */
struct wheel_timer {
	struct wheel_timer *next, **link; /* link: what points here; NULL: not armed */
	uint64_t due_ns;                  /* CLOCK_MONOTONIC */
	uint8_t level, slot;
};

struct wheel {
	uint64_t tick;               /* now, in ticks, rounded down */
	uint64_t used[WHEEL_LEVELS]; /* a bit a slot that is not empty */
	struct wheel_timer *slot[WHEEL_LEVELS][WHEEL_SLOTS];
	uint64_t least[WHEEL_LEVELS][WHEEL_SLOTS]; /* no timer of a slot that is not
						      empty is due in an earlier tick */
	uint64_t armed;                            /* timers */
};

void wheel_init(struct wheel *w, uint64_t now_ns);
void wheel_arm(struct wheel *w, struct wheel_timer *t, uint64_t due_ns);
void wheel_cancel(struct wheel *w, struct wheel_timer *t); /* fine if not armed */

/* Turn to now_ns; returns a timer that is due, taken out, or NULL.  Call until NULL. */
struct wheel_timer *wheel_expired(struct wheel *w, uint64_t now_ns);

/* When to turn it next: in the tick in which the earliest timer expires, or before, if
 * an earlier one was cancelled (then turn, and ask again: at most WHEEL_LEVELS times a
 * timer); UINT64_MAX: none is armed. */
uint64_t wheel_next_ns(const struct wheel *w);
#endif
