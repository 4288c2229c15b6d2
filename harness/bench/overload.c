/* SPDX-License-Identifier: BSD-2-Clause */
/* overload.c - the trials at twice the peak, beside the policies declared. */
#include "config.h"

#include "harness/bench/overload.h"
#include "harness/bench/tsv.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What is told of the trial, and how it is called on the terminal. */
static const struct {
	enum column column;
	const char *name, *word;
} seen[] = {
	{COLUMN_DEFERRED, "deferred", "deferred"},
	{COLUMN_REFUSED, "refused", "refused"},
	{COLUMN_CLOSED_NO_FD, "closed_no_fd", "out of descriptors"},
	{COLUMN_BAD, "bad", "not 200"},
	{COLUMN_RESETS, "resets", "reset"},
	{COLUMN_NO_CONNECTION, "no_connection", "no connection"},
	{COLUMN_LOST, "lost", "unanswered"},
};
enum { SEEN = sizeof seen / sizeof seen[0] };

static double at_2x(const struct summary_line *line, enum column column)
{
	return twice_spread(&line->knee, column).mid;
}

static double per_s(const struct summary_line *line, enum column column)
{
	return twice_per_s(&line->knee, column).mid;
}

/* Turned away by the server, each in its way. */
static double refused_rps(const struct summary_line *line)
{
	return per_s(line, COLUMN_BAD) + per_s(line, COLUMN_ERRORS) +
	       per_s(line, COLUMN_RESETS);
}

static void put_line(FILE *to, const struct summary_line *line)
{
	const struct spread answered = twice_answered(&line->knee);
	fprintf(to, "%s\t%s\t%s", line->entry->name, line->entry->family,
		variant_overload(line->entry->variant));
	tsv_put(to, twice_peak_rps(&line->knee));
	fprintf(to, "\t%zu", line->kept_2x.n);
	tsv_put(to, at_2x(line, COLUMN_OFFERED_RPS));
	tsv_put(to, at_2x(line, COLUMN_SENT_RPS));
	tsv_put(to, per_s(line, COLUMN_ACCEPTED));
	tsv_put(to, refused_rps(line));
	tsv_put(to, at_2x(line, COLUMN_GOOD_RPS));
	tsv_put(to, per_s(line, COLUMN_TIMELY));
	tsv_put(to, twice_sent(&line->knee).mid);
	tsv_put_spread(to, &line->kept_2x);
	tsv_put_spread(to, &answered);
	tsv_put(to, at_2x(line, COLUMN_LAT_P99));
	for (size_t i = 0; i < SEEN; i++)
		tsv_put(to, at_2x(line, seen[i].column));
	fprintf(to, "\t%s\n", twice_is_short(&line->knee) ? "short" : "-");
}

static bool has_knee(const struct run *r)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		if (r->suite.experiment[i].kind == KIND_KNEE)
			return true;
	}
	return false;
}

int overload_write(const struct run *r, const struct summary *s)
{
	if (!has_knee(r))
		return 0;
	FILE *to =
		tsv_begin(r, "overload.tsv",
			  "variant\tfamily\tdeclared\tpeak_rps\tblocks\tplanned_rps\t"
			  "sent_rps\tbegun_rps\trefused_rps\tgood_rps\tgoodput_rps\t"
			  "sent_of_peak\tkept\tkept_low\tkept_high\tanswered\t"
			  "answered_low\tanswered_high\tlat_p99");
	if (!to)
		return -errno;
	for (size_t i = 0; i < SEEN; i++)
		fprintf(to, "\t%s", seen[i].name);
	fputs("\tflags\n", to);
	for (size_t i = 0; i < s->lines; i++) {
		if (!s->line[i].unfit && !s->line[i].unlisted)
			put_line(to, &s->line[i]);
	}
	return tsv_end(to);
}

/* "  99 % (95-102)", of the peak; no range where there is one block. */
static void put_share(const struct spread *share, FILE *to)
{
	char range[32] = "";
	if (share->n > 1)
		snprintf(range, sizeof range, "(%.0f-%.0f)", 100 * share->low,
			 100 * share->high);
	fprintf(to, " %4.0f %% %-9s", 100 * share->mid, range);
}

static void put_p99(double lat_us, FILE *to)
{
	if (isnan(lat_us))
		fprintf(to, " %8s", "n/a");
	else
		fprintf(to, " %8.0f", lat_us / 1000);
}

