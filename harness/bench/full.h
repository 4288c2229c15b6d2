/* SPDX-License-Identifier: BSD-2-Clause */
/* full.h - experiments of kind full: every variant as fast as it goes, in a closed loop
 * of so many connections, alone and beside numbers of idle ones. */
#ifndef DUALITY_FULL_H
#define DUALITY_FULL_H

#include <sys/resource.h>

#include "harness/bench/run.h"

/* How many descriptors a process needs for it; 0 where a few thousand do. */
rlim_t full_descriptors(const struct experiment *e);

/* Make it fit its budget and this machine (fewer numbers of idle connections); returns
 * the seconds it will take. */
double full_fit(struct run *r, struct experiment *e);

/* 0, -EINTR, or -errno. */
int full_run(struct run *r, const struct experiment *e);
#endif
