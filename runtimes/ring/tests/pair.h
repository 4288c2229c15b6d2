/* SPDX-License-Identifier: BSD-2-Clause */
/* pair.h - runs two sides on one shared region: as two threads, or as two processes
 * that have it mapped at different addresses. */
#ifndef DUALITY_RING_PAIR_H
#define DUALITY_RING_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAIR_BYTES = 1 << 20, PAIR_LIMIT_S = 60 };

/* Returns 0, or the line where something was wrong. */
struct pair {
	int (*one)(void *region), (*two)(void *region);
};

/* Make the region, all zero, and prepare it. */
void *pair_region(void);

/* Both sides at once; fails the test unless both return 0. */
void pair_threads(const struct pair *p);
void pair_processes(const struct pair *p);

/* When both must long be done: a wake-up was lost.  Counted from pair_region on. */
uint64_t pair_deadline_ns(void);
bool pair_is_over(void);

/* Half of that time is gone, as on a machine where others want the processors too: it
 * has been tried often enough. */
bool pair_is_late(void);
#endif
