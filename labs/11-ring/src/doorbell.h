/* SPDX-License-Identifier: BSD-2-Clause */
/* doorbell.h - who sleeps until a ring has something for him asks for a signal; who has
 * not asked gets none.  This file is given; doorbell.c is yours. */
#ifndef DOORBELL_H
#define DOORBELL_H

#include "ring.h"

/* In shared memory: one for each side of a ring that may want to sleep. */
struct flag {
	_Alignas(RING_LINE) _Atomic uint32_t wanted;
};

/* "I am about to sleep until ready(ring)."  true: sleep, whoever makes it ready will
 * signal. false: it is ready already, nobody needs to signal; go on. */
bool doorbell_idle(struct flag *f, bool (*ready)(const struct ring *),
		   const struct ring *r);

/* After something was put into the ring, or got from it: does the other side want a
 * signal? If so it has been promised one now: true is answered once for each request.
 */
bool doorbell_answer(struct flag *f);

#endif
