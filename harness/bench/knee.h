/* SPDX-License-Identifier: BSD-2-Clause */
/* knee.h - the experiment `knee`: throughput against load for every variant, past the
 * peak, and the capacity at a latency limit as a bracket. */
#ifndef DUALITY_KNEE_H
#define DUALITY_KNEE_H

#include "harness/bench/run.h"

/* Make the experiment fit its budget: fewer bracket trials, rungs, overloads, in this
 * order, each told in a note.  Depends on nothing measured, so that a resumed run trims
 * alike. Returns the seconds it will take. */
double knee_fit(struct run *r, struct experiment *e);

/* 0, -EINTR, or -errno. */
int knee_run(struct run *r, const struct experiment *e);
#endif
