/* SPDX-License-Identifier: BSD-2-Clause */
/* full_pairs.c - paired ratios over blocks: medians, 90 % t intervals of the
 * logarithms, and what they say of the experiment's goal. */
#include "config.h"

#include "harness/bench/full_pairs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/bench/full_summary.h"
#include "harness/bench/summary.h"
#include "harness/bench/tsv.h"

static const double confidence = 0.90;

static const char *const ratio_names[RATIOS] = {
	[RATIO_CTX] = "ctx",
	[RATIO_CTX_PER_S] = "ctx_per_s",
	[RATIO_RATE] = "rate",
	[RATIO_PER_CPU] = "per_cpu_s",
};

static const struct entry *original_of(const struct run *r, const struct entry *twin)
{
	for (size_t i = 0; i < r->entries; i++) {
		if (!r->entry[i].twin && r->entry[i].variant == twin->variant)
			return &r->entry[i];
	}
	return NULL;
}

static size_t pairs_named(const struct run *r, const struct experiment *e,
			  struct full_pair out[FULL_PAIRS])
{
	char names[2][ROW_TEXT];
	const char *at = e->pairs;
	size_t n = 0;
	int used, nth = 0;
	while (n < EXPERIMENT_PAIRS &&
	       sscanf(at, " %119[^: ]:%119s%n", names[0], names[1], &used) == 2) {
		struct full_pair pair = {
			.first = run_entry(r, names[0]),
			.second = run_entry(r, names[1]),
			.goal = nth++ == 0 && e->ratio_goal.n != 0,
		};
		at += used;
		if (pair.first && pair.second)
			out[n++] = pair;
	}
	return n;
}

size_t full_pairs(const struct run *r, const struct experiment *e,
		  struct full_pair out[FULL_PAIRS])
{
	size_t n = pairs_named(r, e, out);
	for (size_t i = 0; *e->pairs && i < r->entries; i++) {
		if (r->entry[i].twin && original_of(r, &r->entry[i]))
			out[n++] = (struct full_pair){&r->entry[i],
						      original_of(r, &r->entry[i]),
						      true, false};
	}
	return n;
}

enum full_ratio full_judged(const struct experiment *e)
{
	return e->measure == MEASURE_RATE ? RATIO_RATE : RATIO_PER_CPU;
}

struct full_comparison full_compare(const struct run *r, const struct experiment *e,
				    const struct full_pair *pair, enum full_ratio ratio)
{
	static const enum full_quantity quantities[RATIOS] = {
		[RATIO_CTX] = FULL_CTX,
		[RATIO_CTX_PER_S] = FULL_CTX_PER_S,
		[RATIO_RATE] = FULL_GOOD_RPS,
		[RATIO_PER_CPU] = FULL_CPU_US,
	};
	/* What a request costs is the inverse of how many a CPU second is good for. */
	bool inverse = ratio == RATIO_PER_CPU;
	size_t blocks = (size_t)r->suite.blocks;
	double a[blocks], b[blocks], quotient[blocks];
	full_blocks(r, e, inverse ? pair->second : pair->first, quantities[ratio], a);
	full_blocks(r, e, inverse ? pair->first : pair->second, quantities[ratio], b);
	for (size_t i = 0; i < blocks; i++)
		quotient[i] = b[i] > 0 ? a[i] / b[i] : NAN;
	struct full_comparison c = {describe_spread(quotient, blocks),
				    interval_paired_ratio(a, b, blocks, confidence)};
	if (c.interval.n < SUMMARY_BLOCKS)
		c.interval.low = c.interval.high = NAN;
	return c;
}

/* A microsecond is a thousand; what both cost alike drops out. */
struct full_comparison full_difference_ns(const struct run *r,
					  const struct experiment *e,
					  const struct full_pair *pair)
{
	size_t blocks = (size_t)r->suite.blocks, n = 0;
	double a[blocks], b[blocks], more_ns[blocks];
	full_blocks(r, e, pair->first, FULL_CPU_US, a);
	full_blocks(r, e, pair->second, FULL_CPU_US, b);
	for (size_t i = 0; i < blocks; i++) {
		if (isfinite(a[i] - b[i]))
			more_ns[n++] = 1000 * (a[i] - b[i]);
	}
	struct full_comparison c = {describe_spread(more_ns, n),
				    interval_mean(more_ns, n, confidence)};
	if (c.interval.n < SUMMARY_BLOCKS)
		c.interval.low = c.interval.high = NAN;
	return c;
}

static double band_of(const struct interval *i)
{
	return exp(fmax(fabs(log(i->low)), fabs(log(i->high)))) - 1;
}

