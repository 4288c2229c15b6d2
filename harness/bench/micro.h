/* SPDX-License-Identifier: BSD-2-Clause */
/* micro.h - experiments of kind micro: no server, but what `duality micro` measures of
 * threads, round by round, into the table micro.tsv. */
#ifndef DUALITY_BENCH_MICRO_H
#define DUALITY_BENCH_MICRO_H

#include <stdio.h>

#include "harness/bench/run.h"

/* 0, -EINTR, or -errno.  What went wrong with duality micro is noted, and a resumed run
 * does not repeat an experiment that had come to its end. */
int micro_run(struct run *r, const struct experiment *e);

/* Tell the medians on the terminal. */
void micro_table(const struct run *r, FILE *to);
#endif
