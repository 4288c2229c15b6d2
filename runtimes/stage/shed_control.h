/* SPDX-License-Identifier: BSD-2-Clause */
/* shed_control.h - how much may wait for a stage, so that who is let in is answered
 * within a response time: the bound falls exponentially while that is missed, and rises
 * by one while it is met (Welsh, Culler, Brewer, SEDA, 2001, fig. 13).  Pure functions.
 */
#ifndef DUALITY_SHED_CONTROL_H
#define DUALITY_SHED_CONTROL_H

#include <stdint.h>

#define SHED_PERIOD_NS UINT64_C(250000000)  /* between two decisions */
#define SHED_TARGET_NS UINT64_C(5000000000) /* the paper's response time */

enum { SHED_MIN = 8 }; /* one slow event must not shut the stage */

struct shed_control {
	unsigned bound, most; /* of what waits; most: of what the stage can hold */
	double response_ns;   /* a moving average */
};

struct shed_seen {
	uint64_t handled;     /* events in the last period, and */
	uint64_t response_ns; /* what they took all together, from queue to handled */
	uint64_t oldest_ns;   /* how long the first in the queue has waited; 0: empty */
	unsigned backlog;     /* what waits now */
};

void shed_control_init(struct shed_control *c, unsigned most);

/* Returns 1, 0 or -1: the bound was raised, left, or lowered. */
int shed_decide(struct shed_control *c, const struct shed_seen *seen,
		uint64_t target_ns);
#endif