double full_band(const struct run *r, const struct experiment *e, enum full_ratio ratio)
{
	struct full_pair pair[FULL_PAIRS];
	size_t n = full_pairs(r, e, pair);
	if (n == 0 || !pair[n - 1].aa)
		return NAN;
	struct full_comparison c = full_compare(r, e, &pair[n - 1], ratio);
	return band_of(&c.interval);
}

const char *full_verdict(const struct experiment *e, const struct full_pair *pair,
			 const struct full_comparison *c, double band)
{
	const struct interval *i = &c->interval;
	double low = pair->goal ? e->ratio_goal.value[0] : 1;
	double high = pair->goal ? e->ratio_goal.value[1] : 1;
	double least = 1 / (1 + band), most = 1 + band;
	if (isnan(i->low) || isnan(band))
		return "n/a";
	if (i->high < fmin(low, least))
		return pair->goal ? "below" : "less";
	if (i->low > fmax(high, most))
		return pair->goal ? "above" : "more";
	if (pair->goal && (least < low || most > high))
		return "cannot-tell";
	if (pair->goal)
		return i->low >= low && i->high <= high ? "inside" : "undecided";
	return i->low > 1 || i->high < 1 ? "cannot-tell" : "undecided";
}

/* The twin and its original at their end: there a loop waits for nothing, and what
 * puts it aside is other work. */
static bool is_busy_loop(const struct full_line *line)
{
	return strcmp(line->entry->family, "event") == 0 &&
	       line->value[FULL_SERVER_IDLE].mid <= full_idle_most;
}

double full_background_per_s(const struct run *r, const struct experiment *e)
{
	struct full_pair pair[FULL_PAIRS];
	struct full_line twin, original;
	size_t n = full_pairs(r, e, pair);
	if (n == 0 || !pair[n - 1].aa)
		return NAN;
	full_line(r, e, pair[n - 1].first, (int)e->idles.value[0], &twin);
	full_line(r, e, pair[n - 1].second, (int)e->idles.value[0], &original);
	if (!is_busy_loop(&twin) || !is_busy_loop(&original))
		return NAN;
	return fmax(twin.value[FULL_CTX_PER_S].high,
		    original.value[FULL_CTX_PER_S].high);
}

double full_ctx_bound(const struct run *r, const struct experiment *e,
		      const struct full_pair *pair)
{
	struct full_line first, second;
	double background_per_s = full_background_per_s(r, e);
	full_line(r, e, pair->first, (int)e->idles.value[0], &first);
	full_line(r, e, pair->second, (int)e->idles.value[0], &second);
	if (pair->aa || !(second.value[FULL_CTX_PER_S].mid <= background_per_s))
		return NAN;
	return first.value[FULL_CTX].mid * second.value[FULL_GOOD_RPS].mid /
	       background_per_s;
}

const char full_pairs_header[] =
	"experiment\tfirst\tsecond\tquantity\tblocks\tratio\tlow\thigh\tmean\t"
	"interval_low\tinterval_high\tgoal_low\tgoal_high\tband\tjudged\tverdict\n";

static void put_ratio(FILE *to, const struct run *r, const struct experiment *e,
		      const struct full_pair *pair, enum full_ratio ratio,
		      const struct full_comparison *c)
{
	bool judged = e->ratio_goal.n != 0 && !pair->aa && ratio == full_judged(e);
	bool of_ctx = ratio == RATIO_CTX || ratio == RATIO_CTX_PER_S;
	double band = full_band(r, e, ratio);
	const char *verdict = judged ? full_verdict(e, pair, c, band) : "-";
	if (of_ctx && !isnan(full_ctx_bound(r, e, pair)))
		verdict = "background";
	fprintf(to, "%s\t%s\t%s\t%s\t%zu", e->name, pair->first->name,
		pair->second->name, ratio_names[ratio], c->spread.n);
	tsv_put_spread(to, &c->spread);
	tsv_put(to, c->interval.estimate);
	tsv_put(to, c->interval.low);
	tsv_put(to, c->interval.high);
	tsv_put(to, pair->goal ? e->ratio_goal.value[0] : NAN);
	tsv_put(to, pair->goal ? e->ratio_goal.value[1] : NAN);
	tsv_put(to, band);
	fprintf(to, "\t%d\t%s\n", judged, verdict);
}

void full_pairs_put(FILE *to, const struct run *r, const struct experiment *e)
{
	struct full_pair pair[FULL_PAIRS];
	size_t n = full_pairs(r, e, pair);
	for (size_t i = 0; i < n; i++) {
		for (enum full_ratio ratio = 0; ratio < RATIOS; ratio++) {
			struct full_comparison c = full_compare(r, e, &pair[i], ratio);
			put_ratio(to, r, e, &pair[i], ratio, &c);
		}
	}
}
