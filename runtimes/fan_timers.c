/* SPDX-License-Identifier: BSD-2-Clause */
/* fan_timers.c - parallel calls as a loop has them: nobody joins, a counter goes down,
 * and what comes after the join is a callback. */
#include "config.h"

#include "fan_runs.h"

#include <stdlib.h>

struct part {
	struct timer timer; /* first: an expired timer is its part */
	struct fan_timers *call;
	unsigned number;
};

struct fan_timers {
	struct timer_heap *heap;
	struct fan fan;
	unsigned left; /* parts that have not ended */
	void (*joined)(void *arg, int result);
	void *arg;
	struct part part[];
};

void fan_timers_cancel(struct fan_timers *t)
{
	for (unsigned i = 0; t && i < t->fan.n; i++)
		timer_cancel(t->heap, &t->part[i].timer);
	free(t);
}

static void on_part(struct timer *timer)
{
	struct part *p = (struct part *)timer;
	struct fan_timers *t = p->call;
	void (*joined)(void *, int) = t->joined;
	int result = fan_part_result(&t->fan, p->number);
	void *arg = t->arg;

	if (--t->left > 0 && result == 0)
		return;
	fan_timers_cancel(t);
	joined(arg, result);
}

struct fan_timers *fan_timers_begin(struct timer_heap *h, const struct fan *f,
				    void (*joined)(void *arg, int result), void *arg)
{
	struct fan_timers *t = calloc(1, sizeof *t + f->n * sizeof t->part[0]);
	uint64_t now = timer_now();

	if (!t)
		return NULL;
	*t = (struct fan_timers){h, *f, f->n, joined, arg};
	for (unsigned i = 0; i < f->n; i++) {
		struct part *p = &t->part[i];

		*p = (struct part){{.expired = on_part}, t, i};
		if (timer_arm(h, &p->timer, now + fan_part_ns(f, i)) < 0) {
			fan_timers_cancel(t);
			return NULL;
		}
	}
	return t;
}
