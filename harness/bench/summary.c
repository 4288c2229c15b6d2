/* SPDX-License-Identifier: BSD-2-Clause */
/* summary.c - from the journal to one line per variant, pairs, and the A/A band. */
#include "config.h"

#include "harness/bench/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/stats/describe.h"
#include "harness/stats/random.h"

static const double confidence = 0.95;

static const struct experiment *find_experiment(const struct run *r, int kind,
						int phase)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (e->kind == kind && (kind == KIND_KNEE || e->phase == phase))
			return e;
	}
	return NULL;
}

static struct selection rows_of(const struct run *r, const struct experiment *e,
				const char *variant)
{
	return (struct selection){r->journal.rows, journal_known(&r->journal), e,
				  variant};
}

/* The mean over a block's rows of a phase at a load, of those that are void and kept or
 * of those that are not; NAN if there is none. */
static double rows_mean(const struct selection *s, const char *phase, int block,
			double load_rps, bool flagged, enum column column)
{
	double sum = 0;
	int n = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		double value = row->number[column];
		if (row->number[COLUMN_LOAD_RPS] == load_rps &&
		    row_is_void(row) == flagged &&
		    selection_has(s, row, phase, block) && !isnan(value)) {
			sum += value;
			n++;
		}
	}
	return n ? sum / n : NAN;
}

/* A trial that was void and kept stands in only where the block has no sound one, be it
 * one without this value. */
static double block_value(const struct selection *s, const char *phase, int block,
			  double load_rps, enum column column)
{
	bool sound =
		!isnan(rows_mean(s, phase, block, load_rps, false, COLUMN_LOAD_RPS));
	return rows_mean(s, phase, block, load_rps, !sound, column);
}

/* The median over blocks at the experiment's first rate: one bad block does not move
 * it; NAN. */
static double blocks_median(const struct run *r, const struct selection *s,
			    const char *phase, enum column column)
{
	double value[r->suite.blocks];
	size_t n = 0;
	for (int block = 1; block <= r->suite.blocks; block++) {
		double one = block_value(s, phase, block,
					 s->experiment->rates_rps.value[0], column);
		if (!isnan(one))
			value[n++] = one;
	}
	return describe_median(value, n);
}

/* The capacities of the blocks that had bracket trials, or of the first if none had. */
static size_t block_capacities(const struct run *r, const struct selection *s,
			       double *capacity_rps)
{
	int from = s->experiment->bracket_from, to = r->suite.blocks;
	size_t n = 0;
	if (from > to)
		from = to = 1;
	for (int block = from; block <= to; block++)
		capacity_rps[n++] = capacity_block_rps(s, block);
	return n;
}

static struct interval capacity_interval(const struct run *r, const struct selection *s)
{
	double capacity_rps[r->suite.blocks], one[r->suite.blocks];
	size_t n = block_capacities(r, s, capacity_rps);
	for (size_t i = 0; i < n; i++)
		one[i] = 1; /* the ratio to one request/s: an interval on the log scale
			     */
	struct interval interval =
		interval_paired_ratio(capacity_rps, one, n, confidence);
	if (interval.n < SUMMARY_BLOCKS)
		interval.low = interval.high = NAN;
	return interval;
}

static void line_knee(const struct run *r, const struct experiment *e,
		      struct summary_line *line)
{
	struct selection s = rows_of(r, e, line->entry->name);
	line->capacity = capacity_find(&s);
	line->interval = capacity_interval(r, &s);
	certificate_judge(&s, &line->capacity, &line->certificate);
	line->unlisted = run_unlisted(line->entry, e);
	line->unfit = !line->unlisted && run_unfit(line->entry, e) != NULL;
	line->knee = s;
	line->kept_2x = twice_kept(&s);
}

