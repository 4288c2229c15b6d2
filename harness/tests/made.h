/* SPDX-License-Identifier: BSD-2-Clause */
/* made.h - a made-up run and its trials, for tests of what is said of them. */
#ifndef DUALITY_TESTS_MADE_H
#define DUALITY_TESTS_MADE_H

#include "harness/bench/summary.h"

enum { MADE_ROWS = 64 };
extern struct row made_rows[MADE_ROWS];

/* One experiment, `one`, of a kind, so many blocks, and no trial yet. */
void made_begin(struct run *r, int kind, int blocks, struct entry *entries, size_t n);

/* One trial more: sound, without idle connections, 10 us of CPU a request. */
struct row *made_trial(struct run *r, const char *variant, const char *phase,
		       int block);

/* The summary's first line. */
struct summary_line made_line(const struct run *r);

/* What the terminal gets, to be freed; of the summary as `change` leaves it, or NULL.
 */
char *made_table(const struct run *r, void (*change)(struct summary *s));
#endif
