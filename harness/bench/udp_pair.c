/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_pair.c - datagrams a second of CPU, one line over the other in the same block:
 * intervals, and what they say of floor and goal. */
#include "config.h"

#include "harness/bench/udp_pair.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "harness/bench/cells.h"
#include "harness/bench/tsv.h"
#include "harness/stats/interval.h"

enum { LEAST_BLOCKS = 6, NAME = 64 };
static const double confidence = 0.95;

/* Whose CPU: all that the server's were busy with; all there is. */
enum pair_cpu { CPU_SERVER, CPU_ALL, CPU_KINDS };
static const char *const quantities[CPU_KINDS] = {"per_server_s", "per_machine_s"};

struct pair_ratio {
	struct interval interval;
	double band;   /* how far the twin strays from its original, as a factor; NAN */
	size_t band_n; /* blocks that tell that */
};

const char *udp_pair_check(const struct experiment *e)
{
	char text[4][NAME];
	if (!*e->pairs)
		return e->pair_blocks > 0 ? "pair_blocks needs pairs" : NULL;
	if (sscanf(e->pairs, " %63[^/: ]/%63[^/: ]:%63[^/: ]/%63[^/: ]", text[0],
		   text[1], text[2], text[3]) != 4)
		return "pairs is not VARIANT/WAY:VARIANT/WAY";
	if (!udp_way_named(text[1]) || !udp_way_named(text[3]))
		return "pairs names a way that there is not";
	return e->pair_mbps.n > 0 ? NULL : "pairs needs pair_mbps";
}

static const struct entry *twin_of(const struct run *r, const struct entry *original)
{
	for (size_t i = 0; i < r->entries; i++) {
		if (r->entry[i].twin && r->entry[i].variant == original->variant)
			return &r->entry[i];
	}
	return NULL;
}

bool udp_pair_find(const struct run *r, const struct experiment *e,
		   struct udp_pair *out)
{
	char text[4][NAME];
	if (sscanf(e->pairs, " %63[^/: ]/%63[^/: ]:%63[^/: ]/%63[^/: ]", text[0],
		   text[1], text[2], text[3]) != 4)
		return false;
	*out = (struct udp_pair){
		.entry = {run_entry(r, text[0]), run_entry(r, text[2])},
		.way = {udp_way_named(text[1]), udp_way_named(text[3]),
			udp_way_named(text[3])}};
	for (int i = 0; i < UDP_PAIR_TWIN; i++) {
		if (!out->entry[i] || run_unfit(out->entry[i], e) ||
		    !udp_goes(out->entry[i], out->way[i]))
			return false;
	}
	out->entry[UDP_PAIR_TWIN] = twin_of(r, out->entry[UDP_PAIR_SECOND]);
	return true;
}

/* Where not all came back it is not what a datagram takes; where receiving was not the
 * server's, the server's CPU is not all of it. */
static double pair_value(const struct row *row, unsigned cpu)
{
	const double *v = row->number;
	bool billed = strcmp(row->text[COLUMN_BILLED], "server") == 0;
	if (!(100 * v[COLUMN_GOOD] >= UDP_CARRIED_PERCENT * v[COLUMN_PLANNED]) ||
	    (cpu == CPU_SERVER && !billed))
		return (double)NAN;
	return v[COLUMN_GOOD_RPS] /
	       v[cpu == CPU_SERVER ? COLUMN_SERVER_BUSY : COLUMN_MACHINE_BUSY];
}

static struct interval ratio_of(const struct run *r, const struct experiment *e,
				const struct udp_pair *pair, int first,
				enum pair_cpu cpu, double mbps)
{
	double value[2][e->pair_blocks + 1];
	const int line[2] = {first, UDP_PAIR_SECOND};
	for (int i = 0; i < 2; i++) {
		const struct cell c = {.run = r,
				       .experiment = e,
				       .entry = pair->entry[line[i]],
				       .phase = pair->way[line[i]]->name,
				       .point = mbps,
				       .value = pair_value};
		for (int block = 1; block <= e->pair_blocks; block++)
			value[i][block - 1] =
				cell_value(&c, r->suite.blocks + block, cpu, false);
	}
	struct interval ratio = interval_paired_ratio(
		value[0], value[1], (size_t)e->pair_blocks, confidence);
	if (ratio.n < LEAST_BLOCKS) /* a range at best, and no interval */
		ratio.low = ratio.high = (double)NAN;
	return ratio;
}

static struct pair_ratio pair_compare(const struct run *r, const struct experiment *e,
				      const struct udp_pair *pair, enum pair_cpu cpu,
				      double mbps)
{
	struct pair_ratio p = {ratio_of(r, e, pair, UDP_PAIR_FIRST, cpu, mbps),
			       (double)NAN, 0};
	if (pair->entry[UDP_PAIR_TWIN]) {
		struct interval aa = ratio_of(r, e, pair, UDP_PAIR_TWIN, cpu, mbps);
		p.band_n = aa.n;
		if (!isnan(aa.low))
			p.band = exp(fmax(fabs(log(aa.low)), fabs(log(aa.high))));
	}
	return p;
}

