/* SPDX-License-Identifier: BSD-2-Clause */
/* full_summary.c - trials of kind full: medians and ranges over blocks, and the
 * tables written of these. */
#include "config.h"

#include "harness/bench/full_pairs.h"
#include "harness/bench/full_summary.h"
#include "harness/bench/tsv.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const double ceiling_factor = 1.5, held_least = 0.99, idle_most = 0.1;

/* Which rows: of one entry's trials. */
struct cell {
	const struct run *run;
	const struct experiment *experiment;
	const char *variant, *phase;
	int block; /* 0: any */
	double idle;
};

static bool cell_has(const struct cell *c, const struct row *row)
{
	return row_counts(row) &&
	       strcmp(row->text[COLUMN_EXPERIMENT], c->experiment->name) == 0 &&
	       strcmp(row->text[COLUMN_PHASE], c->phase) == 0 &&
	       strcmp(row->text[COLUMN_VARIANT], c->variant) == 0 &&
	       (c->block == 0 || row->number[COLUMN_BLOCK] == c->block) &&
	       row->number[COLUMN_IDLE] == c->idle;
}

/* A trial that was void and kept stands in only where there is no sound one. */
static const struct row *cell_row(const struct cell *c)
{
	const struct row *found = NULL;
	for (size_t i = 0; i < journal_known(&c->run->journal); i++) {
		const struct row *row = &c->run->journal.rows[i];
		if (cell_has(c, row) && (!found || !row_is_void(row)))
			found = row;
	}
	return found;
}

static double ctx_per_s(const double *v)
{
	return v[COLUMN_CTX] * v[COLUMN_REQUESTS] / v[COLUMN_WINDOW_S];
}

/* A server without counters answered what the client received. */
static double row_ctx_per_s(const struct row *row)
{
	const double *v = row->number;
	return isnan(v[COLUMN_REQUESTS]) ? v[COLUMN_CTX] * v[COLUMN_RECEIVED_RPS]
					 : ctx_per_s(v);
}

static bool all_held(const struct row *row)
{
	return row->number[COLUMN_IDLE] == 0 ||
	       row->number[COLUMN_IDLE_ALIVE] >= held_least * row->number[COLUMN_IDLE];
}

/* Against the trial of the same block beside the fewest idle connections. */
static double row_compared(const struct cell *c, const struct row *row,
			   enum full_quantity q)
{
	struct cell alone = *c;
	alone.idle = c->experiment->idle + c->experiment->idles.value[0];
	const struct row *base = cell_row(&alone);
	if (!base || !all_held(row) || !all_held(base))
		return NAN;
	double more = row->number[COLUMN_IDLE] - base->number[COLUMN_IDLE];
	if (q == FULL_KEPT)
		return row->number[COLUMN_GOOD_RPS] / base->number[COLUMN_GOOD_RPS];
	return more > 0 ? (row->number[COLUMN_RSS_PEAK_KIB] -
			   base->number[COLUMN_RSS_PEAK_KIB]) /
				  more
			: NAN;
}

static double row_value(const struct cell *c, const struct row *row,
			enum full_quantity q)
{
	static const enum column columns[FULL_QUANTITIES] = {
		[FULL_GOOD_RPS] = COLUMN_GOOD_RPS,
		[FULL_CTX] = COLUMN_CTX,
		[FULL_VOLUNTARY] = COLUMN_CTX_VOLUNTARY,
		[FULL_INVOLUNTARY] = COLUMN_CTX_INVOLUNTARY,
		[FULL_USER] = COLUMN_CTX_USER,
		[FULL_CROSSINGS] = COLUMN_CROSSINGS,
		[FULL_CPU_US] = COLUMN_CPU_US,
		[FULL_SERVER_IDLE] = COLUMN_IDLE_SHARE,
	};
	if (q == FULL_KEPT || q == FULL_GROWN)
		return row_compared(c, row, q);
	return q == FULL_CTX_PER_S ? row_ctx_per_s(row) : row->number[columns[q]];
}

static double cell_value(const struct cell *c, enum full_quantity q)
{
	const struct row *row = cell_row(c);
	return row ? row_value(c, row, q) : NAN;
}

static struct spread cell_spread(struct cell c, enum full_quantity q)
{
	int blocks = c.run->suite.blocks;
	double value[blocks];
	for (c.block = 1; c.block <= blocks; c.block++)
		value[c.block - 1] = cell_value(&c, q);
	struct spread s = describe_spread(value, (size_t)blocks);
	bool splits = q == FULL_VOLUNTARY || q == FULL_INVOLUNTARY;
	if (s.n == 0 && splits && strcmp(c.phase, "split") != 0) {
		c.phase = "split";
		s = cell_spread(c, q);
	}
	return s;
}

