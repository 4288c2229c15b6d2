/* SPDX-License-Identifier: BSD-2-Clause */
/* full.c - in each block every variant once, in random order; its numbers of idle
 * connections come one after the other, so that what is compared lies close in time. */
#include "config.h"

#include "harness/bench/full.h"

#include <math.h>
#include <stdio.h>

#include "harness/bench/block.h"
#include "harness/bench/certificate.h"
#include "harness/stats/random.h"

/* Of the planned time, for repetitions of void trials; and descriptors for whatever
 * else a process opens. */
static const double retries_share = 1.1;
enum { DESCRIPTORS_SPARE = 300, ROUND = 100 };

/* A pass over the experiment does each of its trials by one of block.h's functions. */
struct pass {
	struct run *run;
	const struct experiment *experiment;
	int (*todo)(struct run *r, const struct trial *t, struct row *out);
};

/* `name` must be room for what the trial's arrivals are drawn from. */
static struct trial trial_of(const struct experiment *e, int block, int idle,
			     char name[ROW_TEXT])
{
	snprintf(name, ROW_TEXT, "full %d", idle);
	return (struct trial){.experiment = e,
			      .phase = "full",
			      .block = block,
			      .rate_rps = NAN,
			      .idle = idle,
			      .think_scale = 1,
			      .prelude_rps = NAN,
			      .seed_of = name};
}

static double trial_due_s(const struct run *r, const struct experiment *e, size_t idle)
{
	char name[ROW_TEXT];
	struct trial t = trial_of(e, 1, (int)e->idles.value[idle], name);
	return trial_cost_s(r, &t);
}

/* The first attempts. */
static double full_due_s(const struct run *r, const struct experiment *e)
{
	double one_s = 0, first_s = trial_due_s(r, e, 0);
	for (size_t i = 0; i < e->idles.n; i++)
		one_s += trial_due_s(r, e, i);
	double each_s = one_s * r->suite.blocks + (e->split ? first_s : 0);
	return each_s * (double)run_fitting(r, e) +
	       (e->certificate ? first_s * r->suite.blocks : 0);
}

rlim_t full_descriptors(const struct experiment *e)
{
	int most = experiment_most_connections(e);
	return most > 0 ? (rlim_t)most + DESCRIPTORS_SPARE : 0;
}

/* Where so many descriptors are not to be had, the last of the list becomes what there
 * is room for, or is left out where that is not above the one before. */
static void idles_limit(struct run *r, struct experiment *e, rlim_t most)
{
	double *last = &e->idles.value[e->idles.n - 1], asked = *last;
	double excess = (double)(full_descriptors(e) - most);
	double room = floor((asked - excess) / ROUND) * ROUND;
	if (e->idles.n > 1 && room > last[-1]) {
		*last = room;
		run_note(r,
			 "%s: %.0f idle connections instead of %.0f, as the descriptor "
			 "limit is %llu (ulimit -n)",
			 e->name, room, asked, (unsigned long long)most);
		return;
	}
	e->idles.n--;
	run_note(r,
		 "%s: %.0f idle connections left out, as the descriptor limit is %llu "
		 "(ulimit -n)",
		 e->name, asked, (unsigned long long)most);
}

/* The last of the list is left out, and said so. */
static void idles_drop(struct run *r, struct experiment *e)
{
	e->idles.n--;
	run_note(r, "%s: %.0f idle connections left out, to fit %.0f s", e->name,
		 e->idles.value[e->idles.n], e->budget_s);
}

double full_fit(struct run *r, struct experiment *e)
{
	struct rlimit limit;
	bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0;
	while (known && e->idles.n > 1 && full_descriptors(e) > limit.rlim_cur)
		idles_limit(r, e, limit.rlim_cur);
	while (e->idles.n > 1 && retries_share * full_due_s(r, e) > e->budget_s)
		idles_drop(r, e);
	return fmin(retries_share * full_due_s(r, e), e->budget_s);
}

/* One variant beside all numbers of idle connections that it has room for. */
static int pass_entry(const struct pass *p, int block, const struct entry *entry,
		      struct random *random)
{
	const struct experiment *e = p->experiment;
	size_t order[SETTING_LIST];
	int status = 0;
	random_permutation(random, order, e->idles.n);
	for (size_t i = 0; i < e->idles.n && status >= 0; i++) {
		char name[ROW_TEXT];
		struct row row;
		int idle = (int)e->idles.value[order[i]];
		struct trial t = trial_of(e, block, idle, name);
		double most = e->idle + idle + e->connections;
		t.entry = entry;
		if (variant_room(entry->variant, most) < most)
			continue;
		status = p->todo(p->run, &t, &row);
	}
	return status < 0 ? status : 0;
}

/* The trivial server, beside the fewest idle connections: what the client can do now.
 */
static int pass_ceiling(const struct pass *p, int block)
{
	char name[ROW_TEXT];
	int idle = (int)p->experiment->idles.value[0];
	struct trial t = trial_of(p->experiment, block, idle, name);
	int status = certificate_reflect(p->run, t, p->todo);
	return status < 0 ? status : 0;
}

/* All entries in random order, the trivial server among them. */
static int pass_block(const struct pass *p, int block)
{
	const struct run *r = p->run;
	char purpose[ROW_TEXT];
	size_t n = r->entries + (p->experiment->certificate ? 1 : 0);
	size_t order[r->entries + 1];
	int status = 0;
	snprintf(purpose, sizeof purpose, "%s %d full order", p->experiment->name,
		 block);
	struct random random = {random_seed(r->seed, purpose)};
	random_permutation(&random, order, n);
	for (size_t i = 0; i < n && status == 0; i++) {
		if (order[i] == r->entries)
			status = pass_ceiling(p, block);
		else
			status = pass_entry(p, block, &r->entry[order[i]], &random);
	}
	return status;
}

/* Counting switches apart makes each dearer: a round of its own. */
static int pass_split(const struct pass *p)
{
	const struct run *r = p->run;
	int status = 0, idle = (int)p->experiment->idles.value[0];
	for (size_t i = 0; i < r->entries && status >= 0; i++) {
		char name[ROW_TEXT];
		struct row row;
		struct trial t = trial_of(p->experiment, 1, idle, name);
		if (r->entry[i].twin)
			continue;
		t.entry = &r->entry[i];
		t.phase = "split";
		t.split = true;
		status = p->todo(p->run, &t, &row);
	}
	return status < 0 ? status : 0;
}

static int pass_all(const struct pass *p)
{
	int status = 0;
	for (int block = 1; status == 0 && block <= p->run->suite.blocks; block++)
		status = pass_block(p, block);
	if (status == 0 && p->experiment->split)
		status = pass_split(p);
	return status;
}

/* What others spoilt to the last is tried again when all is through, as far as the
 * budget goes: no time is reserved for it, as what is repeated at once lies closer to
 * what it is compared with. */
int full_run(struct run *r, const struct experiment *e)
{
	const struct pass first = {r, e, block_trial},
			  again = {r, e, block_trial_again};
	block_begin(r, e, full_due_s(r, e));
	int status = pass_all(&first);
	return status < 0 ? status : pass_all(&again);
}
