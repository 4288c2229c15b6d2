/* SPDX-License-Identifier: BSD-2-Clause */
/* udp.c - in each block every variant, in each way it has of getting at its datagrams,
 * once at every rate, in random order; before these, blocks of the pair alone that is
 * judged. */
#include "config.h"

#include "harness/bench/udp.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "harness/bench/block.h"
#include "harness/bench/measure.h"
#include "harness/bench/testbed.h"
#include "harness/bench/udp_pair.h"
#include "harness/stats/random.h"
#include "harness/targets/places.h"

/* Of the planned time, for repetitions and the testbed's own. */
static const double retries_share = 1.1, testbed_s = 15;
static const double bits = 8 * UDP_BYTES * 1e-6;
static const char tap_mac[] = "02:00:00:00:00:11";
enum { ARGS = 10, PATH_TEXT = PATH_MAX + 64 };
enum { PAIR_CELLS = UDP_PAIR_ENTRIES };

static const struct udp_way ways[] = {
	{.name = "socket"},
	{.name = "packet", .driver = "packet"},
	{.name = "xdp", .driver = "xdp", .receiving = RECEIVE_THREAD},
	{.name = "tap", .driver = "tap", .receiving = RECEIVE_READ},
	{.name = "packet-direct", .driver = "packet", .direct = true},
	{.name = "xdp-direct",
	 .driver = "xdp",
	 .direct = true,
	 .receiving = RECEIVE_THREAD},
	{.name = "packet-fences",
	 .driver = "packet",
	 .fences = true,
	 .beside = "packet"},
	{.name = "packet-1cpu",
	 .driver = "packet",
	 .one_cpu = true,
	 .beside = "packet"},
	{.name = "packet-shared",
	 .driver = "packet",
	 .shared = true,
	 .beside = "packet-1cpu"},
};
enum { WAYS = sizeof ways / sizeof *ways };

const struct udp_way *udp_way(size_t n)
{
	return n < WAYS ? &ways[n] : NULL;
}

const struct udp_way *udp_way_named(const char *name)
{
	for (size_t n = 0; n < WAYS; n++) {
		if (strcmp(ways[n].name, name) == 0)
			return &ways[n];
	}
	return NULL;
}

static bool is_of_two(const struct entry *entry)
{
	return strcmp(entry->variant->name, "net-2cores") == 0;
}

/* The graph without a copier is of one thread, and fences are elided there alone.  By
 * a tap a placement is no other than by a packet socket. */
bool udp_goes(const struct entry *entry, const struct udp_way *way)
{
	bool own = variant_takes(entry->variant, "driver");
	bool one = strcmp(entry->variant->name, "net-1core") == 0;
	bool of_one = way->direct || way->fences || way->receiving == RECEIVE_READ;
	return own == (way->driver != NULL) && (one || !of_one) &&
	       (is_of_two(entry) || !(way->one_cpu || way->shared));
}

/* A graph of two cores has two of them, unless it is to share one. */
static int cpus_wanted(const struct entry *entry, const struct udp_way *way)
{
	return is_of_two(entry) && !(way->one_cpu || way->shared) ? 2 : 1;
}

static bool has_cpus(const struct run *r, const struct entry *entry,
		     const struct udp_way *way)
{
	int cpus = measure_cpus(r->all_cpus);
	if (way->shared)
		return cpus == 1 && !r->one_cpu;
	return cpus_wanted(entry, way) <= cpus;
}

/* Is it a line of the figure here? */
static bool is_line(const struct run *r, const struct experiment *e,
		    const struct entry *entry, const struct udp_way *way)
{
	return !run_unfit(entry, e) && udp_goes(entry, way) && has_cpus(r, entry, way);
}

/* One line of the figure, at one rate. */
struct udp_cell {
	const struct entry *entry;
	const struct udp_way *way;
	double mbps;
};

static struct trial trial_of(const struct experiment *at, int block,
			     const struct udp_cell *cell)
{
	return (struct trial){.experiment = at,
			      .entry = cell->entry,
			      .phase = cell->way->name,
			      .block = block,
			      .rate_rps = at->point / bits,
			      .think_scale = 1,
			      .prelude_rps = (double)NAN,
			      .seed_of = "udp"};
}

static size_t lines_count(const struct run *r, const struct experiment *e)
{
	size_t n = 0;
	for (size_t i = 0; i < r->entries * WAYS; i++) {
		n += is_line(r, e, &r->entry[i / WAYS], &ways[i % WAYS]);
	}
	return n;
}

