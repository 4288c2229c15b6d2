/* SPDX-License-Identifier: BSD-2-Clause */
/* fence.h - the full fence between a write and a read of something else, which acquire
 * and release do not order (McKenney, Memory Barriers: a Hardware View for Software
 * Hackers, 2010: "store buffering"). */
#ifndef DUALITY_FENCE_H
#define DUALITY_FENCE_H

#include <stdatomic.h>

/* gcc's thread sanitizer warns that it does not follow fences.  Ours are not what makes
 * a slot's bytes visible (the counters' acquire and release do), and a fence that is
 * missing shows as a wake-up that is lost, never as a race: model/doorbell.pml. */
#if defined __SANITIZE_THREAD__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wtsan"
#endif

static inline void fence_full(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}
#endif
