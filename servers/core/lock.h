/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.h - how what a server's tasks share is guarded: a declared difference between
 * variants.  The memory lies in a mapping that all processes of a server share. */
#ifndef DUALITY_LOCK_H
#define DUALITY_LOCK_H

#include <stddef.h>

/* lock returns 0, or EOWNERDEAD when the last holder died holding it (the lock is then
 * held, and what it guards is to be repaired).  try_lock: the same, or EBUSY. */
struct lock {
	const char *name;
	size_t size;
	int (*init)(void *memory); /* 0 or -errno */
	int (*lock)(void *memory);
	int (*try_lock)(void *memory);
	void (*unlock)(void *memory);
};

extern const struct lock lock_none;   /* one kernel thread, no preemption */
extern const struct lock lock_robust; /* threads and processes; robust mutex */
#endif
