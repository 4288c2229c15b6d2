/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_table.c - trials of kind udp: medians and ranges over blocks, as udp.tsv and on
 * the terminal, and what a datagram takes beside udp-epoll's in the same block. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "harness/bench/cells.h"
#include "harness/bench/tsv.h"
#include "harness/bench/udp.h"
#include "harness/bench/udp_pair.h"

enum udp_quantity {
	UDP_ACHIEVED,
	UDP_LOST, /* share of what was planned; by place, but for the client's socket */
	UDP_UNSENT,
	UDP_CLIENT_DROPS,
	UDP_SOCKET_DROPS,
	UDP_RING_DROPS,
	UDP_INSIDE_DROPS,
	UDP_DEVICE_DROPS,
	UDP_BETWEEN, /* what is left: on the links, there and back */
	UDP_PROGRAM, /* CPUs: the server's own; its CPUs'; all */
	UDP_SERVER,
	UDP_MACHINE,
	UDP_RTT_P50,
	UDP_RTT_P99,
	UDP_PER_SERVER, /* echoes a second for a CPU of the server's; of any */
	UDP_PER_MACHINE,
	UDP_COLUMNS,           /* so many are written, and this is not: */
	UDP_BACK = UDP_COLUMNS /* share of what was planned */
};

static const char *const names[UDP_COLUMNS] = {
	"achieved_mbps", "lost",        "unsent",       "client_drops",
	"socket_drops",  "ring_drops",  "inside_drops", "device_drops",
	"between",       "program_cpu", "server_cpu",   "machine_cpu",
	"rtt_p50",       "rtt_p99",     "per_server_s", "per_machine_s"};

static const char base_name[] = "udp-epoll";
/* On the wire, beside a payload: Ethernet's preamble, header, checksum and gap, IP's
 * header and UDP's. */
enum { FRAMING = 8 + 14 + 4 + 12 + 20 + 8, KBIT_CALIBRATED = 1000000 };

static double share_of(const double *v, enum column c)
{
	return v[c] / v[COLUMN_PLANNED];
}

/* What a ring had no room for is told of the server's whole life: where there is any,
 * nobody knows what of it was in the window, and so what is left. */
static double between_of(const double *v)
{
	static const enum column placed[] = {COLUMN_UNSENT, COLUMN_CLIENT_DROPS,
					     COLUMN_SOCKET_DROPS, COLUMN_INSIDE_DROPS,
					     COLUMN_DEVICE_DROPS};
	double left = v[COLUMN_LOST];
	for (size_t i = 0; i < sizeof placed / sizeof *placed; i++)
		left -= isnan(v[placed[i]]) ? 0 : v[placed[i]];
	return v[COLUMN_RING_DROPS] > 0 ? (double)NAN : left / v[COLUMN_PLANNED];
}

static double value_of(const struct row *row, unsigned quantity)
{
	const double *v = row->number;
	switch ((enum udp_quantity)quantity) {
	case UDP_ACHIEVED:
		return v[COLUMN_ACHIEVED_MBPS];
	case UDP_LOST:
		return share_of(v, COLUMN_LOST);
	case UDP_UNSENT:
		return share_of(v, COLUMN_UNSENT);
	case UDP_CLIENT_DROPS:
		return share_of(v, COLUMN_CLIENT_DROPS);
	case UDP_SOCKET_DROPS:
		return share_of(v, COLUMN_SOCKET_DROPS);
	case UDP_RING_DROPS:
		return share_of(v, COLUMN_RING_DROPS);
	case UDP_INSIDE_DROPS:
		return share_of(v, COLUMN_INSIDE_DROPS);
	case UDP_DEVICE_DROPS:
		return share_of(v, COLUMN_DEVICE_DROPS);
	case UDP_BETWEEN:
		return between_of(v);
	case UDP_PROGRAM:
		return v[COLUMN_CPU_US] * v[COLUMN_REQUESTS] / v[COLUMN_WINDOW_S] / 1e6;
	case UDP_SERVER:
		return v[COLUMN_SERVER_BUSY];
	case UDP_MACHINE:
		return v[COLUMN_MACHINE_BUSY];
	case UDP_RTT_P50:
		return v[COLUMN_SVC_P50];
	case UDP_RTT_P99:
		return v[COLUMN_SVC_P99];
	case UDP_PER_SERVER:
		return v[COLUMN_GOOD_RPS] / v[COLUMN_SERVER_BUSY];
	case UDP_PER_MACHINE:
		return v[COLUMN_GOOD_RPS] / v[COLUMN_MACHINE_BUSY];
	case UDP_BACK:
		return share_of(v, COLUMN_GOOD);
	}
	return (double)NAN;
}

