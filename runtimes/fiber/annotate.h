/* SPDX-License-Identifier: BSD-2-Clause */
/* annotate.h - tells sanitizers and Valgrind that a stack is left for another.  Nothing
 * in a plain build.  (sanitizer/common_interface_defs.h, sanitizer/tsan_interface.h,
 * valgrind/valgrind.h) */
#ifndef DUALITY_FIBER_ANNOTATE_H
#define DUALITY_FIBER_ANNOTATE_H

#include "worker.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define FIBER_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FIBER_SANITIZED 1
#endif
#endif

#ifdef FIBER_SANITIZED
void annotate_root(struct fiber *root);
void annotate_make(struct fiber *f);
void annotate_end(struct fiber *f);
/* Around the switch.  ends: `from` is never gone back to. */
void annotate_leave(struct fiber *from, struct fiber *to, bool ends);
void annotate_arrive(struct fiber *f);
#else
static inline void annotate_root(struct fiber *root)
{
	(void)root;
}

static inline void annotate_make(struct fiber *f)
{
	(void)f;
}

static inline void annotate_end(struct fiber *f)
{
	(void)f;
}

static inline void annotate_leave(struct fiber *from, struct fiber *to, bool ends)
{
	(void)from;
	(void)to;
	(void)ends;
}

static inline void annotate_arrive(struct fiber *f)
{
	(void)f;
}
#endif
#endif
