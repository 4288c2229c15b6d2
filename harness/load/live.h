/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run says while it lasts: window borders for programs, a live line for people.
 */
#ifndef LOAD_LIVE_H
#define LOAD_LIVE_H

#include "harness/load/load.h"

/* Writes `NAME NS` to the --events descriptor, if there is one. */
void live_event(const struct options *options, const char *name, uint64_t time_ns);

/* Writes the live line and sets the time of the next. */
void live_ping(struct load *load);

/* Leaves the terminal's line empty. */
void live_clear(void);

#endif
