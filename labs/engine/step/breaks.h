/* SPDX-License-Identifier: BSD-2-Clause */
/* breaks.h - breakpoints where the code under test is entered.  All calls: 0 or -errno.
 */
#ifndef LAB_STEP_BREAKS_H
#define LAB_STEP_BREAKS_H

#include "execution.h"

/* At each function under test. */
int breaks_plant(struct execution *x);
/* At another address, if there is none yet. */
int break_add(struct execution *x, uint64_t address);
/* The one at the address, or NULL. */
struct breakpoint *break_at(struct execution *x, uint64_t address);
/* Takes it out so that the instruction below can be executed, and puts it back; NULL:
 * nothing. */
int break_lift(struct execution *x, const struct breakpoint *b);
int break_put_back(struct execution *x, const struct breakpoint *b);

#endif
