/* SPDX-License-Identifier: BSD-2-Clause */
/* full_summary.h - what the trials of kind full come to: per variant and number of idle
 * connections, the median over blocks and their range. */
#ifndef DUALITY_FULL_SUMMARY_H
#define DUALITY_FULL_SUMMARY_H

#include "harness/bench/run.h"
#include "harness/stats/describe.h"

enum full_quantity {
	FULL_GOOD_RPS,
	FULL_KEPT, /* of what the same block's trial beside the fewest idle ones gave */
	FULL_GROWN, /* its peak memory over that one's, per idle connection (KiB) */
	FULL_CTX, /* kernel switches per request; the split is a round's of its own, */
	FULL_VOLUNTARY, /* where ordinary trials cannot tell */
	FULL_INVOLUNTARY,
	FULL_CTX_PER_S,
	FULL_USER, /* user-level switches per request, where the server counts them */
	FULL_CROSSINGS, /* of queues between stages, per request */
	FULL_CPU_US,
	FULL_SERVER_IDLE, /* share of its CPUs */
	FULL_QUANTITIES
};

struct full_line {
	const struct entry *entry;
	int idle;
	double held; /* idle connections alive at the end, the fewest of all blocks; NAN
		      */
	size_t blocks;  /* in which it was tried */
	size_t flagged; /* in so many of these all trials were void, and one was kept */
	size_t beaten;  /* in so many of these it reached the client's ceiling: its rate
			   is then no capacity of its own, and left out */
	const char *limit; /* full_limit() of the blocks not void, or "mixed" */
	struct spread value[FULL_QUANTITIES]; /* over the blocks */
};

/* Was anything tried?  Idle connections that were not held (a hundredth may be missing)
 * leave nothing to compare: FULL_KEPT and FULL_GROWN are NAN. */
bool full_line(const struct run *r, const struct experiment *e,
	       const struct entry *entry, int idle, struct full_line *out);

/* Does any of its lines rest on a block in which all trials were void? */
bool full_is_flagged(const struct run *r, const struct experiment *e,
		     const struct entry *entry);

/* The quantity in each of the run's blocks, beside the fewest idle connections. */
void full_blocks(const struct run *r, const struct experiment *e,
		 const struct entry *entry, enum full_quantity q, double *value);

/* What the client reaches against the trivial server, the median over blocks: NAN if
 * not tried. */
double full_ceiling_rps(const struct run *r, const struct experiment *e);

/* A CPU that idles for a greater share of a trial is not at its end. */
extern const double full_idle_most;

/* Whose CPU was at its end in a trial, by what of either was idle: "server", "client",
 * "both"; "neither", where wake-ups and latency are the limit; or "n/a". */
const char *full_limit(double server_idle, double client_idle);

/* Write FOLDER/full.tsv and FOLDER/full-pairs.tsv where there is such an experiment.
 * 0 or -errno. */
int full_write(const struct run *r);

/* Tell them on the terminal. */
void full_table(const struct run *r, FILE *to);
#endif
