/* SPDX-License-Identifier: BSD-2-Clause */
/* summary.h - a run in one line per variant, and what differences it can settle. */
#ifndef DUALITY_SUMMARY_H
#define DUALITY_SUMMARY_H

#include "harness/bench/certificate.h"
#include "harness/bench/run.h"
#include "harness/bench/twice.h"
#include "harness/stats/interval.h"

struct summary_line {
	const struct entry *entry;
	struct capacity capacity;
	struct interval interval; /* of the capacity over blocks; NAN below 6 */
	double cpu_us, ctx; /* per request at the equal load: medians over blocks */
	double ctx_voluntary, ctx_involuntary; /* per request, counted apart there */
	struct selection knee; /* its trials in the experiment of that kind; n 0: none
				*/
	struct spread kept_2x; /* of the ladder's peak at twice that, over blocks */
	double pool_rps, pool_good_rps, pool_p99_us; /* the contrast: a fixed pool */
	struct certificate certificate;
	bool unfit, unlisted; /* has no part in the experiment of kind knee */
};

/* Two variants named beforehand, or the A/A pair. */
struct summary_pair {
	char first[ROW_TEXT], second[ROW_TEXT];
	struct interval ratio;     /* of capacities, first over second; t over blocks */
	struct interval bootstrap; /* from 12 blocks on */
	double low, high;          /* the range of the blocks' ratios */
	double p_holm;
};

enum { SUMMARY_CAUSES = 6 }; /* for which a trial is void */

struct summary {
	struct summary_line *line;
	size_t lines;
	struct summary_pair pair[EXPERIMENT_PAIRS];
	size_t pairs;
	bool has_aa;
	struct summary_pair aa;
	double aa_cpu_ratio;         /* of CPU per request at the equal load; NAN */
	double aa_band, aa_cpu_band; /* how far these ratios stray from 1; NAN */
	size_t aa_cpu_blocks;
	double step; /* between the bounds of the A/A pair's capacities, as a share: of
			the search or, where none was made, of the ladder; NAN */
	int trials, flagged;
	int voids[SUMMARY_CAUSES]; /* in the order of summary_cause() */
};

enum { SUMMARY_BLOCKS = 6, SUMMARY_BOOTSTRAP = 12 }; /* the least for an interval */

/* Its word in column `void`. */
const char *summary_cause(int cause);

/* From the journal.  0 or -ENOMEM. */
int summary_make(const struct run *r, struct summary *out);

/* Write FOLDER/summary.tsv and FOLDER/pairs.tsv.  0 or -errno. */
int summary_write(const struct run *r, const struct summary *s);

void summary_free(struct summary *s);
#endif