/* The pair's second has a twin beside it, if the suite has one. */
static size_t pair_entries(const struct run *r, const struct experiment *e, double mbps,
			   struct udp_cell cell[PAIR_CELLS])
{
	struct udp_pair pair;
	size_t n = 0;
	if (!udp_pair_find(r, e, &pair))
		return 0;
	for (size_t i = 0; i < PAIR_CELLS; i++) {
		if (pair.entry[i])
			cell[n++] = (struct udp_cell){pair.entry[i], pair.way[i], mbps};
	}
	return n;
}

static double udp_due_s(const struct run *r, const struct experiment *e)
{
	const struct udp_cell cell = {&r->entry[0], &ways[0], 0};
	struct udp_cell pair[PAIR_CELLS];
	struct experiment at = *e;
	at.point = e->points.value[0];
	const struct trial t = trial_of(&at, 1, &cell);
	return trial_cost_s(r, &t) *
	       ((double)(e->points.n * lines_count(r, e)) * r->suite.blocks +
		(double)(pair_entries(r, e, 0, pair) * e->pair_mbps.n) *
			e->pair_blocks);
}

static void cpus_note(struct run *r, const struct experiment *e)
{
	for (size_t i = 0; i < r->entries * WAYS; i++) {
		const struct entry *entry = &r->entry[i / WAYS];
		const struct udp_way *way = &ways[i % WAYS];
		if (!run_unfit(entry, e) && !entry->twin && !way->shared &&
		    udp_goes(entry, way) && !has_cpus(r, entry, way))
			run_note(r,
				 "%s: %s %s n/a: it takes %d server CPUs, there is %d",
				 e->name, entry->name, way->name,
				 cpus_wanted(entry, way), measure_cpus(r->all_cpus));
	}
}

double udp_fit(struct run *r, struct experiment *e)
{
	cpus_note(r, e);
	while (e->points.n > 1 && retries_share * udp_due_s(r, e) > e->budget_s) {
		e->points.n--;
		run_note(r, "%s: %g Mb/s left out, to fit %.0f s", e->name,
			 e->points.value[e->points.n], e->budget_s);
	}
	return fmin(retries_share * udp_due_s(r, e), e->budget_s) + testbed_s;
}

