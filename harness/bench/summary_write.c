/* SPDX-License-Identifier: BSD-2-Clause */
/* summary_write.c - summary.tsv and pairs.tsv; results/SCHEMA.md says what the columns
 * are. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/bench/summary.h"

enum { PATH_TEXT = PATH_MAX + 32 };

static FILE *file_begin(const struct run *r, const char *name, const char *header)
{
	char path[PATH_TEXT];
	snprintf(path, sizeof path, "%s/%s", r->folder, name);
	FILE *to = fopen(path, "we");
	if (to)
		fputs(header, to);
	return to;
}

static int file_end(FILE *to)
{
	int failed = ferror(to);
	return fclose(to) != 0 || failed ? -EIO : 0;
}

/* A tab and a number; nan, never -nan. */
static void put(FILE *to, double value)
{
	if (isnan(value))
		fputs("\tnan", to);
	else
		fprintf(to, "\t%.8g", value);
}

/* Words that qualify a line, joined by commas; "-" if none. */
static void put_flags(FILE *to, const struct summary_line *line)
{
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{certificate_fails(&line->certificate), "client-limited"},
		{!line->capacity.settled && line->capacity.trials > 0, "unsettled"},
		{line->entry->dropped, "dropped"},
		{line->unfit, "unfit"},
		{line->unlisted, "unlisted"},
		{line->entry->twin, "aa"},
	};
	const char *between = "\t";
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (flags[i].set) {
			fprintf(to, "%s%s", between, flags[i].word);
			between = ",";
		}
	}
	fputs(*between == '\t' ? "\t-\n" : "\n", to);
}

static void put_line(FILE *to, const struct summary *s, const struct summary_line *line)
{
	const struct capacity *c = &line->capacity;
	bool aa = s->has_aa && line->entry->twin;
	fprintf(to, "%s\t%s", line->entry->name, line->entry->family);
	put(to, c->lower_rps);
	put(to, c->upper_rps);
	put(to, c->trials > 0 ? (double)c->trials : (double)NAN);
	put(to, line->interval.low);
	put(to, line->interval.high);
	put(to, c->peak_rps);
	put(to, line->cpu_us);
	put(to, line->ctx);
	put(to, line->ctx_voluntary);
	put(to, line->ctx_involuntary);
	put(to, line->retained_2x);
	put(to, line->pool_good_rps);
	put(to, line->pool_p99_us);
	put(to, aa ? s->aa.ratio.estimate : NAN);
	put(to, aa ? s->aa_cpu_ratio : NAN);
	for (int i = 0; i < CERTIFICATE_TESTS; i++)
		fprintf(to, "\t%s", certificate_word(line->certificate.verdict[i]));
	put_flags(to, line);
}

static int write_lines(const struct run *r, const struct summary *s)
{
	FILE *to =
		file_begin(r, "summary.tsv",
			   "variant\tfamily\tcapacity_lower_rps\tcapacity_upper_rps\t"
			   "capacity_trials\tinterval_low\tinterval_high\t"
			   "peak_goodput_rps\tcpu_us_per_request\tctx_per_request\t"
			   "ctx_voluntary\tctx_involuntary\t"
			   "retained_2x\tpool_good_rps\tpool_p99\t"
			   "aa_ratio_capacity\taa_ratio_cpu\tcert_ceiling\tcert_plan\t"
			   "cert_arrivals\tcert_cpu\tcert_little\tflags\n");
	if (!to)
		return -errno;
	for (size_t i = 0; i < s->lines; i++)
		put_line(to, s, &s->line[i]);
	return file_end(to);
}

static void put_pair(FILE *to, const struct summary_pair *pair, const char *kind)
{
	fprintf(to, "%s\t%s\t%s\t%zu", pair->first, pair->second, kind, pair->ratio.n);
	put(to, pair->ratio.estimate);
	put(to, pair->ratio.low);
	put(to, pair->ratio.high);
	put(to, pair->bootstrap.low);
	put(to, pair->bootstrap.high);
	put(to, pair->low);
	put(to, pair->high);
	put(to, pair->ratio.p);
	put(to, pair->p_holm);
	fputc('\n', to);
}

static int write_pairs(const struct run *r, const struct summary *s)
{
	FILE *to =
		file_begin(r, "pairs.tsv",
			   "first\tsecond\tkind\tblocks\tratio\tlow\thigh\tboot_low\t"
			   "boot_high\trange_low\trange_high\tp\tp_holm\n");
	if (!to)
		return -errno;
	for (size_t i = 0; i < s->pairs; i++)
		put_pair(to, &s->pair[i], "named");
	if (s->has_aa && s->aa.ratio.n > 0)
		put_pair(to, &s->aa, "aa");
	return file_end(to);
}

int summary_write(const struct run *r, const struct summary *s)
{
	int status = write_lines(r, s);
	return status < 0 ? status : write_pairs(r, s);
}
