/* SPDX-License-Identifier: BSD-2-Clause */
/* progress.h - the line on standard error that says what runs and how long it will be.
 */
#ifndef DUALITY_PROGRESS_H
#define DUALITY_PROGRESS_H

#include "harness/bench/trial.h"

void progress_show(const struct run *r, const struct trial *t, int attempt);

/* Take the line away again (on a terminal). */
void progress_end(void);
#endif
