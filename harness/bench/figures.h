/* SPDX-License-Identifier: BSD-2-Clause */
/* figures.h - the figures of a run. */
#ifndef DUALITY_FIGURES_H
#define DUALITY_FIGURES_H

#include "harness/bench/run.h"

/* plots/NAME.sh draws experiment NAME, and those named NAME-ANYTHING that have no
 * script of their own, from the run's folder.  False after a message if one could not.
 */
bool figures_draw(const struct run *r);
#endif
