/* SPDX-License-Identifier: BSD-2-Clause */
/* stack.h - memory for fibers' stacks: mapped many at a time, guarded below, kept in
 * pools, and given back.  One pool is used by one worker at a time. */
#ifndef DUALITY_FIBER_STACK_H
#define DUALITY_FIBER_STACK_H

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

struct stack {
	char *low;   /* the lowest byte to use; the guard lies below */
	size_t size; /* bytes from low to the top */
	enum stack_guard guard;
	unsigned slot; /* of its arena; colours the top */
};

struct stack_arena;
struct stack_kept; /* a free stack; lies in it */

struct stack_pool {
	struct stack_kept *free; /* of the pool's size, with memory behind it */
	unsigned kept, keep_most;
	size_t size; /* bytes a stack; other sizes are not pooled */
	struct stack_arena *arenas;
	uint64_t mapped; /* stacks with an address now */
};

/* Which guard the kernel has, found by touching one in a child process: an emulator may
 * take the advice and ignore it. */
enum stack_guard stack_guard_best(void);
const char *stack_guard_name(enum stack_guard guard);

/* size: whole pages.  Nothing is mapped yet. */
void stack_pool_init(struct stack_pool *p, size_t size, unsigned keep_most);

/* 0 or -ENOMEM.  Its memory is zero or an earlier fiber's. */
int stack_get(struct stack_pool *p, size_t size, struct stack *s);

/* Beyond keep_most its memory goes back to the kernel (MADV_FREE or DONTNEED), the
 * address is kept for reuse.  May be called on the very stack that is given back, as
 * long as the caller uses it no more after its next stack_get on this pool. */
void stack_put(struct stack_pool *p, const struct stack *s);

/* The initial stack pointer: the top, less a colour (some cache lines) so that the tops
 * of many stacks do not fall into the same cache sets. */
void *stack_top(const struct stack *s);

/* false: the canary is dead: the stack overflowed.  Without a canary: true. */
bool stack_is_whole(const struct stack *s);

/* Bytes that were ever touched, by what is resident or not zero (slow: for reports). */
size_t stack_high_water(const struct stack *s);

/* Is this address in the guard of s? */
bool stack_guards(const struct stack *s, const void *address);

void stack_pool_free(struct stack_pool *p);
#endif
