/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.h - a cell of a table over blocks: an experiment's trials of one variant at one
 * point, one in each block. */
#ifndef DUALITY_BENCH_CELLS_H
#define DUALITY_BENCH_CELLS_H

#include <stdio.h>

#include "harness/bench/run.h"
#include "harness/stats/describe.h"

struct cell {
	const struct run *run;
	const struct experiment *experiment;
	const struct entry *entry;
	const char *phase; /* or NULL: whichever */
	double point;

	/* What is told of a trial, from 0 on; NAN where it is not known.  The first is
	 * known of each. */
	double (*value)(const struct row *row, unsigned quantity);
};

/* The block's trial that was sound, or, if flagged, one that was void and kept; or
 * NULL. */
const struct row *cell_row(const struct cell *c, int block, bool flagged);
double cell_value(const struct cell *c, int block, unsigned quantity, bool flagged);

/* Void trials stand in only where no block has a sound one. */
bool cell_is_flagged(const struct cell *c);
struct spread cell_spread(const struct cell *c, unsigned quantity);

/* The spreads of the first so many, three columns each, and the line's end. */
void cell_put_spreads(FILE *to, const struct cell *c, unsigned quantities);
#endif
