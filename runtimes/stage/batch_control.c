/* SPDX-License-Identifier: BSD-2-Clause */
/* batch_control.c - down until it hurts, then up a little; all the way up when the load
 * is gone.  The paper names no factors; these are ours. */
#include "config.h"

#include "batch_control.h"

static const double LOWER = 0.8, RAISE = 1.1; /* of the factor */
static const double DEGRADED = 0.95;          /* of the best rate: too small a batch */
static const double SUDDEN = 0.5;             /* of the average: the load fell */
static const double NEW = 0.5;    /* weight of the last period in the average */
static const double KEPT = 0.998; /* of the best, from period to period */

void batch_control_init(struct batch_control *c)
{
	*c = (struct batch_control){.factor = BATCH_MAX};
}

/* At least by one, else a small factor would not move. */
static void factor_change(struct batch_control *c, double by)
{
	unsigned factor = (unsigned)(c->factor * by) + (by > 1);

	if (factor > BATCH_MAX)
		factor = BATCH_MAX;
	c->factor = factor > BATCH_MIN ? factor : BATCH_MIN;
}

/* Compared with the average alone, which follows a falling rate, the factor would sink
 * ever deeper: hence the best. */
int batch_decide(struct batch_control *c, uint64_t handled, uint64_t period_ns)
{
	double rate = (double)handled * 1e9 / (double)period_ns;
	unsigned before = c->factor;

	if (handled == 0 && c->rate < 1)
		return 0; /* idle: nothing to learn */
	if (rate < c->rate * SUDDEN) {
		c->rate = c->best = rate;
		c->factor = BATCH_MAX;
		return c->factor > before;
	}
	c->rate += (rate - c->rate) * NEW;
	c->best *= KEPT;
	if (c->best < c->rate)
		c->best = c->rate;
	factor_change(c, c->rate < c->best * DEGRADED ? RAISE : LOWER);
	return (c->factor > before) - (c->factor < before);
}
