/* SPDX-License-Identifier: BSD-2-Clause */
/* schedule.h - an execution as one word: "0x3,1,0f,1.2" is three steps of thread 0, one
 * of thread 1, thread 0's oldest store comes to memory, thread 1 does its next step in
 * the third of the ways there are. */
#ifndef WEAVE_SCHEDULE_H
#define WEAVE_SCHEDULE_H

#include "step.h"

void schedule_print(const struct choice *path, uint32_t n);

/* The number of steps, of which memory is the caller's to free; -EINVAL. */
int schedule_parse(const char *text, struct choice **path);
#endif