static void put_seen(const struct summary_line *line, FILE *to)
{
	const char *between = "";
	for (size_t i = 0; i < SEEN; i++) {
		double n = at_2x(line, seen[i].column);
		if (!(n > 0))
			continue;
		fprintf(to, "%s%s %.0f", between, seen[i].word, n);
		between = ", ";
	}
	fputs(*between ? "\n" : "nothing\n", to);
}

static void table_line(const struct summary_line *line, FILE *to)
{
	const struct spread answered = twice_answered(&line->knee);
	bool is_short = twice_is_short(&line->knee);
	fprintf(to, "%-16s %8.2f%c", line->entry->name, twice_sent(&line->knee).mid,
		is_short ? '!' : ' ');
	put_share(&line->kept_2x, to);
	put_share(&answered, to);
	fprintf(to, " %10.0f", at_2x(line, COLUMN_GOOD_RPS));
	put_p99(at_2x(line, COLUMN_LAT_P99), to);
	fprintf(to, "  declares %-7s saw ", variant_overload(line->entry->variant));
	put_seen(line, to);
}

static void table_without(const struct summary_line *line, FILE *to)
{
	if (isnan(twice_peak_rps(&line->knee)) && line->capacity.peak_rps > 0)
		fprintf(to, "%-16s    n/a   the ladder ended below its peak\n",
			line->entry->name);
}

/* The most blocks any of them has. */
static size_t blocks_most(const struct summary *s)
{
	size_t blocks = 0;
	for (size_t i = 0; i < s->lines; i++)
		blocks = s->line[i].kept_2x.n > blocks ? s->line[i].kept_2x.n : blocks;
	return blocks;
}

static double line_peak_rps(const struct summary *s, const char *name)
{
	for (size_t i = 0; i < s->lines; i++) {
		if (strcmp(s->line[i].entry->name, name) == 0)
			return twice_peak_rps(&s->line[i].knee);
	}
	return NAN;
}

/* Of the rungs that peaks are of, the fewest trials. */
static size_t peak_trials(const struct summary *s)
{
	size_t least = 0;
	for (size_t i = 0; i < s->lines; i++) {
		struct rung rung = capacity_rung(&s->line[i].knee);
		if (s->line[i].kept_2x.n > 0 && (least == 0 || rung.trials < least))
			least = rung.trials;
	}
	return least;
}

/* The ranges are of the trials at twice the peak; what these are divided by is in all
 * blocks the same rung of the ladder, whose error they do not show. */
static void table_peaks(const struct summary *s, FILE *to)
{
	double twin_rps = line_peak_rps(s, s->aa.first);
	double original_rps = line_peak_rps(s, s->aa.second);
	size_t trials = peak_trials(s);
	fputs("each share is of its own peak, the best rung of the ladder (", to);
	if (trials > 1)
		fprintf(to, "median of %zu trials", trials);
	else
		fputs("one trial", to);
	fputs("): it does not rank variants, answered/s does", to);
	if (s->has_aa && !isnan(twin_rps) && !isnan(original_rps))
		fprintf(to, "; the A/A pair's peaks differ by %.1f %%",
			100 * (fmax(twin_rps, original_rps) /
				       fmin(twin_rps, original_rps) -
			       1));
	fputc('\n', to);
}

static bool any_tried(const struct summary *s)
{
	bool tried = false;
	for (size_t i = 0; i < s->lines; i++)
		tried = tried || twice_was_tried(&s->line[i].knee);
	return tried;
}

void overload_table(const struct summary *s, FILE *to)
{
	bool any_short = false;
	size_t blocks = blocks_most(s);
	if (!any_tried(s))
		return;
	fprintf(to, "\nat twice the peak%s\n%-16s %9s %16s %16s %10s %8s\n",
		blocks > 1 ? ": medians and ranges over blocks" : "", "variant",
		"sent/peak", "in time", "answered at all", "answered/s", "p99 ms");
	for (size_t i = 0; i < s->lines; i++) {
		bool tried = s->line[i].kept_2x.n > 0;
		any_short = any_short || (tried && twice_is_short(&s->line[i].knee));
		if (tried)
			table_line(&s->line[i], to);
		else
			table_without(&s->line[i], to);
	}
	if (blocks > 0)
		table_peaks(s, to);
	if (any_short)
		fputs("! the client could not send twice the peak\n", to);
}
