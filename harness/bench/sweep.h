/* SPDX-License-Identifier: BSD-2-Clause */
/* sweep.h - experiments of kind sweep: every variant as fast as it goes, in a closed
 * loop, at each of some points: so many accounts that transfers go between, or so many
 * CPUs for the server. */
#ifndef DUALITY_BENCH_SWEEP_H
#define DUALITY_BENCH_SWEEP_H

#include <stdio.h>

#include "harness/bench/run.h"

/* Leave out the points that this machine or the budget has no room for, which is noted;
 * returns the seconds it will take. */
double sweep_fit(struct run *r, struct experiment *e);

/* 0, -EINTR, or -errno. */
int sweep_run(struct run *r, const struct experiment *e);

/* Write FOLDER/sweep.tsv where there is such an experiment.  0 or -errno. */
int sweep_write(const struct run *r);

/* Tell the medians on the terminal. */
void sweep_table(const struct run *r, FILE *to);
#endif
