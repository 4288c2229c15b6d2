/* SPDX-License-Identifier: BSD-2-Clause */
/* sweep_table.c - trials of kind sweep: medians and ranges over blocks, as sweep.tsv
 * and on the terminal. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "harness/bench/cells.h"
#include "harness/bench/full_summary.h"
#include "harness/bench/measure.h"
#include "harness/bench/sweep.h"
#include "harness/bench/tsv.h"

enum sweep_quantity {
	SWEEP_GOOD_RPS,
	SWEEP_LOCK_WAITS, /* per request */
	SWEEP_CTX,
	SWEEP_CPU_US,
	SWEEP_SERVER_IDLE,
	SWEEP_CLIENT_CPU,
	SWEEP_LAT_P99,
	SWEEP_QUANTITIES
};

static const enum column columns[SWEEP_QUANTITIES] = {
	[SWEEP_GOOD_RPS] = COLUMN_GOOD_RPS,
	[SWEEP_LOCK_WAITS] = COLUMN_LOCK_WAITS,
	[SWEEP_CTX] = COLUMN_CTX,
	[SWEEP_CPU_US] = COLUMN_CPU_US,
	[SWEEP_SERVER_IDLE] = COLUMN_IDLE_SHARE,
	[SWEEP_CLIENT_CPU] = COLUMN_CLIENT_CPU_SHARE,
	[SWEEP_LAT_P99] = COLUMN_LAT_P99,
};

static const char *const names[SWEEP_QUANTITIES] = {
	"good", "lock_waits", "ctx", "cpu_us", "server_idle", "client_cpu", "lat_p99"};

/* A client that used more of its CPU may have been the limit. */
static const double client_most = 0.9;

/* With fewer server CPUs than these a lock is free whenever somebody comes for it,
 * unless its holder was preempted. */
enum { LOCK_CPUS_LEAST = 3 };

static double value_of(const struct row *row, unsigned quantity)
{
	return row->number[columns[quantity]];
}

/* One variant at one point. */
static struct cell cell_of(const struct run *r, const struct experiment *e,
			   const struct entry *entry, double point)
{
	return (struct cell){.run = r,
			     .experiment = e,
			     .entry = entry,
			     .point = point,
			     .value = value_of};
}

/* How its accounts are guarded, by its --about. */
static const char *policy_of(const struct entry *entry)
{
	const char *policy =
		json_string_value(json_object_get(entry->variant->about, "accounts"));
	return policy ? policy : "-";
}

static void cell_put(FILE *to, const struct cell *c)
{
	static const char *const overs[] = {"accounts", "cores"};
	const struct experiment *e = c->experiment;
	struct spread good = cell_spread(c, SWEEP_GOOD_RPS);
	if (good.n == 0)
		return;
	fprintf(to, "%s\t%s\t%g\t%s\t%s\t%s\t%zu\t%d", e->name, overs[e->over],
		c->point, c->entry->name, c->entry->family, policy_of(c->entry), good.n,
		cell_is_flagged(c));
	cell_put_spreads(to, c, SWEEP_QUANTITIES);
}

static void header_put(FILE *to)
{
	fputs("experiment\tover\tpoint\tvariant\tfamily\taccounts\tblocks\tflagged",
	      to);
	for (enum sweep_quantity q = 0; q < SWEEP_QUANTITIES; q++)
		fprintf(to, "\t%s%s\t%s_low\t%s_high", names[q],
			q == SWEEP_GOOD_RPS ? "_rps" : "", names[q], names[q]);
	fputc('\n', to);
}

static void experiment_put(FILE *to, const struct run *r, const struct experiment *e)
{
	for (size_t i = 0; i < r->entries; i++) {
		for (size_t j = 0; j < e->points.n; j++) {
			const struct cell c =
				cell_of(r, e, &r->entry[i], e->points.value[j]);
			cell_put(to, &c);
		}
	}
}

int sweep_write(const struct run *r)
{
	FILE *to = NULL;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (e->kind != KIND_SWEEP)
			continue;
		if (!to) {
			to = tsv_begin(r, "sweep.tsv", "");
			if (!to)
				return -errno;
			header_put(to);
		}
		experiment_put(to, r, e);
	}
	return to ? tsv_end(to) : 0;
}

/* --- the terminal
 * ---------------------------------------------------------------------- */

static bool entry_tried(const struct run *r, const struct experiment *e,
			const struct entry *entry)
{
	bool tried = false;
	for (size_t i = 0; i < e->points.n; i++) {
		const struct cell c = cell_of(r, e, entry, e->points.value[i]);
		tried = tried || cell_spread(&c, SWEEP_GOOD_RPS).n > 0;
	}
	return tried;
}

