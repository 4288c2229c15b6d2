/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - duality bench: a suite of experiments into a run folder. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "harness/bench/equal.h"
#include "harness/bench/figures.h"
#include "harness/bench/full.h"
#include "harness/bench/full_summary.h"
#include "harness/bench/knee.h"
#include "harness/bench/manifest.h"
#include "harness/bench/micro.h"
#include "harness/bench/options.h"
#include "harness/bench/overload.h"
#include "harness/bench/progress.h"
#include "harness/bench/rings.h"
#include "harness/bench/root.h"
#include "harness/bench/rounds.h"
#include "harness/bench/setup.h"
#include "harness/bench/summary.h"
#include "harness/bench/sweep.h"
#include "harness/bench/table.h"
#include "harness/bench/udp.h"
#include "harness/command.h"
#include "harness/targets/places.h"

enum { EXIT_SKIPPED = 77, EXIT_INTERRUPTED = 130 };

/* Signals become readable, so that every wait can see them. */
static int signals_open(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* A script's background job starts with SIGINT ignored, and what is ignored is
	 * never read (signal(7)).  SIGHUP stays ignored under nohup. */
	signal(SIGINT, SIG_DFL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Thousands of connections: as many descriptors as allowed, for the children too; and
 * more than that, where a suite needs them and the user may (getrlimit(2)). */
static void descriptors_raise(const struct suite *s)
{
	struct rlimit limit;
	rlim_t wanted = 0;
	for (size_t i = 0; i < s->experiments; i++) {
		rlim_t one = full_descriptors(&s->experiment[i]);
		wanted = one > wanted ? one : wanted;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max < wanted) {
		const struct rlimit raised = {wanted, wanted};
		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			return;
	}
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int run_prepare(struct run *r, const struct options *o, const char *variants)
{
	const char *servers = o->servers ? o->servers : place_get(PLACE_SERVERS);
	int status = suite_read(&r->suite, place_get(PLACE_WORKLOADS), o->suite);
	if (status < 0)
		return status;
	r->target = target_open(o->target);
	if (!r->target) {
		fprintf(stderr, "duality bench: --target: no such target: %s\n",
			o->target);
		return -EINVAL;
	}
	status = variants_find(&r->variants, servers);
	if (status < 0) {
		fprintf(stderr, "duality bench: %s: %s\n", servers, strerror(-status));
		return status;
	}
	r->seed = o->seed;
	if (!o->has_seed && getrandom(&r->seed, sizeof r->seed, 0) < 0)
		return -errno;
	r->overhead_s = run_overhead_s(r);
	r->interrupt_fd = signals_open();
	descriptors_raise(&r->suite);
	status = setup_entries(r, variants);
	return status < 0 ? status : setup_cpus(r);
}

static const struct {
	double (*fit)(struct run *r, struct experiment *e);
	int (*run)(struct run *r, const struct experiment *e);
} kinds[] = {
	[KIND_KNEE] = {knee_fit, knee_run},     [KIND_EQUAL] = {equal_fit, equal_run},
	[KIND_FULL] = {full_fit, full_run},     [KIND_MICRO] = {rounds_fit, micro_run},
	[KIND_RINGS] = {rounds_fit, rings_run}, [KIND_SWEEP] = {sweep_fit, sweep_run},
	[KIND_UDP] = {udp_fit, udp_run},
};

static void run_plan(struct run *r)
{
	run_note_unfit(r);
	for (size_t i = 0; i < r->suite.experiments; i++) {
		struct experiment *e = &r->suite.experiment[i];
		r->planned_s += kinds[e->kind].fit(r, e);
	}
}

static int run_experiments(struct run *r)
{
	int status = 0;
	for (size_t i = 0; i < r->suite.experiments && status == 0; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		status = root_make(r, e);
		if (status == 0)
			status = kinds[e->kind].run(r, e);
	}
	progress_end();
	if (status == 0 && r->journal.replayed < r->journal.n) {
		fprintf(stderr,
			"duality bench: %s/trials.tsv: trial %zu does not follow from "
			"the suite\n",
			r->folder, r->journal.replayed + 1);
		status = -EINVAL;
	}
	return status;
}

/* The end of a run: manifest, summary, figures, table. */
static int run_finish(struct run *r, json_t *manifest)
{
	struct summary summary;
	r->fruitless = run_note_fruitless(r) > 0;
	if (r->unaffordable > 0)
		run_note(r, "no time was left for %d trials (budget_s)",
			 r->unaffordable);
	int status = summary_make(r, &summary);
	if (status == 0)
		status = summary_write(r, &summary);
	if (status == 0)
		status = full_write(r);
	if (status == 0)
		status = overload_write(r, &summary);
	if (status == 0)
		status = sweep_write(r);
	if (status == 0)
		status = udp_write(r);
	manifest_finish(manifest, r, &summary);
	if (status == 0)
		status = manifest_write(r, manifest);
	if (status == 0) {
		table_print(r, &summary, stdout);
		fflush(stdout);
		r->undrawn |= !figures_draw(r);
		printf("run folder: %s\n", r->folder);
		setup_clean(r);
	}
	summary_free(&summary);
	return status;
}

static int run_interrupted(struct run *r, json_t *manifest, const struct options *o)
{
	manifest_finish(manifest, r, NULL);
	manifest_write(r, manifest);
	fprintf(stderr,
		"duality bench: interrupted; go on with: duality bench %s --resume "
		"%s%s%s\n",
		o->suite, r->folder, o->servers ? " --servers " : "",
		o->servers ? o->servers : "");
	return EXIT_INTERRUPTED;
}

static int exit_status(const struct run *r)
{
	for (size_t i = 0; i < r->entries; i++) {
		if (r->entry[i].dropped)
			return EXIT_FINDING;
	}
	size_t skipped = 0;
	for (size_t i = 0; i < r->suite.experiments; i++)
		skipped += udp_is_skipped(r, &r->suite.experiment[i]);
	if (skipped == r->suite.experiments && !r->undrawn)
		return EXIT_SKIPPED;
	return r->undrawn || r->fruitless ? EXIT_FINDING : EXIT_SUCCESS;
}

/* Open the run folder, new or old. */
static int run_open(struct run *r, const struct options *o, const json_t *old,
		    json_t *manifest)
{
	int status = old ? setup_resume(r, o->resume) : setup_folder(r, o->out);
	const char *differs = old ? manifest_differs(old, manifest) : NULL;
	if (differs) {
		fprintf(stderr,
			"duality bench: --resume: %s: this run would differ in: %s\n",
			o->resume, differs);
		return -EINVAL;
	}
	if (status == 0)
		status = setup_inside(r);
	if (status < 0)
		return status;
	if (old) {
		json_object_set(manifest, "started", json_object_get(old, "started"));
		json_object_set(manifest, "sources", json_object_get(old, "sources"));
		return journal_resume(&r->journal, r->folder);
	}
	status = manifest_write(r, manifest);
	return status < 0 ? status : journal_create(&r->journal, r->folder);
}

static int run_do(struct run *r, const struct options *o, const json_t *old)
{
	json_t *manifest = manifest_new(r);
	int status = run_open(r, o, old, manifest);
	if (status == 0) {
		if (r->one_cpu)
			fputs("duality bench: one CPU only: server and client share "
			      "it, and no "
			      "figure will be a claim\n",
			      stderr);
		run_plan(r);
		status = run_experiments(r);
	}
	if (status == 0)
		status = run_finish(r, manifest);
	else if (status == -EINTR)
		status = run_interrupted(r, manifest, o);
	else if (status != -EINVAL)
		fprintf(stderr, "duality bench: %s: %s\n", r->folder,
			strerror(-status));
	json_decref(manifest);
	return status;
}

static void run_free(struct run *r)
{
	if (r->target)
		r->target->close(r->target);
	journal_close(&r->journal);
	variants_free(&r->variants);
	free(r->entry);
	free(r);
}

/* What an old run fixes, then the new one.  A negative status was told, or is -errno.
 */
static int bench(struct run *r, struct options *o, json_t **old)
{
	char *variants = NULL;
	if (o->resume) {
		*old = manifest_read(o->resume);
		if (!*old || options_recall(o, *old) < 0)
			return -EINVAL;
		variants = o->variants ? strdup(o->variants) : options_variants(*old);
		r->named = json_is_true(json_object_get(*old, "named"));
	}
	r->named = r->named || o->variants;
	if (!o->suite)
		o->suite = "quick";
	if (!o->target)
		o->target = "local";
	int status = run_prepare(r, o, variants ? variants : o->variants);
	free(variants);
	return status < 0 ? status : run_do(r, o, *old);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct run *r = calloc(1, sizeof *r);
	json_t *old = NULL;
	if (!r)
		return EXIT_USAGE;
	r->journal.fd = -1;
	int status = options_read(&o, argc, argv);
	if (status == 0)
		status = bench(r, &o, &old);
	if (status < 0)
		status = EXIT_USAGE;
	else if (status == 0)
		status = exit_status(r);
	run_free(r);
	json_decref(old);
	return status;
}
