/* SPDX-License-Identifier: BSD-2-Clause */
/* table.c - the summary on the terminal: capacity as a bracket, costs per request, and
 * what of it may be believed. */
#include "config.h"

#include "harness/bench/table.h"

#include <math.h>
#include <string.h>

#include "harness/bench/full_summary.h"
#include "harness/bench/micro.h"
#include "harness/bench/overload.h"
#include "harness/bench/rings.h"
#include "harness/bench/sweep.h"
#include "harness/bench/udp.h"

enum { CELL = 40 };

static const struct experiment *table_knee(const struct run *r)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		if (r->suite.experiment[i].kind == KIND_KNEE)
			return &r->suite.experiment[i];
	}
	return NULL;
}

/* A number, or n/a: never 0 for what was not measured. */
static const char *cell(char text[CELL], int digits, double value)
{
	if (isnan(value))
		return "n/a";
	snprintf(text, CELL, "%.*f", digits, value);
	return text;
}

/* A bound that rests on too few trials is marked "*", also where there is only one. */
static bool is_marked(const struct experiment *knee, const struct capacity *c)
{
	bool any = !isnan(c->lower_rps) || !isnan(c->upper_rps);
	return knee && any && !c->settled && c->trials < knee->load_trials;
}

static const char *cell_capacity(char text[CELL], const struct experiment *knee,
				 const struct summary_line *line)
{
	const struct capacity *c = &line->capacity;
	const char *limited = certificate_fails(&line->certificate) ? ">= " : "";
	const char *mark = is_marked(knee, c) ? " *" : "";
	if (isnan(c->lower_rps) && isnan(c->upper_rps))
		return "n/a";
	if (isnan(c->lower_rps))
		snprintf(text, CELL, "below %.0f%s", c->upper_rps, mark);
	else if (isnan(c->upper_rps))
		snprintf(text, CELL, "%sabove %.0f%s", limited, c->lower_rps, mark);
	else
		snprintf(text, CELL, "%s%.0f .. %.0f%s", limited, c->lower_rps,
			 c->upper_rps, mark);
	return text;
}

static void table_line(const struct experiment *knee, const struct summary_line *line,
		       FILE *to)
{
	char a[CELL], b[CELL], c[CELL], d[CELL], e[CELL];
	double retained = line->kept_2x.mid * 100;
	fprintf(to, "%-16s %22s %12s %10s %10s %10s\n", line->entry->name,
		cell_capacity(a, knee, line), cell(b, 0, line->capacity.peak_rps),
		cell(c, 1, line->cpu_us), cell(d, 2, line->ctx), cell(e, 0, retained));
}

static void table_intervals(const struct summary *s, FILE *to)
{
	for (size_t i = 0; i < s->lines; i++) {
		const struct summary_line *line = &s->line[i];
		if (!isnan(line->interval.low))
			fprintf(to,
				"%s: capacity %.0f/s, 95 %% interval %.0f .. %.0f over "
				"%zu blocks\n",
				line->entry->name, line->interval.estimate,
				line->interval.low, line->interval.high,
				line->interval.n);
	}
}

static void table_pair(const struct summary_pair *pair, FILE *to)
{
	fprintf(to, "%s / %s: capacity ratio ", pair->first, pair->second);
	if (isnan(pair->ratio.estimate))
		fputs("n/a\n", to);
	else if (isnan(pair->ratio.low) && pair->ratio.n > 1 && pair->low == pair->high)
		fprintf(to,
			"%.3f, the same step of the grid in all %zu blocks (too few "
			"for an interval)\n",
			pair->ratio.estimate, pair->ratio.n);
	else if (isnan(pair->ratio.low))
		fprintf(to,
			"%.3f, range %.3f .. %.3f over %zu block%s (too few for an "
			"interval)\n",
			pair->ratio.estimate, pair->low, pair->high, pair->ratio.n,
			pair->ratio.n == 1 ? "" : "s");
	else
		fprintf(to, "%.3f, 95 %% interval %.3f .. %.3f, p = %.2g (Holm)\n",
			pair->ratio.estimate, pair->ratio.low, pair->ratio.high,
			pair->p_holm);
}

/* By how much the twin differed from its original, and what that rests on. */
static void aa_differs(const char *what, double band, size_t blocks, FILE *to)
{
	fprintf(to, "%s differs by up to %.1f %% (", what, band * 100);
	if (blocks >= SUMMARY_BLOCKS)
		fprintf(to, "95 %% interval over %zu blocks)", blocks);
	else if (blocks > 1)
		fprintf(to, "range over %zu blocks)", blocks);
	else
		fputs("one block, which says little)", to);
}

