/* SPDX-License-Identifier: BSD-2-Clause */
/* equal.h - the same offered load for every variant: what a request costs the server.
 */
#ifndef DUALITY_EQUAL_H
#define DUALITY_EQUAL_H

#include "harness/bench/run.h"

/* Make it fit its budget (fewer rates); returns the seconds it will take. */
double equal_fit(struct run *r, struct experiment *e);

/* 0, -EINTR, or -errno. */
int equal_run(struct run *r, const struct experiment *e);
#endif
