/* SPDX-License-Identifier: BSD-2-Clause */
/* stack.h - memory for fibers' stacks: mapped many at a time, guarded below, kept in
 * pools, and given back.  One pool is used by one worker at a time. */
#ifndef DUALITY_FIBER_STACK_H
#define DUALITY_FIBER_STACK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an overflow is caught.  A guard page made by mprotect(2) splits a mapping, and
 * vm.max_map_count ends that near 32,000 stacks; MADV_GUARD_INSTALL (Linux 6.13) does
 * not; a canary is looked at when the fiber switches or ends, and catches it late. */
enum stack_guard {
	STACK_GUARD_NONE,
	STACK_GUARD_ADVICE,
	STACK_GUARD_MPROTECT,
	STACK_GUARD_CANARY
};

struct stack_arena;
struct stack_slot; /* the record of one stack of an arena */

struct stack {
	char *low;   /* the lowest byte to use; the guard lies below */
	size_t size; /* bytes from low to the top */
	enum stack_guard guard;
	unsigned number;          /* colours the top */
	unsigned announced;       /* of one mapped alone: stack_announce.h */
	struct stack_slot *place; /* NULL: mapped alone */
};

/* Free stacks with memory behind them. */
struct stack_magazine {
	struct stack_slot *first;
	unsigned count;
};

/* What pools share.  Magazines go through it from workers that end more fibers than
 * they create to those that do the opposite (Bonwick and Adams, Magazines and Vmem,
 * USENIX 2001, section 3). */
struct stack_store {
	pthread_mutex_t lock;
	struct stack_arena *arenas;
	struct stack_slot *cold; /* addresses whose memory was given back */
	struct stack_slot *full; /* magazines, by their first */
	unsigned full_count, full_most;
};

struct stack_pool {
	struct stack_magazine free, spare;
	unsigned magazine_most;
	size_t size;            /* bytes a stack; other sizes are not pooled */
	enum stack_guard guard; /* the one to try first */
	struct stack leaving;   /* put last, perhaps still in use: low is NULL: none */
	struct stack_store own, *store;
	_Atomic(uint64_t) mapped; /* stacks with an address now */
};

/* Which guard the kernel has, found by touching one in a child process: an emulator may
 * take the advice and ignore it. */
enum stack_guard stack_guard_best(void);
const char *stack_guard_name(enum stack_guard guard);

/* Rounded up to whole pages; 0: beyond all memory. */
size_t stack_pages(size_t size);

/* keep_most (even): free stacks that keep their memory.  Sizes are rounded up to pages.
 * Nothing is mapped yet.  The pool must stay where it is. */
void stack_pool_init(struct stack_pool *p, size_t size, unsigned keep_most);

/* Let p, which is new, and home, of the same size, share what neither has in its
 * magazines: for workers between which fibers move.  `mapped` is then right as the sum
 * over all. */
void stack_pool_share(struct stack_pool *p, struct stack_pool *home);

/* 0 or -ENOMEM.  Its memory is zero or an earlier fiber's. */
int stack_get(struct stack_pool *p, size_t size, struct stack *s);

/* Beyond keep_most its memory goes back to the kernel, the address is kept for reuse;
 * a stack of another size is unmapped.  May be called on the very stack that is given
 * back, if the caller is off it when the pool is next used. */
void stack_put(struct stack_pool *p, const struct stack *s);

/* The initial stack pointer: the top, less a colour (some cache lines) so that the tops
 * of many stacks do not fall into the same cache sets. */
void *stack_top(const struct stack *s);

/* false: the canary is dead: the stack overflowed.  Without a canary: true. */
bool stack_is_whole(const struct stack *s);

/* Bytes that were ever touched, by what is resident and not zero (slow: for reports).
 */
size_t stack_high_water(const struct stack *s);

/* Is this address in the guard of s? */
bool stack_guards(const struct stack *s, const void *address);

/* All stacks go, also those in use, but for those in use that are of another size.
 * Pools that share are freed when none is used any more. */
void stack_pool_free(struct stack_pool *p);
#endif
