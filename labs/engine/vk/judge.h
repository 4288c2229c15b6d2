/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.h - runs a program on the virtual kernel, in a box. */
#ifndef VK_JUDGE_H
#define VK_JUDGE_H

#include "kernel.h"

#include "box.h"

/* Until the run has an outcome.  0; -ETIME if the machine was too slow, or another
 * -errno: then there is none, and it is not the program's fault.  The plan's `keep` and
 * `settings` are used here. */
int judge_run(struct kernel *kernel, struct box_plan *plan, char *const argv[]);

#endif