static void line_fill(const struct run *r, struct summary_line *line)
{
	const struct experiment *knee = find_experiment(r, KIND_KNEE, 0);
	const struct experiment *equal = find_experiment(r, KIND_EQUAL, EQUAL_EQUAL);
	const struct experiment *pool = find_experiment(r, KIND_EQUAL, EQUAL_POOL);
	line->capacity = (struct capacity){NAN, NAN, 0, false, NAN};
	line->interval = (struct interval){NAN, NAN, NAN, NAN, 0};
	line->cpu_us = line->ctx = NAN;
	line->ctx_voluntary = line->ctx_involuntary = NAN;
	line->kept_2x = (struct spread){NAN, NAN, NAN, 0};
	line->pool_rps = line->pool_good_rps = line->pool_p99_us = NAN;
	if (knee)
		line_knee(r, knee, line);
	if (pool) {
		struct selection s = rows_of(r, pool, line->entry->name);
		line->pool_rps = pool->rates_rps.value[0];
		line->pool_good_rps = blocks_median(r, &s, "pool", COLUMN_GOOD_RPS);
		line->pool_p99_us = blocks_median(r, &s, "pool", COLUMN_LAT_P99);
	}
	if (equal) {
		struct selection s = rows_of(r, equal, line->entry->name);
		line->cpu_us = blocks_median(r, &s, "equal", COLUMN_CPU_US);
		line->ctx = blocks_median(r, &s, "equal", COLUMN_CTX);
		line->ctx_voluntary =
			blocks_median(r, &s, "split", COLUMN_CTX_VOLUNTARY);
		line->ctx_involuntary =
			blocks_median(r, &s, "split", COLUMN_CTX_INVOLUNTARY);
	}
}

static void ratio_range(const double *a, const double *b, size_t n, double *low,
			double *high)
{
	*low = *high = NAN;
	for (size_t i = 0; i < n; i++) {
		if (isnan(a[i] / b[i]))
			continue;
		*low = fmin(*low, a[i] / b[i]);
		*high = fmax(*high, a[i] / b[i]);
	}
}

static void pair_fill(const struct run *r, const struct experiment *e,
		      struct summary_pair *pair)
{
	double a[r->suite.blocks], b[r->suite.blocks];
	struct selection first = rows_of(r, e, pair->first);
	struct selection second = rows_of(r, e, pair->second);
	size_t n = block_capacities(r, &first, a);
	block_capacities(r, &second, b);
	pair->ratio = interval_paired_ratio(a, b, n, confidence);
	ratio_range(a, b, n, &pair->low, &pair->high);
	pair->bootstrap = (struct interval){NAN, NAN, NAN, NAN, 0};
	pair->p_holm = NAN;
	if (pair->ratio.n < SUMMARY_BLOCKS)
		pair->ratio.low = pair->ratio.high = pair->ratio.p = NAN;
	if (pair->ratio.n >= SUMMARY_BOOTSTRAP)
		pair->bootstrap = interval_bootstrap_ratio(
			a, b, n, confidence, random_seed(r->seed, "bootstrap"));
}

/* "A:B C:D", those of which both ran. */
static void pairs_fill(const struct run *r, const struct experiment *e,
		       struct summary *out)
{
	char text[SETTING_TEXT], *rest = text, *word;
	double p[EXPERIMENT_PAIRS], adjusted[EXPERIMENT_PAIRS];
	strcpy(text, e->pairs);
	while ((word = strsep(&rest, " \t")) && out->pairs < EXPERIMENT_PAIRS) {
		char *colon = strchr(word, ':');
		if (!colon)
			continue;
		*colon = '\0';
		if (!run_entry(r, word) || !run_entry(r, colon + 1))
			continue;
		struct summary_pair *pair = &out->pair[out->pairs];
		snprintf(pair->first, sizeof pair->first, "%s", word);
		snprintf(pair->second, sizeof pair->second, "%s", colon + 1);
		pair_fill(r, e, pair);
		p[out->pairs++] = pair->ratio.p;
	}
	interval_holm(p, out->pairs, adjusted);
	for (size_t i = 0; i < out->pairs; i++)
		out->pair[i].p_holm = adjusted[i];
}

/* How far a ratio may stray from 1, as a share; NAN stays out. */
static double band_of(double low, double high)
{
	return exp(fmax(fabs(log(low)), fabs(log(high)))) - 1;
}

/* How far apart the bounds of a variant's capacity are, as a share: a step of the grid
 * where they were searched, of the ladder where not.  NAN where one is missing. */