/* Loads between the bounds were not tried, and cannot be told apart. */
static void aa_capacity(const struct summary *s, FILE *to)
{
	double least = fmax(s->aa_band, s->step);
	aa_differs("capacity", s->aa_band, s->aa.ratio.n, to);
	if (s->step >= s->aa_band)
		fprintf(to, " and lies between bounds %.1f %% apart", s->step * 100);
	fprintf(to, ": nothing below %.1f %% is settled in this run", least * 100);
}

static void table_aa(const struct summary *s, FILE *to)
{
	if (!s->has_aa) {
		fputs("A/A: no variant ran twice; this run settles no difference\n",
		      to);
		return;
	}
	fprintf(to, "A/A (%s against %s): ", s->aa.first, s->aa.second);
	if (isnan(s->aa_band) && isnan(s->aa_cpu_band)) {
		fputs("n/a; this run settles no difference\n", to);
		return;
	}
	if (!isnan(s->aa_band))
		aa_capacity(s, to);
	if (!isnan(s->aa_band) && !isnan(s->aa_cpu_band))
		fputs("; ", to);
	if (!isnan(s->aa_cpu_band)) {
		aa_differs("CPU/request", s->aa_cpu_band, s->aa_cpu_blocks, to);
		fputs(": nothing below that is", to);
	}
	fputc('\n', to);
}

/* One verdict over the lines that have a part in it: fail wins, and not-run is for
 * where nobody has one.  *missing: how many have none, and *why the first of them. */
static enum certificate_verdict verdict_over(const struct summary *s,
					     enum certificate_test test,
					     size_t *missing, const char **why)
{
	enum certificate_verdict over = CERTIFICATE_NOT_RUN;
	*missing = 0;
	for (size_t i = 0; i < s->lines; i++) {
		const struct certificate *c = &s->line[i].certificate;
		if (s->line[i].unfit || s->line[i].unlisted)
			continue;
		if (c->verdict[test] == CERTIFICATE_NOT_RUN && (*missing)++ == 0)
			*why = c->reason[test];
		else if (c->verdict[test] != CERTIFICATE_NOT_RUN &&
			 over != CERTIFICATE_FAIL)
			over = c->verdict[test];
	}
	return over;
}

/* "ceiling pass", "ceiling not-run (no load passed)", "ceiling pass (2 not-run: ...)".
 */
static bool table_test(const struct summary *s, enum certificate_test test, FILE *to)
{
	const char *why = NULL;
	size_t missing;
	enum certificate_verdict v = verdict_over(s, test, &missing, &why);
	fprintf(to, " %s %s", certificate_name(test), certificate_word(v));
	if (missing > 0 && v == CERTIFICATE_NOT_RUN)
		fprintf(to, " (%s)", why);
	else if (missing > 0)
		fprintf(to, " (%zu not-run: %s)", missing, why);
	return v == CERTIFICATE_FAIL && test != CERTIFICATE_LITTLE;
}

static void table_certificate(const struct summary *s, FILE *to)
{
	bool limited = false;
	fputs("client certificate:", to);
	for (enum certificate_test i = 0; i < CERTIFICATE_TESTS; i++) {
		fputs(i ? "," : "", to);
		limited = table_test(s, i, to) || limited;
	}
	fprintf(to, "%s\n", limited ? " (>=: client-limited)" : "");
}

/* What a fixed pool of connections would have shown: no connection is made under load,
 * and never more than that many requests are inside. */
static void table_pool(const struct summary *s, FILE *to)
{
	char good[CELL], p99[CELL];
	if (s->lines == 0 || isnan(s->line[0].pool_rps))
		return;
	fprintf(to, "a fixed pool of connections at %.0f/s, good/s (p99 us):",
		s->line[0].pool_rps);
	for (size_t i = 0; i < s->lines; i++)
		fprintf(to, "%s %s %s (%s)", i ? "," : "", s->line[i].entry->name,
			cell(good, 0, s->line[i].pool_good_rps),
			cell(p99, 0, s->line[i].pool_p99_us));
	fputc('\n', to);
}

static bool any_marked(const struct experiment *knee, const struct summary *s)
{
	for (size_t i = 0; i < s->lines; i++) {
		if (is_marked(knee, &s->line[i].capacity))
			return true;
	}
	return false;
}

/* How many trials of the nth row's variant were void for its cause; 0 if the row was
 * not void for this one, or an earlier one stands for them. */
