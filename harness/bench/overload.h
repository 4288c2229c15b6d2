/* SPDX-License-Identifier: BSD-2-Clause */
/* overload.h - at twice its peak: what a variant keeps, what it declared to do, and
 * what it was seen to do. */
#ifndef DUALITY_OVERLOAD_H
#define DUALITY_OVERLOAD_H

#include "harness/bench/summary.h"

/* Write FOLDER/overload.tsv where there is an experiment of kind knee.  0 or -errno. */
int overload_write(const struct run *r, const struct summary *s);

/* Tell it on the terminal, where a variant was tried at twice its peak. */
void overload_table(const struct summary *s, FILE *to);
#endif
