/* SPDX-License-Identifier: BSD-2-Clause */
/* shed_control.c - additive increase, multiplicative decrease. */
#include "config.h"

#include "shed_control.h"

static const double FALL = 0.75; /* of the bound; the paper names no factor */
static const double NEW = 0.5;   /* weight of the last period */

void shed_control_init(struct shed_control *c, unsigned most)
{
	*c = (struct shed_control){.bound = most, .most = most};
}

/* A bound beyond what waits does not bite: the fall begins below that. */
static unsigned bound_below(unsigned bound, unsigned backlog)
{
	unsigned from = backlog < bound ? backlog : bound;
	unsigned below = (unsigned)(from * FALL);

	if (below < SHED_MIN)
		below = SHED_MIN;
	return below < bound ? below : bound;
}

/* Where nothing came out, what waits tells how long it takes. */
static double response_of(const struct shed_seen *seen)
{
	if (seen->handled == 0)
		return (double)seen->oldest_ns;
	return (double)seen->response_ns / (double)seen->handled;
}

int shed_decide(struct shed_control *c, const struct shed_seen *seen,
		uint64_t target_ns)
{
	unsigned before = c->bound;

	c->response_ns += (response_of(seen) - c->response_ns) * NEW;
	if (c->response_ns <= (double)target_ns)
		c->bound += c->bound < c->most;
	else
		c->bound = bound_below(c->bound, seen->backlog);
	return (c->bound > before) - (c->bound < before);
}