/* Whom its receiving was billed to: server, sender, or mixed over the blocks. */
static const char *cell_billed(const struct cell *c)
{
	const char *billed = "-";
	bool flagged = cell_is_flagged(c);
	for (int block = 1; block <= c->run->suite.blocks; block++) {
		const struct row *row = cell_row(c, block, flagged);
		if (!row)
			continue;
		if (strcmp(billed, "-") != 0 &&
		    strcmp(billed, row->text[COLUMN_BILLED]) != 0)
			return "mixed";
		billed = row->text[COLUMN_BILLED];
	}
	return billed;
}

/* This line's over the other's in the same block, sound trials alone. */
static struct spread ratio_of(const struct cell *c, const struct cell *base,
			      enum udp_quantity q)
{
	int blocks = c->run->suite.blocks;
	double value[blocks];
	for (int block = 1; block <= blocks; block++)
		value[block - 1] = cell_value(c, block, q, false) /
				   cell_value(base, block, q, false);
	return describe_spread(value, (size_t)blocks);
}

static bool cell_carries(const struct cell *c)
{
	return 100 * cell_spread(c, UDP_BACK).low >= UDP_CARRIED_PERCENT;
}

static void cell_put(FILE *to, const struct cell *c)
{
	if (cell_spread(c, UDP_ACHIEVED).n == 0)
		return;
	fprintf(to, "%s\t%s\t%s\t%s\t%g\t%zu\t%d\t%s", c->experiment->name,
		c->entry->name, c->entry->family, c->phase, c->point,
		cell_spread(c, UDP_ACHIEVED).n, cell_is_flagged(c), cell_billed(c));
	cell_put_spreads(to, c, UDP_COLUMNS);
}

static void header_put(FILE *to)
{
	fputs("experiment\tvariant\tfamily\tway\toffered_mbps\tblocks\tflagged\tbilled",
	      to);
	for (enum udp_quantity q = 0; q < UDP_COLUMNS; q++)
		fprintf(to, "\t%s\t%s_low\t%s_high", names[q], names[q], names[q]);
	fputc('\n', to);
}

/* Call `take` for each line of the experiment, at no rate yet. */
static void lines_each(const struct run *r, const struct experiment *e,
		       void (*take)(struct cell *c, FILE *to), FILE *to)
{
	const struct udp_way *way;
	for (size_t i = 0; i < r->entries; i++) {
		for (size_t j = 0; (way = udp_way(j)); j++) {
			struct cell c = {.run = r,
					 .experiment = e,
					 .entry = &r->entry[i],
					 .phase = way->name,
					 .value = value_of};
			if (!run_unfit(&r->entry[i], e) && udp_goes(&r->entry[i], way))
				take(&c, to);
		}
	}
}

static void line_put(struct cell *c, FILE *to)
{
	for (size_t i = 0; i < c->experiment->points.n; i++) {
		c->point = c->experiment->points.value[i];
		cell_put(to, c);
	}
}

int udp_write(const struct run *r)
{
	FILE *to = NULL;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (e->kind != KIND_UDP)
			continue;
		if (!to) {
			to = tsv_begin(r, "udp.tsv", "");
			if (!to)
				return -errno;
			header_put(to);
		}
		lines_each(r, e, line_put, to);
	}
	int status = to ? tsv_end(to) : 0;
	return status < 0 ? status : udp_pairs_write(r);
}

bool udp_is_skipped(const struct run *r, const struct experiment *e)
{
	if (e->kind != KIND_UDP)
		return false;
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		if (strcmp(r->journal.rows[i].text[COLUMN_EXPERIMENT], e->name) == 0)
			return false;
	}
	return true;
}

/* --- the terminal
 * ---------------------------------------------------------------------- */

/* The highest rate that the line carried in all its blocks, and where it is, or NAN. */
static double line_most(struct cell *c)
{
	double most = (double)NAN;
	for (size_t i = 0; i < c->experiment->points.n; i++) {
		c->point = c->experiment->points.value[i];
		if (cell_carries(c))
			most = fmax(c->point, most);
	}
	return most;
}

static void value_print(double value, int decimals, FILE *to)
{
	if (isnan(value))
		fprintf(to, " %8s", "n/a");
	else
		fprintf(to, " %8.*f", decimals, value);
}

/* At any rate, void or not. */
static bool line_was_run(const struct cell *line)
{
	struct cell c = *line;
	bool was_run = false;
	for (size_t i = 0; i < c.experiment->points.n; i++) {
		c.point = c.experiment->points.value[i];
		was_run |= cell_spread(&c, UDP_ACHIEVED).n > 0;
	}
	return was_run;
}

static void line_print(struct cell *c, FILE *to)
{
	double most = line_most(c);
	if (!line_was_run(c))
		return;
	fprintf(to, "%-16s %-13s", c->entry->name, c->phase);
	if (isnan(most)) {
		fprintf(to, " %9s\n", "none");
		return;
	}
	c->point = most;
	fprintf(to, " %8g%s", most, cell_is_flagged(c) ? "!" : " ");
	value_print(cell_spread(c, UDP_PROGRAM).mid, 2, to);
	value_print(cell_spread(c, UDP_SERVER).mid, 2, to);
	fputs(strcmp(cell_billed(c), "sender") == 0 ? "*" : " ", to);
	value_print(cell_spread(c, UDP_MACHINE).mid, 2, to);
	value_print(cell_spread(c, UDP_RTT_P50).mid, 0, to);
	value_print(cell_spread(c, UDP_RTT_P99).mid, 0, to);
	fputc('\n', to);
}

