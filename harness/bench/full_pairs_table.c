/* SPDX-License-Identifier: BSD-2-Clause */
/* full_pairs_table.c - the ratios of experiments with a ratio_goal on the terminal. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/bench/full_pairs.h"
#include "harness/bench/full_summary.h"

enum { CELL = 48 };

/* "1.004 [0.991, 1.017]", or median and range in parentheses where there is no
 * interval. */
static const char *ratio_text(char text[CELL], const struct full_comparison *c)
{
	if (c->spread.n == 0)
		return "n/a";
	if (isnan(c->interval.low))
		snprintf(text, CELL, "%.3f (%.3f, %.3f)", c->spread.mid, c->spread.low,
			 c->spread.high);
	else
		snprintf(text, CELL, "%.3f [%.3f, %.3f]", c->interval.estimate,
			 c->interval.low, c->interval.high);
	return text;
}

/* "+420 [+300, +540]", in ns; alike below six blocks. */
static const char *more_text(char text[CELL], const struct full_comparison *c)
{
	if (c->spread.n == 0)
		return "n/a";
	if (isnan(c->interval.low))
		snprintf(text, CELL, "%+.0f (%+.0f, %+.0f)", c->spread.mid,
			 c->spread.low, c->spread.high);
	else
		snprintf(text, CELL, "%+.0f [%+.0f, %+.0f]", c->interval.estimate,
			 c->interval.low, c->interval.high);
	return text;
}

/* Who was at its end, of the two sides: "client", or "server/wait". */
static const char *limit_text(char text[CELL], const struct run *r,
			      const struct experiment *e, const struct full_pair *pair)
{
	struct full_line first, second;
	full_line(r, e, pair->first, (int)e->idles.value[0], &first);
	full_line(r, e, pair->second, (int)e->idles.value[0], &second);
	const char *a = first.limit;
	const char *b = second.limit;
	snprintf(text, CELL, "%s%s%s", a, strcmp(a, b) ? "/" : "",
		 strcmp(a, b) ? b : "");
	return text;
}

static const char *verdict_text(char text[CELL], const struct run *r,
				const struct experiment *e,
				const struct full_pair *pair,
				const struct full_comparison *c)
{
	double band = full_band(r, e, full_judged(e));
	const char *verdict = full_verdict(e, pair, c, band);
	if (isnan(band))
		return "n/a";
	if (pair->aa)
		snprintf(text, CELL, "nothing below %.1f %%", ceil(band * 1000) / 10);
	else if (strcmp(verdict, "cannot-tell") == 0)
		snprintf(text, CELL, "cannot be told: A/A strays %.1f %%",
			 ceil(band * 1000) / 10);
	else
		return verdict;
	return text;
}

/* Where the measure that is not judged lies on the other side of 1 the verdict alone
 * would mislead: one server idled where the other did not. */
static const char *contrary_text(const char *verdict, const struct interval *other,
				 bool by_rate)
{
	if (strcmp(verdict, "more") == 0 && other->high < 1)
		return by_rate ? "; less by CPU" : "; less by rate";
	if (strcmp(verdict, "less") == 0 && other->low > 1)
		return by_rate ? "; more by CPU" : "; more by rate";
	return "";
}

static bool either_flagged(const struct run *r, const struct experiment *e,
			   const struct full_pair *pair)
{
	return full_is_flagged(r, e, pair->first) ||
	       full_is_flagged(r, e, pair->second);
}

static void pair_line(const struct run *r, const struct experiment *e,
		      const struct full_pair *pair, FILE *to)
{
	char name[2 * ROW_TEXT + 8], rate[CELL], cpu[CELL], more[CELL], limit[CELL],
		verdict[CELL];
	struct full_comparison difference = full_difference_ns(r, e, pair);
	struct full_comparison of_rate = full_compare(r, e, pair, RATIO_RATE);
	struct full_comparison of_cpu = full_compare(r, e, pair, RATIO_PER_CPU);
	bool by_rate = full_judged(e) == RATIO_RATE;
	const char *told =
		verdict_text(verdict, r, e, pair, by_rate ? &of_rate : &of_cpu);
	snprintf(name, sizeof name, "%s / %s%s", pair->first->name, pair->second->name,
		 either_flagged(r, e, pair) ? " !" : "");
	fprintf(to, "  %-22s %s%-22s %s%-22s %-23s %-14s %s%s\n", name,
		by_rate ? "*" : " ", ratio_text(rate, &of_rate), by_rate ? " " : "*",
		ratio_text(cpu, &of_cpu), more_text(more, &difference),
		limit_text(limit, r, e, pair), told,
		contrary_text(told, by_rate ? &of_cpu.interval : &of_rate.interval,
			      by_rate));
}

/* Of all trials, the median: did the files come from a device? */
static void device_line(const struct run *r, const struct experiment *e, FILE *to)
{
	double kib[journal_known(&r->journal) + 1];
	size_t n = 0;
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		const struct row *row = &r->journal.rows[i];
		if (strcmp(row->text[COLUMN_EXPERIMENT], e->name) == 0 &&
		    strcmp(row->text[COLUMN_PHASE], "full") == 0)
			kib[n++] = row->number[COLUMN_DEVICE_KIB];
	}
	struct spread s = describe_spread(kib, n);
	if (s.n == 0)
		fputs("  whether the files came from a device is not known\n", to);
	else
		fprintf(to, "  read from devices: %.0f MB a trial, %.0f at least%s\n",
			s.mid / 1024, s.low / 1024,
			s.low > 0 ? "" : ": not all trials reached one");
}

static void experiment_lines(const struct run *r, const struct experiment *e, FILE *to)
{
	struct full_pair pair[FULL_PAIRS];
	size_t n = full_pairs(r, e, pair);
	fprintf(to, "%s: %s%s; goal %g to %g\n", e->name, e->summary,
		e->spin ? "; the client spins" : "", e->ratio_goal.value[0],
		e->ratio_goal.value[1]);
	for (size_t i = 0; i < n; i++)
		pair_line(r, e, &pair[i], to);
	if (e->drop)
		device_line(r, e, to);
	if (*e->published)
		fprintf(to, "  published: %s\n", e->published);
}

void full_pairs_table(const struct run *r, FILE *to)
{
	bool any = false;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (e->kind != KIND_FULL || e->ratio_goal.n == 0)
			continue;
		if (!any)
			fprintf(to, "\n  %-22s  %-22s  %-22s %-23s %-14s %s\n", "ratio",
				"requests/s", "per second of CPU",
				"ns of CPU a request", "limit", "verdict");
		experiment_lines(r, e, to);
		any = true;
	}
	if (any)
		fputs("ratios within a block: their mean on the log scale and its 90 % "
		      "t "
		      "interval in [];\n"
		      "below six blocks median and range in ()\n"
		      "* is what the verdict is of: the first pair against the goal, "
		      "others against 1,\n"
		      "the A/A pair: what cannot be told apart, which holds for the "
		      "others too\n"
		      "ns of CPU a request: the first's less the second's, mean and "
		      "interval alike; what both\n"
		      "pay, most of it to the kernel, is not in it\n",
		      to);
}
