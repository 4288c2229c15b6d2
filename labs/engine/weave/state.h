/* SPDX-License-Identifier: BSD-2-Clause */
/* state.h - all there is to know of an execution at one moment: where each thread is,
 * what memory holds, and who knows of what.
 *
 * What a thread knows is a view: of each atomic place, up to which of its values it has
 * seen (Kang et al., A Promising Semantics for Relaxed-Memory Concurrency, POPL 2017),
 * and of each thread, up to which of its steps what it did happened before (a vector
 * clock, as in Flanagan and Freund, FastTrack, PLDI 2009).  Under SC and TSO a place
 * has one value only, and of the view the clock is used. */
#ifndef WEAVE_STATE_H
#define WEAVE_STATE_H

#include "history.h"

enum {
	STATE_THREADS = PAGE_THREADS,
	STATE_PLACES = 24,
	STATE_MESSAGES = 160,
	STATE_CELLS = 192,
	STATE_STORES = 8, /* in a store buffer */
};

struct view {
	uint8_t seen[STATE_PLACES];
	uint16_t clock[STATE_THREADS];
};

/* A value of a place, in the place's order of them, and the view of who wrote it as far
 * as it is handed on to who reads it. */
struct message {
	uint64_t value;
	struct view view;
	uint8_t attached; /* to that before it, by an operation that read and wrote */
	uint8_t unused[5];
};

/* In a store buffer. */
struct store {
	uint64_t value;
	uint16_t clock[STATE_THREADS];
	uint8_t place, unused[5];
};

struct thread {
	uint32_t node;
	uint32_t looked; /* at which places, since it paused: bits */
	uint8_t started, done;
	uint8_t changed; /* what it looked at (SC, TSO) */
	uint8_t stores;
	struct view now;
	struct view acquired; /* what an acquire fence would add */
	struct view released; /* at the last release fence */
	struct store store[STATE_STORES];
};

/* Plain memory that was accessed, within a word of 8 bytes. */
struct cell {
	uint64_t at, value;
	uint16_t write_clock, read_clock[STATE_THREADS];
	uint8_t size, written, writer, unused;
};

struct state {
	struct thread thread[STATE_THREADS];
	struct view fenced;          /* by seq_cst: what all such fences know */
	uint8_t count[STATE_PLACES]; /* messages of each place; 0: not touched yet */
	uint32_t messages, cells;
	uint32_t signals;                       /* sent, if they are counted */
	struct message message[STATE_MESSAGES]; /* place by place */
	struct cell cell[STATE_CELLS];          /* by address */
};

void state_copy(struct state *to, const struct state *from);

/* One number for all that matters. */
uint64_t state_key(const struct state *s);

void view_join(struct view *v, const struct view *with);
void clock_join(uint16_t *clock, const uint16_t *with);

/* A place's messages, oldest first. */
struct message *state_place(struct state *s, uint32_t place);

/* A message comes to stand at that position; those from there on move up, for
 * everybody. -ENOSPC */
int state_insert(struct state *s, uint32_t place, uint32_t position,
		 const struct message *m);

/* Forgets what makes no difference any more: messages that nobody can read, steps that
 * all threads know of (clocks then count those that are left). */
void state_prune(struct state *s);
#endif