static struct cell cell_of(const struct run *r, const struct experiment *e,
			   const struct entry *entry, int idle)
{
	return (struct cell){r, e, entry->name, "full", 0, e->idle + idle};
}

bool full_line(const struct run *r, const struct experiment *e,
	       const struct entry *entry, int idle, struct full_line *out)
{
	struct cell c = cell_of(r, e, entry, idle);
	*out = (struct full_line){.entry = entry, .idle = idle, .held = NAN};
	for (enum full_quantity q = 0; q < FULL_QUANTITIES; q++)
		out->value[q] = cell_spread(c, q);
	for (c.block = 1; c.block <= r->suite.blocks; c.block++) {
		const struct row *row = cell_row(&c);
		if (row)
			out->held = fmin(out->held, row->number[COLUMN_IDLE_ALIVE]);
	}
	c.block = 0;
	return cell_row(&c) != NULL;
}

void full_blocks(const struct run *r, const struct experiment *e,
		 const struct entry *entry, enum full_quantity q, double *value)
{
	struct cell c = cell_of(r, e, entry, (int)e->idles.value[0]);
	for (c.block = 1; c.block <= r->suite.blocks; c.block++)
		value[c.block - 1] = cell_value(&c, q);
}

double full_ceiling_rps(const struct run *r, const struct experiment *e)
{
	const struct cell c = {r, e, "reflector", "certificate", 1, e->idle};
	double most = NAN;
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		const struct row *row = &r->journal.rows[i];
		if (cell_has(&c, row))
			most = fmax(most, row->number[COLUMN_GOOD_RPS]);
	}
	return most;
}

const char *full_limit(const struct full_line *line, double ceiling_rps)
{
	double good_rps = line->value[FULL_GOOD_RPS].mid;
	if (isnan(good_rps) || isnan(ceiling_rps))
		return "n/a";
	if (ceiling_rps < ceiling_factor * good_rps)
		return "client";
	return line->value[FULL_SERVER_IDLE].mid > idle_most ? "wait" : "server";
}

static void put_spread(FILE *to, const struct spread *s)
{
	tsv_put(to, s->mid);
	tsv_put(to, s->low);
	tsv_put(to, s->high);
}

static void put_line(FILE *to, const struct experiment *e, const struct full_line *line,
		     double ceiling_rps)
{
	const struct spread *value = line->value;
	fprintf(to, "%s\t%s\t%s\t%d", e->name, line->entry->name, line->entry->family,
		line->idle);
	tsv_put(to, line->held);
	fprintf(to, "\t%zu", value[FULL_GOOD_RPS].n);
	for (enum full_quantity q = 0; q < FULL_QUANTITIES; q++)
		put_spread(to, &value[q]);
	tsv_put(to, ceiling_rps);
	fprintf(to, "\t%s\n", full_limit(line, ceiling_rps));
}

static void put_experiment(FILE *to, const struct run *r, const struct experiment *e)
{
	double ceiling_rps = full_ceiling_rps(r, e);
	for (size_t i = 0; i < r->entries; i++) {
		for (size_t j = 0; j < e->idles.n; j++) {
			struct full_line line;
			if (full_line(r, e, &r->entry[i], (int)e->idles.value[j],
				      &line))
				put_line(to, e, &line, ceiling_rps);
		}
	}
}

static int write_each(const struct run *r, const char *name, const char *header,
		      void (*one)(FILE *to, const struct run *r,
				  const struct experiment *e))
{
	FILE *to = tsv_begin(r, name, header);
	if (!to)
		return -errno;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		if (r->suite.experiment[i].kind == KIND_FULL)
			one(to, r, &r->suite.experiment[i]);
	}
	return tsv_end(to);
}

int full_write(const struct run *r)
{
	bool any = false;
	for (size_t i = 0; i < r->suite.experiments; i++)
		any = any || r->suite.experiment[i].kind == KIND_FULL;
	if (!any)
		return 0;
	int status = write_each(
		r, "full.tsv",
		"experiment\tvariant\tfamily\tidle\theld\tblocks\tgood_rps\tgood_low\t"
		"good_high\tkept\tkept_low\tkept_high\tgrown_kib\tgrown_low\t"
		"grown_high\tctx\tctx_low\tctx_high\tvoluntary\tvoluntary_low\t"
		"voluntary_high\tinvoluntary\tinvoluntary_low\tinvoluntary_high\t"
		"ctx_per_s\tctx_per_s_low\tctx_per_s_high\tuser\tuser_low\tuser_high\t"
		"crossings\tcrossings_low\tcrossings_high\tcpu_us\tcpu_us_low\t"
		"cpu_us_high\tserver_idle\tserver_idle_low\tserver_idle_high\t"
		"ceiling_rps\tlimit\n",
		put_experiment);
	if (status < 0)
		return status;
	return write_each(r, "full-pairs.tsv", full_pairs_header, full_pairs_put);
}
