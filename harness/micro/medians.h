/* SPDX-License-Identifier: BSD-2-Clause */
/* medians.h - tables of primitives: medians over rounds, for people. */
#ifndef DUALITY_MICRO_MEDIANS_H
#define DUALITY_MICRO_MEDIANS_H

#include <stdio.h>

#include "harness/micro/plan.h"

/* Medians over the rounds with their range, primitive by primitive; then what there is
 * no value of, and why. */
void medians_print(const struct plan *p, FILE *to);

/* So much steal in a sample marks its round. */
extern const double medians_steal_most;
#endif
