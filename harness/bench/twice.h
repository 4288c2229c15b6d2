/* SPDX-License-Identifier: BSD-2-Clause */
/* twice.h - the trials at twice the ladder's peak, one a block: medians and ranges. */
#ifndef DUALITY_TWICE_H
#define DUALITY_TWICE_H

#include "harness/bench/capacity.h"
#include "harness/stats/describe.h"

/* Is there a trial beyond the peak, long enough for a listener's backlog to fill? */
bool twice_was_tried(const struct selection *s);

/* The ladder's; NAN where its highest load was still answered in full: then its best is
 * no peak, and twice that no overload. */
double twice_peak_rps(const struct selection *s);

/* Of a column over the trials, or of its count a second; a short trial is left out: it
 * is still filling the listener's backlog, and tells nothing. */
struct spread twice_spread(const struct selection *s, enum column column);
struct spread twice_per_s(const struct selection *s, enum column column);

/* Over the ladder's peak: the goodput, all that was answered, and what was sent. */
struct spread twice_kept(const struct selection *s);
struct spread twice_answered(const struct selection *s);
struct spread twice_sent(const struct selection *s);

/* Did the client offer less than twice the peak? */
bool twice_is_short(const struct selection *s);
#endif
