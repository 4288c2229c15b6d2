/* SPDX-License-Identifier: BSD-2-Clause */
/* block.h - every variant once, in random order; a void trial again; the budget kept.
 */
#ifndef DUALITY_BLOCK_H
#define DUALITY_BLOCK_H

#include "harness/bench/trial.h"

enum block_status {
	BLOCK_DONE,   /* *out is the row that counts, or a void one if none does */
	BLOCK_SKIPPED /* no time, or the variant was dropped */
};

/* Do a trial, or take it from the journal, with its retries.  A block_status, -EINTR,
 * or -errno. */
int block_trial(struct run *r, const struct trial *t, struct row *out);

/* One more attempt at a trial whose last one others spoilt, if there is time; nothing
 * otherwise.  As block_trial(). */
int block_trial_again(struct run *r, const struct trial *t, struct row *out);

/* What differs between the variants of one round. */
struct round {
	struct trial trial; /* entry and rate_rps are filled in per variant */
	const char *name;   /* what the order is drawn from, and the arrivals */
	/* The load for this variant; NAN for a closed loop; negative: none for it. */
	double (*rate_rps)(const struct run *r, const struct entry *entry,
			   const struct round *round);
	double factor; /* for rate_rps to use */
	bool twins;    /* the A/A twin as well? */
	void (*done)(struct entry *entry, const struct row *row); /* may be NULL */
};

/* Every variant once, in random order.  0, -EINTR, or -errno. */
int block_round(struct run *r, const struct round *round);

/* Begin an experiment: its budget, and what its first attempts will take.  Retries get
 * what is left over. */
void block_begin(struct run *r, const struct experiment *e, double due_s);
#endif
