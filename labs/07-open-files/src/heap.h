/* SPDX-License-Identifier: BSD-2-Clause */
/* heap.h - memory that all carriers share, at one address in each of them, and locks in
 * it. Every other variable of the program exists once per carrier. */
#ifndef HEAP_H
#define HEAP_H

#include <stdatomic.h>
#include <stddef.h>

struct lock {
	atomic_uint word; /* 0: free; 1: taken; 2: taken, and somebody may sleep */
};

/* Maps the heap; before the carriers are forked.  0 or -errno. */
int heap_init(void);

/* Memory of the heap, zero, for ever; NULL: there is no more. */
void *heap_alloc(size_t bytes);

/* A lock that is zero is free.  Who waits sleeps; who holds it must not take it again.
 */
void lock_take(struct lock *lock);
void lock_drop(struct lock *lock);

#endif
