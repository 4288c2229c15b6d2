/* SPDX-License-Identifier: BSD-2-Clause */
/* event.c - the program of `duality micro` that has no threads: one loop. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <math.h>
#include <stddef.h>

#include "harness/micro/tasks.h"

enum { LOOK_EVERY = 64 };

/* task8k without threads: a loop takes task after task from the queue. */
static double task8k_event(unsigned n)
{
	double value = tasks_make(n);

	if (isnan(value))
		return value;
	for (unsigned i = 0; i < n; i++)
		task_perform();
	uint64_t before = tasks_done();
	double began_ns = micro_now_ns();
	do
		for (int i = 0; i < LOOK_EVERY; i++)
			task_perform();
	while (micro_now_ns() - began_ns < micro_least_ns());
	value = tasks_rate(before, began_ns);
	tasks_free();
	return value;
}

static const struct micro_case cases[] = {
	{"task8k", "1/s", NULL, task8k_event, TASK8K_SIZES, CROWD_IS},
	{0},
};

int main(int argc, char **argv)
{
	return micro_main(argc, argv, &(struct micro){"event", cases});
}
