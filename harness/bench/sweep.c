/* SPDX-License-Identifier: BSD-2-Clause */
/* sweep.c - in each block every variant at every point once, in random order. */
#include "config.h"

#include "harness/bench/sweep.h"

#include <math.h>
#include <string.h>

#include "harness/bench/block.h"
#include "harness/bench/measure.h"
#include "harness/bench/root.h"
#include "harness/stats/random.h"

/* Of the planned time, for repetitions; and with fewer CPUs than these there is nothing
 * to say of several. */
static const double retries_share = 1.1;
enum { CPUS_LEAST = 4 };

/* The experiment as it is at one point. */
static struct experiment experiment_at(const struct experiment *e, double point)
{
	struct experiment at = *e;
	at.point = point;
	if (e->over == SWEEP_ACCOUNTS)
		at.accounts = (int)point;
	return at;
}

static struct trial trial_at(const struct experiment *at, int block)
{
	return (struct trial){.experiment = at,
			      .phase = "full",
			      .block = block,
			      .rate_rps = NAN,
			      .think_scale = 1,
			      .prelude_rps = NAN,
			      .seed_of = "sweep"};
}

static double sweep_due_s(const struct run *r, const struct experiment *e)
{
	const struct experiment at = experiment_at(e, e->points.value[0]);
	const struct trial t = trial_at(&at, 1);
	return trial_cost_s(r, &t) * (double)e->points.n * r->suite.blocks *
	       (double)run_fitting(r, e);
}

/* Points beyond the CPUs there are. */
static void cores_limit(struct run *r, struct experiment *e)
{
	int servers = measure_cpus(r->all_cpus), all = servers + !r->one_cpu;
	double most = all < CPUS_LEAST ? 1 : servers;
	size_t kept = 0, n = e->points.n;
	for (size_t i = 0; i < n; i++) {
		if (e->points.value[i] <= most)
			e->points.value[kept++] = e->points.value[i];
	}
	e->points.n = kept;
	if (kept == n)
		return;
	if (all < CPUS_LEAST)
		run_note(r,
			 "%s: several server CPUs n/a: there %s %d, it takes %d with "
			 "the client's",
			 e->name, all == 1 ? "is" : "are", all, CPUS_LEAST);
	else
		run_note(r, "%s: more than %d server CPUs n/a: there are %d", e->name,
			 servers, all);
}

double sweep_fit(struct run *r, struct experiment *e)
{
	if (e->over == SWEEP_CORES)
		cores_limit(r, e);
	while (e->points.n > 1 && retries_share * sweep_due_s(r, e) > e->budget_s) {
		e->points.n--;
		run_note(r, "%s: %g left out, to fit %.0f s", e->name,
			 e->points.value[e->points.n], e->budget_s);
	}
	if (e->points.n == 0)
		return 0;
	return fmin(retries_share * sweep_due_s(r, e), e->budget_s);
}

/* One trial; meanwhile the run's mix and CPUs are the point's. */
static int sweep_trial(struct run *r, const struct experiment *e, int block,
		       const struct entry *entry, double point)
{
	const struct experiment at = experiment_at(e, point);
	struct trial t = trial_at(&at, block);
	char usual_cpus[RUN_CPUS];
	struct row row;
	strcpy(usual_cpus, r->server_cpus);
	if (e->over == SWEEP_CORES)
		measure_cpus_first(r->server_cpus, r->all_cpus, (int)point);
	t.entry = entry;
	int status = root_make(r, &at);
	if (status == 0)
		status = block_trial(r, &t, &row);
	strcpy(r->server_cpus, usual_cpus);
	return status;
}

static int sweep_block(struct run *r, const struct experiment *e, int block)
{
	char purpose[ROW_TEXT];
	size_t n = r->entries * e->points.n, order[n];
	int status = 0;
	snprintf(purpose, sizeof purpose, "%s %d sweep order", e->name, block);
	struct random random = {random_seed(r->seed, purpose)};
	random_permutation(&random, order, n);
	for (size_t i = 0; i < n && status >= 0; i++)
		status = sweep_trial(r, e, block, &r->entry[order[i] / e->points.n],
				     e->points.value[order[i] % e->points.n]);
	return status < 0 ? status : 0;
}

int sweep_run(struct run *r, const struct experiment *e)
{
	int status = 0;
	if (e->points.n == 0 || r->entries == 0)
		return 0;
	block_begin(r, e, sweep_due_s(r, e));
	for (int block = 1; status == 0 && block <= r->suite.blocks; block++)
		status = sweep_block(r, e, block);
	return status;
}