/* Nothing nearer to the goal than the same program is to itself is called one or the
 * other. */
static const char *verdict(const struct pair_ratio *p, double goal)
{
	if (p->interval.low >= goal * p->band)
		return "met";
	return p->interval.high < goal / p->band ? "not met" : "cannot be told";
}

static void pair_put(FILE *to, const struct run *r, const struct experiment *e,
		     const struct udp_pair *pair, enum pair_cpu cpu, double mbps)
{
	struct pair_ratio p = pair_compare(r, e, pair, cpu, mbps);
	bool judged = cpu == CPU_SERVER && e->ratio_goal.n == 2;
	fprintf(to, "%s\t%s\t%s\t%s\t%s\t%g\t%s\t%zu", e->name,
		pair->entry[UDP_PAIR_FIRST]->name, pair->way[UDP_PAIR_FIRST]->name,
		pair->entry[UDP_PAIR_SECOND]->name, pair->way[UDP_PAIR_SECOND]->name,
		mbps, quantities[cpu], p.interval.n);
	tsv_put(to, p.interval.estimate);
	tsv_put(to, p.interval.low);
	tsv_put(to, p.interval.high);
	tsv_put(to, p.band);
	for (size_t i = 0; i < 2; i++) {
		tsv_put(to, judged ? e->ratio_goal.value[i] : (double)NAN);
		fprintf(to, "\t%s", judged ? verdict(&p, e->ratio_goal.value[i]) : "-");
	}
	fputc('\n', to);
}

static const char header[] =
	"experiment\tfirst\tfirst_way\tsecond\tsecond_way\toffered_mbps\tquantity\t"
	"blocks\tratio\tinterval_low\tinterval_high\tband\tfloor\tfloor_verdict\t"
	"goal\tgoal_verdict\n";

int udp_pairs_write(const struct run *r)
{
	struct udp_pair pair;
	FILE *to = NULL;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (e->kind != KIND_UDP || !udp_pair_find(r, e, &pair))
			continue;
		if (!to)
			to = tsv_begin(r, "udp-pairs.tsv", header);
		if (!to)
			return -errno;
		for (size_t j = 0; j < e->pair_mbps.n * CPU_KINDS; j++)
			pair_put(to, r, e, &pair, j % CPU_KINDS,
				 e->pair_mbps.value[j / CPU_KINDS]);
	}
	return to ? tsv_end(to) : 0;
}

static void ratio_print(const struct pair_ratio *p, int blocks, FILE *to)
{
	if (isnan(p->interval.low))
		fprintf(to, "n/a: %zu of %d blocks tell it, and it takes %d",
			p->interval.n, blocks, LEAST_BLOCKS);
	else
		fprintf(to, "%.2f, 95 %% interval %.2f to %.2f over %zu blocks",
			p->interval.estimate, p->interval.low, p->interval.high,
			p->interval.n);
	if (!isnan(p->band))
		fprintf(to, " (A/A: within %.1f %% over %zu blocks)",
			(p->band - 1) * 100, p->band_n);
}

static void pair_print(const struct run *r, const struct experiment *e,
		       const struct udp_pair *pair, double mbps, FILE *to)
{
	static const char *const goals[] = {"floor", "goal"};
	struct pair_ratio p = pair_compare(r, e, pair, CPU_SERVER, mbps);
	fprintf(to, "  at %g Mb/s: ", mbps);
	ratio_print(&p, e->pair_blocks, to);
	for (size_t i = 0; i < e->ratio_goal.n; i++)
		fprintf(to, "; %s %g: %s", goals[i], e->ratio_goal.value[i],
			verdict(&p, e->ratio_goal.value[i]));
	p = pair_compare(r, e, pair, CPU_ALL, mbps);
	fputs("\n    by all CPUs, client and switch in both: ", to);
	ratio_print(&p, e->pair_blocks, to);
	fputc('\n', to);
}

void udp_pair_print(const struct run *r, const struct experiment *e, FILE *to)
{
	struct udp_pair pair;
	if (!udp_pair_find(r, e, &pair) || e->pair_blocks == 0)
		return;
	fprintf(to, "judged: datagrams a second of the server's CPU, %s %s over %s\n",
		pair.entry[UDP_PAIR_FIRST]->name, pair.way[UDP_PAIR_FIRST]->name,
		pair.entry[UDP_PAIR_SECOND]->name);
	for (size_t i = 0; i < e->pair_mbps.n; i++)
		pair_print(r, e, &pair, e->pair_mbps.value[i], to);
	fputs("  counted: all its CPU was busy with, in both: the program, interrupts, "
	      "and the thread that takes frames off\n  the wire for XDP; not the "
	      "switch and the client's receiving, which other CPUs do\n",
	      to);
}
