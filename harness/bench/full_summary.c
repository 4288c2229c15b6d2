/* SPDX-License-Identifier: BSD-2-Clause */
/* full_summary.c - trials of kind full: medians and ranges over blocks, and the
 * tables written of these. */
#include "config.h"

#include "harness/bench/certificate.h"
#include "harness/bench/full_pairs.h"
#include "harness/bench/full_summary.h"
#include "harness/bench/tsv.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const double held_least = 0.99;

const double full_idle_most = 0.05;

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

/* The block's trial against the trivial server; NULL where there is none, or it was
 * void: a client held up by others is not at its own ceiling. */
static const struct row *cell_ceiling(const struct cell *c)
{
	struct cell ceiling = *c;
	ceiling.variant = certificate_reflector;
	ceiling.phase = "certificate";
	ceiling.idle = c->experiment->idle + c->experiment->idles.value[0];
	const struct row *row = cell_row(&ceiling);
	return row && !row_is_void(row) ? row : NULL;
}

/* No server answers sooner than the trivial one: who is as fast as it was as fast as
 * the client. */
static bool row_beats(const struct cell *c, const struct row *row)
{
	const struct row *ceiling = cell_ceiling(c);
	return ceiling &&
	       row->number[COLUMN_GOOD_RPS] >= ceiling->number[COLUMN_GOOD_RPS];
}

static bool is_rate(enum full_quantity q)
{
	return q == FULL_GOOD_RPS || q == FULL_KEPT || q == FULL_CTX_PER_S;
}

static double cell_value(const struct cell *c, enum full_quantity q)
{
	const struct row *row = cell_row(c);
	if (!row || (is_rate(q) && row_beats(c, row)))
		return NAN;
	return row_value(c, row, q);
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

const char *full_limit(double server_idle, double client_idle)
{
	if (isnan(server_idle) || isnan(client_idle))
		return "n/a";
	if (server_idle <= full_idle_most)
		return client_idle <= full_idle_most ? "both" : "server";
	return client_idle <= full_idle_most ? "client" : "neither";
}

/* A trial that was void and kept tells not who was at his end: others had a part.  A
 * client that spins never idles: it was the limit where the server was not. */
static const char *row_limit(const struct experiment *e, const struct row *row)
{
	double server_idle = row->number[COLUMN_IDLE_SHARE];
	if (row_is_void(row))
		return "n/a";
	if (e->spin && !isnan(server_idle))
		return server_idle <= full_idle_most ? "server" : "client";
	return full_limit(server_idle, row->number[COLUMN_CLIENT_IDLE_SHARE]);
}

/* What one more block's trial says of the line. */
static void line_add(const struct cell *c, const struct row *row, struct full_line *out)
{
	const char *limit = row_limit(c->experiment, row);
	bool known = strcmp(limit, "n/a") != 0;
	out->held = fmin(out->held, row->number[COLUMN_IDLE_ALIVE]);
	out->beaten += row_beats(c, row);
	out->blocks++;
	out->flagged += row_is_void(row);
	if (strcmp(out->limit, "n/a") == 0)
		out->limit = limit;
	else if (known && strcmp(out->limit, limit) != 0)
		out->limit = "mixed";
}

bool full_line(const struct run *r, const struct experiment *e,
	       const struct entry *entry, int idle, struct full_line *out)
{
	struct cell c = cell_of(r, e, entry, idle);
	*out = (struct full_line){
		.entry = entry, .idle = idle, .held = NAN, .limit = "n/a"};
	for (enum full_quantity q = 0; q < FULL_QUANTITIES; q++)
		out->value[q] = cell_spread(c, q);
	for (c.block = 1; c.block <= r->suite.blocks; c.block++) {
		const struct row *row = cell_row(&c);
		if (row)
			line_add(&c, row, out);
	}
	return out->blocks > 0;
}

bool full_is_flagged(const struct run *r, const struct experiment *e,
		     const struct entry *entry)
{
	size_t flagged = 0;
	for (size_t i = 0; i < e->idles.n; i++) {
		struct full_line line;
		full_line(r, e, entry, (int)e->idles.value[i], &line);
		flagged += line.flagged;
	}
	return flagged > 0;
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
	struct cell c = {.run = r, .experiment = e, .phase = "full"};
	double value[r->suite.blocks];
	for (c.block = 1; c.block <= r->suite.blocks; c.block++) {
		const struct row *row = cell_ceiling(&c);
		value[c.block - 1] = row ? row->number[COLUMN_GOOD_RPS] : NAN;
	}
	return describe_spread(value, (size_t)r->suite.blocks).mid;
}

static void put_note(FILE *to, const struct full_line *line)
{
	if (line->beaten > 0)
		fprintf(to, "at the client's ceiling in %zu of %zu blocks: no capacity",
			line->beaten, line->blocks);
	if (line->flagged > 0)
		fprintf(to, "%sdisturbed in %zu of %zu blocks",
			line->beaten > 0 ? "; " : "", line->flagged, line->blocks);
	fputs(line->beaten + line->flagged > 0 ? "\n" : "-\n", to);
}

static void put_line(FILE *to, const struct experiment *e, const struct full_line *line,
		     double ceiling_rps)
{
	const struct spread *value = line->value;
	fprintf(to, "%s\t%s\t%s\t%d", e->name, line->entry->name, line->entry->family,
		line->idle);
	tsv_put(to, line->held);
	fprintf(to, "\t%zu", line->blocks);
	for (enum full_quantity q = 0; q < FULL_QUANTITIES; q++)
		tsv_put_spread(to, &value[q]);
	tsv_put(to, ceiling_rps);
	fprintf(to, "\t%s\t", line->limit);
	put_note(to, line);
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
		"ceiling_rps\tlimit\tnote\n",
		put_experiment);
	if (status < 0)
		return status;
	return write_each(r, "full-pairs.tsv", full_pairs_header, full_pairs_put);
}
