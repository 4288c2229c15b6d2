/* SPDX-License-Identifier: BSD-2-Clause */
/* table.h - what duality micro prints at the end. */
#ifndef DUALITY_MICRO_TABLE_H
#define DUALITY_MICRO_TABLE_H

#include <stdio.h>

#include "harness/micro/plan.h"

/* Medians over the rounds with their range, primitive by primitive; then what there is
 * no value of, and why. */
void table_print(const struct plan *p, FILE *to);

/* So much steal in a sample marks its round. */
extern const double table_steal_most;
#endif