static int voids_alike(const struct run *r, size_t nth, const char *cause)
{
	const struct row *rows = r->journal.rows;
	int n = 0;
	if (strcmp(rows[nth].text[COLUMN_VOID], cause) != 0)
		return 0;
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		bool alike = strcmp(rows[i].text[COLUMN_VOID], cause) == 0 &&
			     strcmp(rows[i].text[COLUMN_VARIANT],
				    rows[nth].text[COLUMN_VARIANT]) == 0;
		if (alike && i < nth)
			return 0;
		n += alike;
	}
	return n;
}

/* " (3 of these of thread, 2 of pth)": whose, where it was more than once. */
static void voids_by_variant(const struct run *r, const char *cause, FILE *to)
{
	bool any = false;
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		int n = voids_alike(r, i, cause);
		if (n < 2)
			continue;
		fprintf(to, "%s%d of %s%s", any ? ", " : " (", n,
			any ? "" : "these of ",
			r->journal.rows[i].text[COLUMN_VARIANT]);
		any = true;
	}
	fputs(any ? ")" : "", to);
}

/* "9 of 334 trials void: steal 1, stranger 8 (5 of these of pth); 2 of the void ones
 * kept and flagged". */
static void table_voids(const struct run *r, const struct summary *s, FILE *to)
{
	const char *before = ": ";
	int voids = 0;
	for (int i = 0; i < SUMMARY_CAUSES; i++)
		voids += s->voids[i];
	fprintf(to, "%d of %d trials void", voids, s->trials);
	for (int i = 0; i < SUMMARY_CAUSES; i++) {
		if (s->voids[i] == 0)
			continue;
		fprintf(to, "%s%s %d", before, summary_cause(i), s->voids[i]);
		voids_by_variant(r, summary_cause(i), to);
		before = ", ";
	}
	if (s->flagged > 0)
		fprintf(to, "; %d of the void ones kept and flagged", s->flagged);
	fputc('\n', to);
}

/* Has it a part in an experiment whose figures stand in the main table? */
static bool is_main(const struct run *r, const struct entry *entry)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (e->kind != KIND_FULL && e->kind != KIND_SWEEP &&
		    e->kind != KIND_UDP && !run_unlisted(entry, e))
			return true;
	}
	return false;
}

static bool any_main(const struct run *r, const struct summary *s)
{
	for (size_t i = 0; i < s->lines; i++) {
		if (is_main(r, s->line[i].entry))
			return true;
	}
	return false;
}

static void table_validity(const struct run *r, const struct summary *s,
			   const struct experiment *knee, FILE *to)
{
	if (knee && any_marked(knee, s))
		fprintf(to, "* a bound rests on fewer than the %d trials it takes\n",
			knee->load_trials);
	if (knee && r->suite.blocks < knee->bracket_from)
		fputs("capacity: one trial per load, no interval\n", to);
	table_intervals(s, to);
	for (size_t i = 0; i < s->pairs; i++)
		table_pair(&s->pair[i], to);
	if (any_main(r, s))
		table_aa(s, to);
	if (s->lines > 0)
		table_voids(r, s, to);
	if (knee)
		table_certificate(s, to);
	if (r->one_cpu)
		fputs("server and client shared one CPU: no figure here is a claim\n",
		      to);
	for (size_t i = 0; i < r->notes; i++)
		fprintf(to, "note: %s\n", r->note[i]);
}

static void table_main(const struct run *r, const struct summary *s,
		       const struct experiment *knee, FILE *to)
{
	char limit[CELL] = "capacity/s";
	if (knee)
		snprintf(limit, sizeof limit, "p99 <= %g ms at /s",
			 knee->limit_us / 1000);
	fprintf(to, "%-16s %22s %12s %10s %10s %10s\n", "variant", limit, "peak good/s",
		"CPU us/rq", "switch/rq", "% kept @2x");
	for (size_t i = 0; i < s->lines; i++) {
		if (is_main(r, s->line[i].entry))
			table_line(knee, &s->line[i], to);
	}
	table_pool(s, to);
}

void table_print(const struct run *r, const struct summary *s, FILE *to)
{
	const struct experiment *knee = table_knee(r);
	if (any_main(r, s))
		table_main(r, s, knee, to);
	overload_table(s, to);
	full_table(r, to);
	sweep_table(r, to);
	micro_table(r, to);
	rings_table(r, to);
	udp_table(r, to);
	table_validity(r, s, knee, to);
}
