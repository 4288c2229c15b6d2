/* SPDX-License-Identifier: BSD-2-Clause */
/* full_pairs.h - two variants of an experiment of kind full, compared block by block.
 */
#ifndef DUALITY_FULL_PAIRS_H
#define DUALITY_FULL_PAIRS_H

#include "harness/bench/run.h"
#include "harness/stats/describe.h"
#include "harness/stats/interval.h"

enum full_ratio {
	RATIO_CTX, /* the kernel's switches per request */
	RATIO_CTX_PER_S,
	RATIO_RATE,    /* good replies per second */
	RATIO_PER_CPU, /* requests per second of the server's CPU */
	RATIOS
};

struct full_pair {
	const struct entry *first, *second;
	bool aa;   /* the twin and its original */
	bool goal; /* the one that ratio_goal is about */
};

/* First over second within a block. */
struct full_comparison {
	struct spread spread;     /* median and range */
	struct interval interval; /* 90 %, of the mean on the log scale; bounds are NAN
				     below six blocks */
};

enum { FULL_PAIRS = EXPERIMENT_PAIRS + 1 };

/* Those of the experiment's `pairs` ("A:B C:D") whose sides both take part, and then
 * the A/A pair.  Returns how many; none without `pairs`. */
size_t full_pairs(const struct run *r, const struct experiment *e,
		  struct full_pair out[FULL_PAIRS]);

struct full_comparison full_compare(const struct run *r, const struct experiment *e,
				    const struct full_pair *pair,
				    enum full_ratio ratio);

/* What a request costs the first's CPU more than the second's within a block, in ns:
 * what both pay alike, most of it to the kernel, draws a ratio towards 1, and not this.
 * The interval is of the mean as it is, not on the log scale. */
struct full_comparison full_difference_ns(const struct run *r,
					  const struct experiment *e,
					  const struct full_pair *pair);

/* Which ratio the verdict is of. */
enum full_ratio full_judged(const struct experiment *e);

/* By how much a ratio of this quantity may stray from 1 and mean nothing: the interval
 * of the A/A pair; NAN without one. */
double full_band(const struct run *r, const struct experiment *e,
		 enum full_ratio ratio);

/* Of the interval against the goal: inside, below, above; of another pair's against 1:
 * more, less; undecided, or n/a without an interval.  Nothing narrower than the band is
 * called: where the goal is, or where the interval leaves 1 by less, cannot-tell. */
const char *full_verdict(const struct experiment *e, const struct full_pair *pair,
			 const struct full_comparison *c, double band);

/* The most switches a second that the A/A pair had in a block, two event loops at their
 * end: other work on this CPU.  NAN where there is no such pair. */
double full_background_per_s(const struct run *r, const struct experiment *e);

/* Where the second of a pair switches no more than that, its count is not its own: the
 * ratio of switches per request is at least this.  NAN where the count is its own. */
double full_ctx_bound(const struct run *r, const struct experiment *e,
		      const struct full_pair *pair);

/* FOLDER/full-pairs.tsv. */
extern const char full_pairs_header[];
void full_pairs_put(FILE *to, const struct run *r, const struct experiment *e);

/* Tell the experiments that have a ratio_goal on the terminal. */
void full_pairs_table(const struct run *r, FILE *to);
#endif