/* In the source tree, or installed. */
static bool graph_find(char path[PATH_TEXT])
{
	static const char *const folders[] = {"../servers/graphs", "../graphs"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, PATH_TEXT, "%s/%s/net-direct.graph",
			 place_get(PLACE_WORKLOADS), folders[i]);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* Where the server is, and how it gets at its datagrams.  `graph` is room for a name
 * that is referred to. */
static void trial_args(const struct run *r, const struct udp_way *way,
		       const char *graph, const char *args[ARGS + 1])
{
	bool tap = way->receiving == RECEIVE_READ;
	size_t n = 0;
	args[n++] = "--address";
	args[n++] = !way->driver ? r->testbed->address
		    : tap        ? r->testbed->tap
				 : r->testbed->vacant;
	if (way->driver) {
		args[n++] = "--interface";
		args[n++] = tap ? "tap" : "eth0";
		args[n++] = "--driver";
		args[n++] = way->driver;
	}
	if (tap) {
		args[n++] = "--mac"; /* its own, as the switch remembers ports */
		args[n++] = tap_mac;
	}
	if (way->direct) {
		args[n++] = "--graph";
		args[n++] = graph;
	}
	if (way->fences) {
		args[n++] = "--fences";
		args[n++] = "all";
	}
	args[n] = NULL;
}

/* The CPUs of this trial's server, for all that looks at the run's. */
static void trial_cpus(struct run *r, const struct udp_cell *cell)
{
	char more[RUN_CPUS];
	measure_cpus_first(r->server_cpus, r->all_cpus,
			   cpus_wanted(cell->entry, cell->way));
	strcpy(more, r->server_cpus);
	if (cell->way->shared)
		snprintf(r->server_cpus, RUN_CPUS, "%d,%.*s", r->client_cpu,
			 RUN_CPUS - 16, more);
}

/* Is there what this way needs?  Noted if not. */
static bool way_is_there(struct run *r, const struct experiment *e,
			 const struct udp_way *way, char graph[PATH_TEXT])
{
	if (way->receiving == RECEIVE_READ && !*r->testbed->tap) {
		run_note_once(r, "%s: %s n/a: the testbed has no tap", e->name,
			      way->name);
		return false;
	}
	if (way->direct && !graph_find(graph)) {
		run_note_once(r, "%s: net-direct.graph was not found", e->name);
		return false;
	}
	return true;
}

static int udp_trial(struct run *r, const struct experiment *e, int block,
		     const struct udp_cell *cell)
{
	const struct udp_way *way = cell->way;
	char graph[PATH_TEXT], usual_cpus[RUN_CPUS];
	const char *args[ARGS + 1];
	struct experiment at = *e;
	struct row row;
	at.point = cell->mbps;
	struct trial t = trial_of(&at, block, cell);
	if (!way_is_there(r, e, way, graph))
		return 0;
	trial_args(r, way, graph, args);
	t.args = args;
	t.receiving = way->receiving;
	t.shared = way->shared;
	t.link_full = 100 * cell->mbps > UDP_LINK_PERCENT * r->testbed->mbps;
	strcpy(usual_cpus, r->server_cpus);
	trial_cpus(r, cell);
	int status = block_trial(r, &t, &row);
	strcpy(r->server_cpus, usual_cpus);
	return status;
}

/* A block of the pair alone: its trials lie close in time. */
static int pair_block(struct run *r, const struct experiment *e, int block, double mbps)
{
	char purpose[ROW_TEXT];
	struct udp_cell cell[PAIR_CELLS];
	size_t n = pair_entries(r, e, mbps, cell), order[PAIR_CELLS];
	int status = 0;
	snprintf(purpose, sizeof purpose, "%s %d pair %g order", e->name, block, mbps);
	struct random random = {random_seed(r->seed, purpose)};
	random_permutation(&random, order, n);
	for (size_t i = 0; i < n && status >= 0; i++)
		status = udp_trial(r, e, block, &cell[order[i]]);
	return status < 0 ? status : 0;
}

static int udp_block(struct run *r, const struct experiment *e, int block)
{
	char purpose[ROW_TEXT];
	size_t n = r->entries * WAYS * e->points.n, order[n];
	int status = 0;
	snprintf(purpose, sizeof purpose, "%s %d udp order", e->name, block);
	struct random random = {random_seed(r->seed, purpose)};
	random_permutation(&random, order, n);
	for (size_t i = 0; i < n && status >= 0; i++) {
		size_t line = order[i] / e->points.n;
		const struct udp_cell cell = {&r->entry[line / WAYS],
					      &ways[line % WAYS],
					      e->points.value[order[i] % e->points.n]};
		if (is_line(r, e, cell.entry, cell.way))
			status = udp_trial(r, e, block, &cell);
	}
	return status < 0 ? status : 0;
}

/* 0, -EINTR, -errno, or what duality-netns said: noted. */
static int testbed_begin(struct run *r, const struct experiment *e, struct testbed *t)
{
	char program[PATH_TEXT], log[PATH_TEXT], why[TESTBED_WHY] = "";
	const struct testbed_spec spec = {.program = program,
					  .server_cpus = r->server_cpus,
					  .client_cpus = r->client_cpus,
					  .link_kbit = e->link_kbit,
					  .log = log,
					  .interrupt_fd = r->interrupt_fd};
	snprintf(program, sizeof program, "%s/duality-netns", place_get(PLACE_LIBEXEC));
	snprintf(log, sizeof log, "%s/logs/%s-testbed.log", r->folder, e->name);
	int status = testbed_open(t, &spec, why);
	if (status == TESTBED_SKIP)
		run_note(r, "%s skipped: %s", e->name, why);
	else if (status > 0)
		run_note(r, "%s failed: %s", e->name, why);
	else if (status == 0)
		run_note(r,
			 "%s: links of %.1f Mb/s; receiving by sockets is billed to %s",
			 e->name, t->mbps, t->billed);
	r->undrawn |= status > 0 && status != TESTBED_SKIP;
	return status;
}

/* A resumed run that has it all needs no testbed, but cannot know that before. */
int udp_run(struct run *r, const struct experiment *e)
{
	struct testbed testbed;
	if (e->points.n == 0 || lines_count(r, e) == 0)
		return 0;
	int status = testbed_begin(r, e, &testbed);
	if (status != 0)
		return status < 0 ? status : 0;
	r->testbed = &testbed;
	block_begin(r, e, udp_due_s(r, e));
	for (size_t i = 0; status == 0 && i < (size_t)e->pair_blocks * e->pair_mbps.n;
	     i++)
		status = pair_block(r, e,
				    r->suite.blocks + 1 + (int)(i / e->pair_mbps.n),
				    e->pair_mbps.value[i % e->pair_mbps.n]);
	for (int block = 1; status == 0 && block <= r->suite.blocks; block++)
		status = udp_block(r, e, block);
	r->testbed = NULL;
	testbed_close(&testbed);
	return status;
}
