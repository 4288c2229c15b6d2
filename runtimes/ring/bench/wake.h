/* SPDX-License-Identifier: BSD-2-Clause */
/* wake.h - what waking the other side costs, and how often that is not needed. */
#ifndef DUALITY_RING_WAKE_H
#define DUALITY_RING_WAKE_H

#include "runtimes/ring/bench/duo.h"

#include <stdint.h>

/* Two threads wake each other in turn: by futex(2) and a word, by a doorbell and the
 * whole protocol around it.  0 or -errno, as below. */
int wake_futex(struct duo *d);
int wake_doorbell(struct duo *d);

/* Of all wake-ups of the last of these that ran: half of the median of both ways, so
 * that one that had to wait for somebody else's turn does not count. */
double wake_median_ns(void);

/* n buffers over a link, as fast as it goes, in batches; both ends sleep when they have
 * none.  The share of batches that needed no signal, of both ways: once d has run. */
int wake_link(struct duo *d, uint64_t n, uint32_t batch);
double wake_elided(void);
#endif
