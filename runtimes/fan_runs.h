/* SPDX-License-Identifier: BSD-2-Clause */
/* fan_runs.h - three ways to run the parts of a call at once and to join them: threads,
 * processes, timers of one loop.  The first two block their caller until all parts have
 * ended, and return 0, the failing part's -errno, or why the parts could not be had
 * (-EAGAIN, -ENOMEM). */
#ifndef DUALITY_FAN_RUNS_H
#define DUALITY_FAN_RUNS_H

#include "fan.h"
#include "timer_heap.h"

int fan_threads(const struct fan *f);
int fan_processes(const struct fan *f);

/* The parts as timers in h.  When the last has expired, or one has failed, joined is
 * called with the result, and all is freed.  Returns NULL if out of memory. */
struct fan_timers;
struct fan_timers *fan_timers_begin(struct timer_heap *h, const struct fan *f,
				    void (*joined)(void *arg, int result), void *arg);

/* Give the call up: joined is not called.  NULL is fine. */
void fan_timers_cancel(struct fan_timers *t);
#endif
