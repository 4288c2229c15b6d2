/* SPDX-License-Identifier: BSD-2-Clause */
/* report.h - inside the runtime: what is told of all fibers. */
#ifndef DUALITY_FIBER_REPORT_H
#define DUALITY_FIBER_REPORT_H

#include "worker.h"

/* The deepest that any live fiber ever used its stack, in bytes.  It looks at every
 * stack. */
size_t report_high_water(void);
#endif
