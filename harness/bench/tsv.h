/* SPDX-License-Identifier: BSD-2-Clause */
/* tsv.h - write a table of a run folder: a file, its header, its numbers. */
#ifndef DUALITY_BENCH_TSV_H
#define DUALITY_BENCH_TSV_H

#include <stdio.h>

#include "harness/bench/run.h"
#include "harness/stats/describe.h"

/* Begin the table `name`, over what was there.  Returns NULL with errno set. */
FILE *tsv_begin(const struct run *r, const char *name, const char *header);

/* Returns 0, or -EIO if not all of it was written. */
int tsv_end(FILE *to);

/* A tab and a number; nan, never -nan. */
void tsv_put(FILE *to, double value);

/* Three: the middle, the lowest, the highest. */
void tsv_put_spread(FILE *to, const struct spread *s);
#endif
