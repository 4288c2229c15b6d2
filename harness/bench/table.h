/* SPDX-License-Identifier: BSD-2-Clause */
/* table.h - the summary on the terminal. */
#ifndef DUALITY_TABLE_H
#define DUALITY_TABLE_H

#include "harness/bench/summary.h"

void table_print(const struct run *r, const struct summary *s, FILE *to);
#endif
