/* SPDX-License-Identifier: BSD-2-Clause */
/* bell.c - a semaphore of one futex word, for threads and processes. */
#include "bell.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

void bell_ring(struct bell *b)
{
	/* pairs with the acquire in bell_wait */
	if (atomic_fetch_add_explicit(&b->count, 1, memory_order_release) == 0)
		syscall(SYS_futex, &b->count, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void bell_wait(struct bell *b)
{
	for (;;) {
		uint32_t count = atomic_load_explicit(&b->count, memory_order_relaxed);

		if (count == 0)
			syscall(SYS_futex, &b->count, FUTEX_WAIT, 0, NULL, NULL, 0);
		else if (atomic_compare_exchange_weak_explicit(
				 &b->count, &count, count - 1, memory_order_acquire,
				 memory_order_relaxed))
			return;
	}
}
