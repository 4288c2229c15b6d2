/* SPDX-License-Identifier: BSD-2-Clause */
/* bell.h - a counting semaphore in shared memory, for who sleeps until he is signalled:
 * by futex(2), or, where lab-weave tries all executions, lab-weave's. */
#ifndef BELL_H
#define BELL_H

#include "../ring.h"

struct bell {
	_Alignas(RING_LINE) _Atomic uint32_t count;
};

/* A signal. */
void bell_ring(struct bell *b);

/* Sleeps until there is one, and takes it. */
void bell_wait(struct bell *b);

#endif