static double bracket_width(const struct run *r, const struct experiment *e,
			    const char *variant)
{
	struct selection s = rows_of(r, e, variant);
	struct capacity c = capacity_find(&s);
	return c.upper_rps / c.lower_rps - 1;
}

static void aa_capacity(const struct run *r, const struct experiment *e,
			struct summary *out)
{
	const struct summary_pair *aa = &out->aa;
	pair_fill(r, e, &out->aa);
	bool interval = !isnan(aa->ratio.low);
	out->aa_band = interval ? band_of(aa->ratio.low, aa->ratio.high)
				: band_of(aa->low, aa->high);
	out->step = fmax(e->grid - 1, fmax(bracket_width(r, e, aa->first),
					   bracket_width(r, e, aa->second)));
}

static void aa_cpu(const struct run *r, const struct experiment *e, struct summary *out)
{
	double a[r->suite.blocks], b[r->suite.blocks], low, high;
	struct selection first = rows_of(r, e, out->aa.first);
	struct selection second = rows_of(r, e, out->aa.second);
	size_t n = (size_t)r->suite.blocks;
	for (size_t i = 0; i < n; i++) {
		int block = (int)i + 1;
		double rate_rps = e->rates_rps.value[0];
		a[i] = block_value(&first, "equal", block, rate_rps, COLUMN_CPU_US);
		b[i] = block_value(&second, "equal", block, rate_rps, COLUMN_CPU_US);
	}
	struct interval ratio = interval_paired_ratio(a, b, n, confidence);
	ratio_range(a, b, n, &low, &high);
	out->aa_cpu_ratio = ratio.estimate;
	out->aa_cpu_blocks = ratio.n;
	out->aa_cpu_band = ratio.n >= SUMMARY_BLOCKS ? band_of(ratio.low, ratio.high)
						     : band_of(low, high);
}

static void aa_fill(const struct run *r, struct summary *out)
{
	const struct experiment *knee = find_experiment(r, KIND_KNEE, 0);
	const struct experiment *equal = find_experiment(r, KIND_EQUAL, EQUAL_EQUAL);
	for (size_t i = 0; i < r->entries; i++) {
		if (!r->entry[i].twin)
			continue;
		out->has_aa = true;
		snprintf(out->aa.first, ROW_TEXT, "%s", r->entry[i].name);
		snprintf(out->aa.second, ROW_TEXT, "%s", r->entry[i].variant->name);
	}
	if (out->has_aa && knee)
		aa_capacity(r, knee, out);
	if (out->has_aa && equal)
		aa_cpu(r, equal, out);
}

const char *summary_cause(int cause)
{
	static const char *const words[SUMMARY_CAUSES] = {
		"steal", "stranger", "client-gap", "client-late", "server", "load"};
	return words[cause];
}

static void voids_count(const struct run *r, struct summary *out)
{
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		const struct row *row = &r->journal.rows[i];
		out->trials++;
		for (int cause = 0; cause < SUMMARY_CAUSES; cause++) {
			if (strcmp(row->text[COLUMN_VOID], summary_cause(cause)) == 0)
				out->voids[cause]++;
		}
		out->flagged += row->number[COLUMN_FLAGGED] == 1;
	}
}

int summary_make(const struct run *r, struct summary *out)
{
	const struct experiment *knee = find_experiment(r, KIND_KNEE, 0);
	*out = (struct summary){
		.aa_cpu_ratio = NAN, .aa_band = NAN, .aa_cpu_band = NAN, .step = NAN};
	out->aa.ratio.estimate = NAN;
	out->line = calloc(r->entries + 1, sizeof *out->line);
	if (!out->line)
		return -ENOMEM;
	out->lines = r->entries;
	for (size_t i = 0; i < out->lines; i++) {
		out->line[i].entry = &r->entry[i];
		line_fill(r, &out->line[i]);
	}
	if (knee)
		pairs_fill(r, knee, out);
	aa_fill(r, out);
	voids_count(r, out);
	return 0;
}

void summary_free(struct summary *s)
{
	free(s->line);
	*s = (struct summary){0};
}
