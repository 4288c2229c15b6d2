/* SPDX-License-Identifier: BSD-2-Clause */
/* overload.c - the trials at twice the peak, beside the policies declared. */
#include "config.h"

#include "harness/bench/overload.h"

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

static void put(FILE *to, double value)
{
	if (isnan(value))
		fputs("\tnan", to);
	else
		fprintf(to, "\t%.8g", value);
}

static double at_2x(const struct summary_line *line, enum column column)
{
	return line->at_2x ? line->at_2x->number[column] : NAN;
}

static void put_line(FILE *to, const struct summary_line *line)
{
	fprintf(to, "%s\t%s\t%s", line->entry->name, line->entry->family,
		variant_overload(line->entry->variant));
	put(to, line->ladder_peak_rps);
	put(to, at_2x(line, COLUMN_OFFERED_RPS));
	put(to, at_2x(line, COLUMN_GOOD_RPS));
	put(to, line->retained_2x);
	put(to, at_2x(line, COLUMN_LAT_P99));
	for (size_t i = 0; i < SEEN; i++)
		put(to, at_2x(line, seen[i].column));
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
	char path[PATH_MAX + 32];
	if (!has_knee(r))
		return 0;
	snprintf(path, sizeof path, "%s/overload.tsv", r->folder);
	FILE *to = fopen(path, "we");
	if (!to)
		return -errno;
	fputs("variant\tfamily\tdeclared\tpeak_rps\toffered_rps\tgood_rps\tkept\tlat_"
	      "p99",
	      to);
	for (size_t i = 0; i < SEEN; i++)
		fprintf(to, "\t%s", seen[i].name);
	fputc('\n', to);
	for (size_t i = 0; i < s->lines; i++) {
		if (!s->line[i].unfit && !s->line[i].unlisted)
			put_line(to, &s->line[i]);
	}
	int failed = ferror(to);
	return fclose(to) != 0 || failed ? -EIO : 0;
}

static void table_line(const struct summary_line *line, FILE *to)
{
	const char *between = "";
	fprintf(to, "%-16s %6.0f %%   declares %-7s saw ", line->entry->name,
		100 * line->retained_2x, variant_overload(line->entry->variant));
	for (size_t i = 0; i < SEEN; i++) {
		double n = at_2x(line, seen[i].column);
		if (!(n > 0))
			continue;
		fprintf(to, "%s%s %.0f", between, seen[i].word, n);
		between = ", ";
	}
	fputs(*between ? "\n" : "nothing\n", to);
}

void overload_table(const struct summary *s, FILE *to)
{
	bool any = false;
	for (size_t i = 0; i < s->lines; i++) {
		if (!s->line[i].at_2x)
			continue;
		if (!any)
			fputs("\nat twice the peak: kept of it, and how\n", to);
		any = true;
		table_line(&s->line[i], to);
	}
}
