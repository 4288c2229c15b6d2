/* SPDX-License-Identifier: BSD-2-Clause */
/* overflow.h - inside the runtime: a stack that was used to its end is told as such. */
#ifndef DUALITY_FIBER_OVERFLOW_H
#define DUALITY_FIBER_OVERFLOW_H

#include "worker.h"

/* On the worker's kernel thread: a stack for its signal handlers; with the first worker
 * also the handler of SIGSEGV.  0 or -errno. */
int overflow_watch(struct worker *w);

/* On the same, after its last fiber: as before. */
void overflow_unwatch(struct worker *w);

/* f's canary is dead: what lies below its stack is overwritten. */
__attribute__((noreturn)) void overflow_abort(const struct fiber *f);

/* Where f leaves its stack for longer.  A guard that is none but a canary is looked at
 * here: too late, but before others build on what was overwritten. */
static inline void overflow_check(const struct fiber *f)
{
	if (f->canary && !stack_is_whole(&f->stack))
		overflow_abort(f);
}
#endif
