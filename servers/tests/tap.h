/* SPDX-License-Identifier: BSD-2-Clause */
/* tap.h - results in the Test Anything Protocol; the plan comes last. */
#ifndef DUALITY_TAP_H
#define DUALITY_TAP_H

#include <stdbool.h>

__attribute__((format(printf, 1, 2))) void tap_diag(const char *format, ...);
__attribute__((format(printf, 2, 3))) void tap_ok(bool ok, const char *format, ...);
void tap_skip(const char *name, const char *reason);

/* Print the plan.  Returns the exit status: 1 if anything was not ok. */
int tap_done(void);
#endif
