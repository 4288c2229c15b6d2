/* SPDX-License-Identifier: BSD-2-Clause */
/* twice.h - the trials at twice the ladder's peak, one a block: medians and ranges. */
#ifndef DUALITY_TWICE_H
#define DUALITY_TWICE_H

#include "harness/bench/capacity.h"
#include "harness/stats/describe.h"

/* The ladder's; NAN where its highest load was still answered in full: then its best is
 * no peak, and twice that no overload. */
double twice_peak_rps(const struct selection *s);

/* Of a column over the trials; a short trial is left out: it is still filling the
 * listener's backlog, and tells nothing. */
struct spread twice_spread(const struct selection *s, enum column column);

/* Goodput over the ladder's peak. */
struct spread twice_kept(const struct selection *s);
#endif
