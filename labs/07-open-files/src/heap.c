/* SPDX-License-Identifier: BSD-2-Clause */
/* heap.c - a heap in shared memory that only grows, and a lock that sleeps: the third
 * mutex of Drepper, Futexes Are Tricky (2011). */
#define _GNU_SOURCE

#include "heap.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HEAP_BYTES = 1 << 20, LINE_BYTES = 64 };

struct heap {
	struct lock lock;
	size_t used;
};

static struct heap *heap;

int heap_init(void)
{
	/* MAP_SHARED: after fork() parent and children see each other's writes, see
	 * mmap(2). */
	void *memory = mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	heap = memory;
	heap->used = LINE_BYTES;
	return 0;
}

void *heap_alloc(size_t bytes)
{
	size_t rounded = (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
	char *memory = NULL;

	lock_take(&heap->lock);
	if (rounded >= bytes && rounded <= HEAP_BYTES - heap->used) {
		memory = (char *)heap + heap->used;
		heap->used += rounded;
	}
	lock_drop(&heap->lock);
	return memory;
}

/* Not FUTEX_PRIVATE: the waiter may be another process. */
static void word_sleep(atomic_uint *word, unsigned while_it_is)
{
	syscall(SYS_futex, word, FUTEX_WAIT, while_it_is, NULL, NULL, 0);
}

void lock_take(struct lock *lock)
{
	unsigned seen = 0;

	if (atomic_compare_exchange_strong(&lock->word, &seen, 1))
		return;
	if (seen != 2)
		seen = atomic_exchange(&lock->word, 2);
	while (seen != 0) {
		word_sleep(&lock->word, 2);
		seen = atomic_exchange(&lock->word, 2);
	}
}

void lock_drop(struct lock *lock)
{
	if (atomic_exchange(&lock->word, 0) == 2)
		syscall(SYS_futex, &lock->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}
