/* SPDX-License-Identifier: BSD-2-Clause */
/* batch_control.h - how many events a thread takes at once.  Large batches are good for
 * throughput, small ones for response time: look for the smallest that costs no
 * throughput (Welsh, Culler, Brewer, SEDA, 2001, section 3.4).  Pure functions. */
#ifndef DUALITY_BATCH_CONTROL_H
#define DUALITY_BATCH_CONTROL_H

#include <stdint.h>

#define BATCH_PERIOD_NS UINT64_C(1000000000) /* between two decisions */

enum { BATCH_MIN = 1, BATCH_MAX = 1024 };

struct batch_control {
	unsigned factor; /* the most a thread takes at once */
	double rate;     /* of output, events/s: a moving average, */
	double best;     /* and the best it was, slowly forgotten */
};

void batch_control_init(struct batch_control *c);

/* `handled` events went out in the last period_ns.  Returns 1, 0 or -1: the factor was
 * raised, left, or lowered. */
int batch_decide(struct batch_control *c, uint64_t handled, uint64_t period_ns);
#endif
