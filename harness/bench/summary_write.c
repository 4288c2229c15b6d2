/* SPDX-License-Identifier: BSD-2-Clause */
/* summary_write.c - summary.tsv and pairs.tsv; results/SCHEMA.md says what the columns
 * are. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/bench/summary.h"
#include "harness/bench/tsv.h"

/* Words that qualify a line, joined by commas; "-" if none. */
static void put_flags(FILE *to, const struct summary_line *line)
{
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{certificate_fails(&line->certificate), "client-limited"},
		{!line->capacity.settled && line->capacity.trials > 0, "unsettled"},
		{twice_is_short(&line->knee), "short"},
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
	fputs(*between == '\t' ? "\t-" : "", to);
}

static void put_line(FILE *to, const struct summary *s, const struct summary_line *line)
{
	const struct capacity *c = &line->capacity;
	bool aa = s->has_aa && line->entry->twin;
	fprintf(to, "%s\t%s", line->entry->name, line->entry->family);
	tsv_put(to, c->lower_rps);
	tsv_put(to, c->upper_rps);
	tsv_put(to, c->trials > 0 ? (double)c->trials : (double)NAN);
	tsv_put(to, line->interval.low);
	tsv_put(to, line->interval.high);
	tsv_put(to, c->peak_rps);
	tsv_put(to, line->cpu_us);
	tsv_put(to, line->ctx);
	tsv_put(to, line->ctx_voluntary);
	tsv_put(to, line->ctx_involuntary);
	tsv_put(to, line->kept_2x.mid);
	tsv_put(to, line->pool_good_rps);
	tsv_put(to, line->pool_p99_us);
	tsv_put(to, aa ? s->aa.ratio.estimate : NAN);
	tsv_put(to, aa ? s->aa_cpu_ratio : NAN);
	for (int i = 0; i < CERTIFICATE_TESTS; i++)
		fprintf(to, "\t%s", certificate_word(line->certificate.verdict[i]));
	put_flags(to, line);
	const char *reason = line->certificate.reason[CERTIFICATE_CEILING];
	fprintf(to, "\t%s\n", reason ? reason : "-");
}

static int write_lines(const struct run *r, const struct summary *s)
{
	FILE *to =
		tsv_begin(r, "summary.tsv",
			  "variant\tfamily\tcapacity_lower_rps\tcapacity_upper_rps\t"
			  "capacity_trials\tinterval_low\tinterval_high\t"
			  "peak_goodput_rps\tcpu_us_per_request\tctx_per_request\t"
			  "ctx_voluntary\tctx_involuntary\t"
			  "retained_2x\tpool_good_rps\tpool_p99\t"
			  "aa_ratio_capacity\taa_ratio_cpu\tcert_ceiling\tcert_plan\t"
			  "cert_arrivals\tcert_cpu\tcert_little\tflags\t"
			  "cert_reason\n");
	if (!to)
		return -errno;
	for (size_t i = 0; i < s->lines; i++)
		put_line(to, s, &s->line[i]);
	return tsv_end(to);
}

static void put_pair(FILE *to, const struct summary_pair *pair, const char *kind)
{
	fprintf(to, "%s\t%s\t%s\t%zu", pair->first, pair->second, kind, pair->ratio.n);
	tsv_put(to, pair->ratio.estimate);
	tsv_put(to, pair->ratio.low);
	tsv_put(to, pair->ratio.high);
	tsv_put(to, pair->bootstrap.low);
	tsv_put(to, pair->bootstrap.high);
	tsv_put(to, pair->low);
	tsv_put(to, pair->high);
	tsv_put(to, pair->ratio.p);
	tsv_put(to, pair->p_holm);
	fputc('\n', to);
}

static int write_pairs(const struct run *r, const struct summary *s)
{
	FILE *to = tsv_begin(r, "pairs.tsv",
			     "first\tsecond\tkind\tblocks\tratio\tlow\thigh\tboot_low\t"
			     "boot_high\trange_low\trange_high\tp\tp_holm\n");
	if (!to)
		return -errno;
	for (size_t i = 0; i < s->pairs; i++)
		put_pair(to, &s->pair[i], "named");
	if (s->has_aa && s->aa.ratio.n > 0)
		put_pair(to, &s->aa, "aa");
	return tsv_end(to);
}

int summary_write(const struct run *r, const struct summary *s)
{
	int status = write_lines(r, s);
	return status < 0 ? status : write_pairs(r, s);
}