static void cell_print(FILE *to, const struct cell *c)
{
	struct spread good = cell_spread(c, SWEEP_GOOD_RPS);
	struct spread waits = cell_spread(c, SWEEP_LOCK_WAITS);
	/* Not at its end: the client was, or the wire. */
	bool idle = cell_spread(c, SWEEP_SERVER_IDLE).mid > full_idle_most;
	bool busy = !c->experiment->spin &&
		    cell_spread(c, SWEEP_CLIENT_CPU).mid > client_most;
	char rate[32] = "n/a", lock[32] = "";
	if (good.n > 0)
		snprintf(rate, sizeof rate, "%.0f%s%s%s", good.mid, idle ? "~" : "",
			 busy ? "^" : "", cell_is_flagged(c) ? "!" : "");
	if (c->experiment->over == SWEEP_ACCOUNTS && waits.n > 0)
		snprintf(lock, sizeof lock, " %9.2g", waits.mid);
	else if (c->experiment->over == SWEEP_ACCOUNTS)
		snprintf(lock, sizeof lock, " %9s", "n/a");
	fprintf(to, " %9s%s", rate, lock);
}

/* In the worst block: 0.03 for 3 %; NAN if no block has both. */
static double twin_strays(const struct run *r, const struct experiment *e,
			  const struct entry *twin, const struct entry *original,
			  double point)
{
	const struct cell a = cell_of(r, e, twin, point),
			  b = cell_of(r, e, original, point);
	bool flagged_a = cell_is_flagged(&a), flagged_b = cell_is_flagged(&b);
	double most = NAN;
	for (int block = 1; block <= r->suite.blocks; block++) {
		double x = cell_value(&a, block, SWEEP_GOOD_RPS, flagged_a);
		double y = cell_value(&b, block, SWEEP_GOOD_RPS, flagged_b);
		most = fmax(most, fmax(x / y, y / x) - 1);
	}
	return most;
}

/* How far the twin's rate strays from its original's within a block, at most, and the
 * points where both have one. */
static double twin_band(const struct run *r, const struct experiment *e, size_t *points)
{
	double band = NAN;
	*points = 0;
	for (size_t i = 0; i < r->entries; i++) {
		if (!r->entry[i].twin)
			continue;
		const struct entry *original = run_entry(r, r->entry[i].variant->name);
		for (size_t j = 0; original && j < e->points.n; j++) {
			double strays = twin_strays(r, e, &r->entry[i], original,
						    e->points.value[j]);
			*points += isnan(strays) ? 0 : 1;
			band = fmax(band, strays); /* not NAN, if either is not */
		}
	}
	return band;
}

static void twin_print(const struct run *r, const struct experiment *e, FILE *to)
{
	size_t points;
	double band = twin_band(r, e, &points);
	int blocks = r->suite.blocks;
	if (isnan(band))
		fprintf(to, "A/A: n/a; %d block%s settle no difference\n", blocks,
			blocks == 1 ? "" : "s");
	else
		fprintf(to,
			"A/A: good/s differs by up to %.1f %% (%d block%s, %zu "
			"point%s): no smaller difference is settled\n",
			band * 100, blocks, blocks == 1 ? "" : "s", points,
			points == 1 ? "" : "s");
}

/* What the marks mean, and what the numbers cannot say. */
static void legend_print(const struct run *r, const struct experiment *e, FILE *to)
{
	fputs("~: the server's CPUs were idle for more than a twentieth of the time\n"
	      "!: all trials were disturbed\n",
	      to);
	if (e->spin)
		fputs("The client spins: it need not be woken, and its CPU says "
		      "nothing.\n",
		      to);
	else
		fputs("^: the client used more than 0.9 of its CPU: it may have been "
		      "the limit\n",
		      to);
	if (e->over == SWEEP_ACCOUNTS && measure_cpus(r->server_cpus) < LOCK_CPUS_LEAST)
		fprintf(to,
			"Locks: n/a: below %d server CPUs nobody waits for a lock; "
			"this says what a transfer costs.\n",
			LOCK_CPUS_LEAST);
	if (e->over == SWEEP_CORES)
		fputs("On fewer server CPUs than it has threads a variant's threads "
		      "share them: graph-2cores on 1.\n",
		      to);
	twin_print(r, e, to);
}

static void experiment_print(const struct run *r, const struct experiment *e, FILE *to)
{
	bool accounts = e->over == SWEEP_ACCOUNTS;
	fprintf(to, "\n%s: %s\n%d connections, closed loop; good/s%s, by %s\n", e->name,
		e->summary, e->connections, accounts ? " and lock waits a request" : "",
		accounts ? "accounts" : "server CPUs");
	fprintf(to, "%-16s %-8s", "variant", "accounts");
	for (size_t i = 0; i < e->points.n; i++)
		fprintf(to, accounts ? " %19g" : " %9g", e->points.value[i]);
	fputc('\n', to);
	for (size_t i = 0; i < r->entries; i++) {
		const struct entry *entry = &r->entry[i];
		if (!entry_tried(r, e, entry))
			continue;
		fprintf(to, "%-16s %-8s", entry->name, policy_of(entry));
		for (size_t j = 0; j < e->points.n; j++) {
			const struct cell c = cell_of(r, e, entry, e->points.value[j]);
			cell_print(to, &c);
		}
		fputc('\n', to);
	}
	legend_print(r, e, to);
	if (*e->published)
		fprintf(to, "published: %s\n", e->published);
}

void sweep_table(const struct run *r, FILE *to)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		if (r->suite.experiment[i].kind == KIND_SWEEP)
			experiment_print(r, &r->suite.experiment[i], to);
	}
}