/* "1.30 (1.28-1.33 in 3 blocks)". */
static void ratio_print(const char *what, struct spread s, FILE *to)
{
	if (s.n == 0)
		fprintf(to, "n/a by %s", what);
	else
		fprintf(to, "%.2f (%.2f-%.2f in %zu block%s) by %s", s.mid, s.low,
			s.high, s.n, s.n == 1 ? "" : "s", what);
}

/* Does a link of the experiment carry more than this?  At all that it does the client's
 * CPU is full, too, and few blocks tell nothing (docs/decisions/0018). */
static bool is_below_link(const struct experiment *e, double mbps)
{
	double kbit = e->link_kbit > 0 ? e->link_kbit : KBIT_CALIBRATED;
	double most = kbit * 1e-3 * UDP_BYTES / (UDP_BYTES + FRAMING);
	return 100 * mbps <= UDP_LINK_PERCENT * most;
}

/* The highest rate below the link's that both carried, with both cells set to it. */
static bool cells_meet(struct cell *c, struct cell *base)
{
	for (size_t i = c->experiment->points.n; i-- > 0;) {
		c->point = base->point = c->experiment->points.value[i];
		if (is_below_link(c->experiment, c->point) && cell_carries(c) &&
		    cell_carries(base) && ratio_of(c, base, UDP_PER_MACHINE).n > 0)
			return true;
	}
	return false;
}

/* Why two lines cannot be compared. */
static void unmet_print(const struct cell *c, const struct cell *base, FILE *to)
{
	const struct cell *missing = !line_was_run(c)      ? c
				     : !line_was_run(base) ? base
							   : NULL;
	if (missing)
		fprintf(to, "n/a: %s %s was not run\n", missing->entry->name,
			missing->phase);
	else
		fputs("n/a: there is no rate below the link's that both carried "
		      "undisturbed\n",
		      to);
}

/* Datagrams a second of CPU, this line's over the base's. */
static void lines_compare(struct cell *c, struct cell *base, const char *name, FILE *to)
{
	fprintf(to, "datagrams a CPU second, %s %s over %s: ", c->entry->name, c->phase,
		name);
	if (!cells_meet(c, base)) {
		unmet_print(c, base, to);
		return;
	}
	ratio_print("all CPUs", ratio_of(c, base, UDP_PER_MACHINE), to);
	fputs(", ", to);
	if (strcmp(cell_billed(c), cell_billed(base)) == 0)
		ratio_print("the server's", ratio_of(c, base, UDP_PER_SERVER), to);
	else
		fprintf(to, "n/a by the server's (receiving is billed to the %s)",
			cell_billed(c));
	fprintf(to, ", at %g Mb/s\n", c->point);
}

/* Who brings a stack of his own, beside the loop over the kernel's; and what fences and
 * a shared CPU cost, beside the same without. */
static void line_compare(struct cell *c, FILE *to)
{
	const struct udp_way *way = udp_way_named(c->phase);
	struct cell base = *c;
	if (!way->driver || c->entry->twin)
		return;
	if (way->beside) {
		base.phase = way->beside;
		lines_compare(c, &base, base.phase, to);
		return;
	}
	base.entry = run_entry(c->run, base_name);
	base.phase = udp_way(0)->name;
	if (base.entry)
		lines_compare(c, &base, base_name, to);
}

static void experiment_print(const struct run *r, const struct experiment *e, FILE *to)
{
	if (udp_is_skipped(r, e))
		return;
	fprintf(to, "\n%s: %s\n%-16s %-13s %9s %8s %9s %8s %8s %8s\n", e->name,
		e->summary, "variant", "way", "Mb/s", "program", "its CPU", "all CPU",
		"rtt us", "p99");
	lines_each(r, e, line_print, to);
	fprintf(to,
		"at the highest rate of which %d %% came back; CPUs busy, interrupts "
		"included\n*: its receiving was billed to the sender's CPU\n",
		UDP_CARRIED_PERCENT);
	lines_each(r, e, line_compare, to);
	udp_pair_print(r, e, to);
	fputs("all CPUs: the load generator and the switch are in both, so that a "
	      "ratio is nearer to 1\n",
	      to);
	if (*e->published)
		fprintf(to, "published: %s\n", e->published);
}

void udp_table(const struct run *r, FILE *to)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		if (r->suite.experiment[i].kind == KIND_UDP)
			experiment_print(r, &r->suite.experiment[i], to);
	}
}
