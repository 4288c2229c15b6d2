/* SPDX-License-Identifier: BSD-2-Clause */
/* cause.h - why a trial that ended well does not count all the same. */
#ifndef DUALITY_CAUSE_H
#define DUALITY_CAUSE_H

#include "harness/bench/trial.h"

/* The word for the row's column `void`, out of what was measured; NULL where the trial
 * counts.  docs/decisions/0002 and 0011. */
const char *cause_find(const struct suite *suite, const struct trial *t,
		       const struct row *row);
#endif
