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
	{COLUMN_LOST, "lost", "late or lost"},
};
enum { SEEN = sizeof seen / sizeof seen[0] };

static double at_2x(const struct summary_line *line, enum column column)
{
	return twice_spread(&line->knee, column).mid;
}

static void put_line(FILE *to, const struct summary_line *line)
{
	const struct spread *kept = &line->kept_2x;
	fprintf(to, "%s\t%s\t%s", line->entry->name, line->entry->family,
		variant_overload(line->entry->variant));
	tsv_put(to, twice_peak_rps(&line->knee));
	fprintf(to, "\t%zu", kept->n);
	tsv_put(to, at_2x(line, COLUMN_OFFERED_RPS));
	tsv_put(to, at_2x(line, COLUMN_GOOD_RPS));
	tsv_put(to, kept->mid);
	tsv_put(to, kept->low);
	tsv_put(to, kept->high);
	tsv_put(to, at_2x(line, COLUMN_LAT_P99));
	for (size_t i = 0; i < SEEN; i++)
		tsv_put(to, at_2x(line, seen[i].column));
	fputc('\n', to);
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
			  "variant\tfamily\tdeclared\tpeak_rps\tblocks\toffered_rps\t"
			  "good_rps\tkept\tkept_low\tkept_high\tlat_p99");
	if (!to)
		return -errno;
	for (size_t i = 0; i < SEEN; i++)
		fprintf(to, "\t%s", seen[i].name);
	fputc('\n', to);
	for (size_t i = 0; i < s->lines; i++) {
		if (!s->line[i].unfit && !s->line[i].unlisted)
			put_line(to, &s->line[i]);
	}
	return tsv_end(to);
}

/* "(95-102)", in percent; nothing where one block has no range. */
static void put_range(const struct spread *kept, FILE *to)
{
	char range[32] = "";
	if (kept->n > 1)
		snprintf(range, sizeof range, "(%.0f-%.0f)", 100 * kept->low,
			 100 * kept->high);
	fprintf(to, " %-9s", range);
}

static void table_line(const struct summary_line *line, FILE *to)
{
	const char *between = "";
	fprintf(to, "%-16s %6.0f %%", line->entry->name, 100 * line->kept_2x.mid);
	put_range(&line->kept_2x, to);
	fprintf(to, "  declares %-7s saw ", variant_overload(line->entry->variant));
	for (size_t i = 0; i < SEEN; i++) {
		double n = at_2x(line, seen[i].column);
		if (!(n > 0))
			continue;
		fprintf(to, "%s%s %.0f", between, seen[i].word, n);
		between = ", ";
	}
	fputs(*between ? "\n" : "nothing\n", to);
}

static void table_without(const struct summary_line *line, FILE *to)
{
	if (isnan(twice_peak_rps(&line->knee)) && line->capacity.peak_rps > 0)
		fprintf(to, "%-16s    n/a   the ladder ended below its peak\n",
			line->entry->name);
}

void overload_table(const struct summary *s, FILE *to)
{
	size_t blocks = 0;
	for (size_t i = 0; i < s->lines; i++)
		blocks = s->line[i].kept_2x.n > blocks ? s->line[i].kept_2x.n : blocks;
	if (blocks == 0)
		return;
	fprintf(to, "\nat twice the peak: kept of it%s, and how\n",
		blocks > 1 ? ", median and range over blocks" : "");
	for (size_t i = 0; i < s->lines; i++) {
		if (s->line[i].kept_2x.n > 0)
			table_line(&s->line[i], to);
		else
			table_without(&s->line[i], to);
	}
}
