/* SPDX-License-Identifier: BSD-2-Clause */
/* stack_guard.h - inside stack.h: the page below a stack that catches its overflow. */
#ifndef DUALITY_FIBER_STACK_GUARD_H
#define DUALITY_FIBER_STACK_GUARD_H

#include "stack.h"

/* A page. */
size_t guard_bytes(void);

/* Guard the page at `page` by `first` or, where that fails, by the next best; returns
 * which. */
enum stack_guard guard_install(char *page, enum stack_guard first);

/* A guard of that kind is about to be unmapped. */
void guard_forget(enum stack_guard guard);

/* Write the canary just below low. */
void guard_canary(char *low);
bool guard_canary_lives(const char *low);
#endif
