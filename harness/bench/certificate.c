/* SPDX-License-Identifier: BSD-2-Clause */
/* certificate.c - the client's five tests. */
#include "config.h"

#include "harness/bench/certificate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bench/block.h"
#include "harness/stats/describe.h"
#include "harness/targets/places.h"

static const double ceiling_factor = 1.5, plan_error = 0.01, lag_share = 0.05,
		    ks_most = 0.05, cpu_most = 0.8, little_most = 0.02,
		    grid_slack = 1.0001;

/* "The knee unchanged with twice the connections" is tried this far below the lower
 * bound: at the bound itself, by the meaning of a bracket, up to half of all trials
 * fail. */
static const double twice_share = 0.95;

const char certificate_reflector[] = "reflector";

const char *certificate_name(enum certificate_test test)
{
	static const char *const names[CERTIFICATE_TESTS] = {
		[CERTIFICATE_CEILING] = "ceiling",
		[CERTIFICATE_PLAN] = "sends on plan",
		[CERTIFICATE_ARRIVALS] = "arrivals",
		[CERTIFICATE_CPU] = "client CPU",
		[CERTIFICATE_LITTLE] = "Little's law",
	};
	return names[test];
}

const char *certificate_word(enum certificate_verdict verdict)
{
	static const char *const words[] = {[CERTIFICATE_NOT_RUN] = "not-run",
					    [CERTIFICATE_PASS] = "pass",
					    [CERTIFICATE_FAIL] = "fail"};
	return words[verdict];
}

static struct selection rows_of(const struct run *r, const struct experiment *e,
				const char *variant)
{
	return (struct selection){r->journal.rows, journal_known(&r->journal), e,
				  variant};
}

/* The variant with the highest lower bound, and the highest load any of them may carry.
 */
static const struct entry *best_entry(const struct run *r, const struct experiment *e,
				      double *lower_rps, double *highest_rps)
{
	const struct entry *best = NULL;
	*lower_rps = *highest_rps = NAN;
	for (size_t i = 0; i < r->entries; i++) {
		struct selection rows = rows_of(r, e, r->entry[i].name);
		struct capacity c = capacity_find(&rows);
		*highest_rps = fmax(*highest_rps, fmax(c.lower_rps, c.upper_rps));
		if (!isnan(c.lower_rps) && !(c.lower_rps <= *lower_rps)) {
			*lower_rps = c.lower_rps;
			best = &r->entry[i];
		}
	}
	return best;
}

/* A load that fails is tried once more: half of the trials may fail, as in the bracket.
 */
static int certificate_trial(struct run *r, const struct experiment *e,
			     const struct entry *entry, double rate_rps,
			     double think_scale)
{
	struct trial trial = {.experiment = e,
			      .entry = entry,
			      .phase = "certificate",
			      .block = 1,
			      .rate_rps = rate_rps,
			      .think_scale = think_scale,
			      .prelude_rps = NAN,
			      .seed_of = "certificate"};
	struct row row;
	int status = block_trial(r, &trial, &row);
	trial.seed_of = "certificate again"; /* the same arrivals would fail again */
	if (status == BLOCK_DONE && row.number[COLUMN_PASS] == 0)
		status = block_trial(r, &trial, &row);
	return status < 0 ? status : 0;
}

/* Room for what an entry refers to. */
struct reflector {
	char program[PATH_MAX];
	struct variant variant;
	struct entry entry;
};

static void reflector_fill(struct reflector *out)
{
	snprintf(out->program, sizeof out->program, "%s/duality-reflector",
		 place_get(PLACE_LIBEXEC));
	out->variant = (struct variant){.program = out->program,
					.name = certificate_reflector};
	out->entry = (struct entry){.variant = &out->variant, .family = "reference"};
	strcpy(out->entry.name, certificate_reflector);
}

int certificate_reflect(struct run *r, struct trial trial,
			int (*todo)(struct run *r, const struct trial *t,
				    struct row *out))
{
	struct reflector reflector;
	struct row row;
	reflector_fill(&reflector);
	trial.entry = &reflector.entry;
	trial.phase = "certificate";
	return todo(r, &trial, &row);
}

/* The client's ceiling at one rate. */
static int certificate_ceiling(struct run *r, const struct experiment *e,
			       double rate_rps)
{
	struct reflector reflector;
	reflector_fill(&reflector);
	return certificate_trial(r, e, &reflector.entry, rate_rps, 1);
}

int certificate_run(struct run *r, const struct experiment *e)
{
	double lower_rps, highest_rps;
	const struct entry *best = best_entry(r, e, &lower_rps, &highest_rps);
	if (!best)
		return 0;
	int status = certificate_ceiling(r, e, ceiling_factor * highest_rps);
	if (status == 0)
		status = certificate_trial(r, e, best, twice_share * lower_rps, 2);
	return status;
}

/* Trials that say how the client did where it matters: at and just below the capacity.
 */
static bool is_near(const struct selection *s, const struct row *row,
		    const struct capacity *capacity)
{
	double load_rps = row->number[COLUMN_LOAD_RPS];
	return (selection_has(s, row, "ladder", 0) ||
		selection_has(s, row, "bracket", 0)) &&
	       load_rps >= 0.5 * capacity->lower_rps &&
	       load_rps <= capacity->lower_rps * 1.0001;
}

/* The median of something over the trials near the capacity; NAN. */
static double near_median(const struct selection *s, const struct capacity *capacity,
			  double (*what)(const struct row *))
{
	double *values = malloc((s->n ? s->n : 1) * sizeof *values);
	size_t n = 0;
	for (size_t i = 0; values && i < s->n; i++) {
		if (!is_near(s, &s->rows[i], capacity))
			continue;
		double value = what(&s->rows[i]);
		if (!isnan(value))
			values[n++] = value;
	}
	double median = describe_median(values, n);
	free(values);
	return median;
}

