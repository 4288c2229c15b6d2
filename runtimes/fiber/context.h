/* SPDX-License-Identifier: BSD-2-Clause */
/* context.h - where a fiber goes on: three registers.  The switch is inlined where it
 * is used: it tells the compiler that all other registers are lost, which then saves
 * those that are live there and no others.  (A function could save only what the ABI
 * calls callee-saved, live or not.)  The floating-point control words are not switched:
 * fibers of a worker share a rounding mode. */
#ifndef DUALITY_FIBER_CONTEXT_H
#define DUALITY_FIBER_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

struct context {
	void *sp, *fp, *pc;
};

/* context_switch(from, to): go on at `to`, until something switches back to `from`. */
#if defined __x86_64__
#include "context-x86_64.h"
#elif defined __aarch64__
#include "context-aarch64.h"
#else
#error "fibers: no context switch for this machine"
#endif

/* Calls what lies at the stack pointer: run, then its argument.  entry-*.S. */
void context_entry(void);

/* Let c begin with run(arg), which does not return, on the stack that ends at
 * stack_top (rounded down to 16 bytes). */
static inline void context_make(struct context *c, void *stack_top, void (*run)(void *),
				void *arg)
{
	uintptr_t *sp = (uintptr_t *)((uintptr_t)stack_top & ~(uintptr_t)15) - 2;

	sp[0] = (uintptr_t)run;
	sp[1] = (uintptr_t)arg;
	c->sp = sp;
	c->fp = NULL;
	c->pc = (void *)(uintptr_t)context_entry;
}
#endif
