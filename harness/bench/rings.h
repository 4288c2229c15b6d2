/* SPDX-License-Identifier: BSD-2-Clause */
/* rings.h - experiments of kind rings: no server, but `duality rings`, round by round,
 * into the table rings.tsv. */
#ifndef DUALITY_BENCH_RINGS_H
#define DUALITY_BENCH_RINGS_H

#include <stdio.h>

#include "harness/bench/run.h"

/* The columns of rings.tsv. */
enum ring_column {
	RING_EXPERIMENT,
	RING_ROUND,
	RING_WHAT,
	RING_PLACE,
	RING_NAME,
	RING_BATCH,
	RING_UNIT,
	RING_VALUE,
	RING_NOTE,
	RING_COLUMNS
};

/* 0, -EINTR, or -errno; see rounds_run. */
int rings_run(struct run *r, const struct experiment *e);

/* Tell medians over the rounds, and what others take over ours, on the terminal. */
void rings_table(const struct run *r, FILE *to);
#endif