static double plan_of(const struct row *row)
{
	double sent = row->number[COLUMN_SENT_RPS] * row->number[COLUMN_WINDOW_S];
	return fabs(sent / row->number[COLUMN_PLANNED] - 1);
}

static double lag_of(const struct row *row)
{
	return row->number[COLUMN_LAG_P99];
}

static double ks_of(const struct row *row)
{
	return row->number[COLUMN_KS];
}

static double cpu_of(const struct row *row)
{
	return row->number[COLUMN_CLIENT_CPU_SHARE];
}

static double little_of(const struct row *row)
{
	return row->number[COLUMN_LITTLE_ERROR];
}

static enum certificate_verdict judge(double value, double most)
{
	if (isnan(value))
		return CERTIFICATE_NOT_RUN;
	return value <= most ? CERTIFICATE_PASS : CERTIFICATE_FAIL;
}

/* Both must pass; one failure is enough. */
static enum certificate_verdict judge_both(enum certificate_verdict a,
					   enum certificate_verdict b)
{
	if (a == CERTIFICATE_FAIL || b == CERTIFICATE_FAIL)
		return CERTIFICATE_FAIL;
	return a == CERTIFICATE_PASS ? b : a;
}

static bool is_certificate(const struct selection *s, const struct row *row)
{
	return row_counts(row) &&
	       strcmp(row->text[COLUMN_EXPERIMENT], s->experiment->name) == 0 &&
	       strcmp(row->text[COLUMN_PHASE], "certificate") == 0;
}

static bool is_ceiling(const struct selection *s, const struct row *row)
{
	return is_certificate(s, row) &&
	       strcmp(row->text[COLUMN_VARIANT], certificate_reflector) == 0;
}

/* A pass tells of lower loads as well, a failure of higher ones; the trial is made for
 * the variant that carries most.  *reason: why there is no verdict. */
static enum certificate_verdict judge_ceiling(const struct selection *s,
					      const struct capacity *capacity,
					      const char **reason)
{
	double needed_rps = ceiling_factor * capacity->lower_rps;
	double most_rps =
		needed_rps * fmax(1, capacity->upper_rps / capacity->lower_rps);
	enum certificate_verdict verdict = CERTIFICATE_NOT_RUN;
	*reason = "the trivial server was not tried";
	for (size_t i = 0; i < s->n; i++) {
		double load_rps = s->rows[i].number[COLUMN_LOAD_RPS];
		if (!is_ceiling(s, &s->rows[i]))
			continue;
		*reason = "the trivial server was tried at other loads only";
		if (s->rows[i].number[COLUMN_PASS] == 1 && load_rps >= needed_rps)
			verdict = CERTIFICATE_PASS;
		else if (s->rows[i].number[COLUMN_PASS] == 0 &&
			 load_rps <= most_rps * grid_slack &&
			 verdict == CERTIFICATE_NOT_RUN)
			verdict = CERTIFICATE_FAIL;
	}
	return verdict;
}

/* Only one variant is tried with twice the connections, and it speaks for itself alone.
 */
static enum certificate_verdict judge_twice(const struct selection *s)
{
	enum certificate_verdict verdict = CERTIFICATE_NOT_RUN;
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		if (!is_certificate(s, row) ||
		    strcmp(row->text[COLUMN_VARIANT], s->variant) != 0)
			continue;
		if (row->number[COLUMN_PASS] == 1)
			verdict = CERTIFICATE_PASS;
		else if (verdict == CERTIFICATE_NOT_RUN)
			verdict = CERTIFICATE_FAIL;
	}
	return verdict;
}

/* What was not measured is no failure: the tests that were not run, and why. */
static void reasons_fill(const struct capacity *capacity, const char *ceiling,
			 struct certificate *out)
{
	const char *none = isnan(capacity->lower_rps)
				   ? "no load passed"
				   : "not measured near the capacity";
	for (int i = 0; i < CERTIFICATE_TESTS; i++)
		out->reason[i] = out->verdict[i] == CERTIFICATE_NOT_RUN ? none : NULL;
	if (out->reason[CERTIFICATE_CEILING] && !isnan(capacity->lower_rps))
		out->reason[CERTIFICATE_CEILING] = ceiling;
}

void certificate_judge(const struct selection *s, const struct capacity *capacity,
		       struct certificate *out)
{
	double lag_most = lag_share * s->experiment->limit_us;
	enum certificate_verdict *v = out->verdict;
	const char *ceiling;
	v[CERTIFICATE_CEILING] = judge_ceiling(s, capacity, &ceiling);
	v[CERTIFICATE_PLAN] =
		judge_both(judge(near_median(s, capacity, plan_of), plan_error),
			   judge(near_median(s, capacity, lag_of), lag_most));
	v[CERTIFICATE_ARRIVALS] = judge(near_median(s, capacity, ks_of), ks_most);
	v[CERTIFICATE_CPU] = judge(near_median(s, capacity, cpu_of), cpu_most);
	v[CERTIFICATE_LITTLE] = judge(near_median(s, capacity, little_of), little_most);
	if (judge_twice(s) != CERTIFICATE_NOT_RUN)
		v[CERTIFICATE_LITTLE] =
			judge_both(v[CERTIFICATE_LITTLE], judge_twice(s));
	reasons_fill(capacity, ceiling, out);
}

/* A knee that moves with the connections is a finding, but not the client's limit. */
bool certificate_fails(const struct certificate *c)
{
	for (int i = 0; i < CERTIFICATE_TESTS; i++) {
		if (i != CERTIFICATE_LITTLE && c->verdict[i] == CERTIFICATE_FAIL)
			return true;
	}
	return false;
}
