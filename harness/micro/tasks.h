/* SPDX-License-Identifier: BSD-2-Clause */
/* tasks.h - what task8k does: reads of 8 KiB of a cached file, and the queue that the
 * tasks wait in. */
#ifndef DUALITY_MICRO_TASKS_H
#define DUALITY_MICRO_TASKS_H

#include <stdint.h>

/* So many, in memory that processes share.  0, or NAN after micro_cannot. */
double tasks_make(unsigned n);
void tasks_free(void);

/* Take the first, perform it, put it to the end. */
void task_perform(void);

/* How many were performed so far. */
uint64_t tasks_done(void);

/* A second, since there were so many at that time.  NAN after micro_cannot. */
double tasks_rate(uint64_t before, double began_ns);

/* Of the threads that perform them. */
void tasks_stop(void);
_Bool tasks_stopped(void);
#endif
