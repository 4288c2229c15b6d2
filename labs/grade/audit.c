/* SPDX-License-Identifier: BSD-2-Clause */
/* audit.c - duality lab audit: is the lab right?  Its starter scores what is declared,
   its two solutions everything, every mutant dies of the test that is named, and the
   handout holds no secret.  Solutions and mutants are handed in as a student's would
   be: the files of lab.json, over the starter. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/grade/audit_files.h"
#include "labs/grade/commands.h"
#include "labs/grade/path.h"
#include "labs/grade/pool.h"
#include "labs/grade/result.h"
#include "labs/grade/stage.h"

/* The first pieces of work; mutants follow. */
enum unit { UNIT_STARTER, UNIT_REFERENCE, UNIT_ALTERNATIVE, UNIT_HANDOUT, UNITS };

struct audit {
	struct lab lab;
	const struct command_options *options;
	char work[PATH_MAX], judges[PATH_MAX];
	size_t failed;
};

static void unit_folder(const struct audit *a, size_t i, char *path)
{
	path_make(path, "%s/%zu", a->work, i);
}

/* What a piece of work says goes to a file, so that they are told in order. */
static FILE *unit_open(const struct audit *a, size_t i, const char *mode)
{
	char path[PATH_MAX];
	path_make(path, "%s/%zu.txt", a->work, i);
	return fopen(path, mode);
}

/* The starter's tree with the files students change taken from another. */
static bool tree_stage(const struct audit *a, const char *kind, const char *mutant,
		       const char *folder, FILE *out)
{
	char tree[PATH_MAX], other[PATH_MAX];
	uint64_t sum;
	path_make(tree, "%s/tree", folder);
	path_make(other, "%s/other", folder);
	if (stage_empty(folder) < 0 || chmod(folder, 0711) != 0 ||
	    !tree_make(&a->lab, "starter", NULL, tree))
		return false;
	if (strcmp(kind, "starter") == 0)
		return true;
	if (!tree_make(&a->lab, kind, mutant, other))
		return false;
	int taken = stage_take(&a->lab, other, tree, out, &sum);
	if (taken <= 0)
		fprintf(out, "none of the files of lab.json is in the %s\n", kind);
	return taken > 0 && stage_remove(other) == 0;
}

static bool trial_begin(const struct audit *a, const char *folder, unsigned slot,
			struct trial *t, FILE *out)
{
	*t = (struct trial){.lab = &a->lab,
			    .work = folder,
			    .judges = a->judges,
			    .slot = slot,
			    .seed = a->options->seed,
			    .twice = true};
	int error = trial_build(t);
	if (error < 0)
		fprintf(out, "the build: %s\n", strerror(-error));
	return error == 0;
}

static void outcomes_tell(const struct result *r, enum verdict verdict, FILE *out)
{
	for (size_t i = 0; i < r->lab->n; i++)
		if (r->outcomes[i].verdict == verdict)
			fprintf(out, "%s, %s: %s: %s\n", r->submission,
				r->lab->tests[i].name, verdict_name(verdict),
				r->outcomes[i].text);
}

/* Points, but the bonus, of tests that are not run here for want of a program. */
static double points_out_of_reach(const struct result *r)
{
	double points = 0;
	for (size_t i = 0; i < r->lab->n; i++)
		if (r->outcomes[i].verdict == VERDICT_NOT_RUN &&
		    r->lab->tests[i].part != PART_BONUS)
			points += r->lab->tests[i].points;
	return points;
}

static double points_all(const struct lab *lab)
{
	double points = 0;
	for (size_t i = 0; i < lab->n; i++)
		if (lab->tests[i].part != PART_BONUS)
			points += lab->tests[i].points;
	return points;
}

/* A whole tree's score against what it has to be. */
static bool score_audit(const struct audit *a, const char *kind, double wanted,
			struct trial *t, FILE *out)
{
	struct result r;
	if (result_make(&r, &a->lab, kind) < 0)
		return false;
	for (size_t i = 0; i < a->lab.n; i++)
		trial_test(t, &a->lab.tests[i], &r.outcomes[i]);
	double missing = points_out_of_reach(&r), score = result_score(&r);
	bool starter = strcmp(kind, "starter") == 0;
	if (!starter)
		wanted -= missing;
	size_t errors = result_count(&r, VERDICT_ERROR);
	bool good = fabs(score - wanted) < 1e-6 && errors == 0;
	fprintf(out, "%s: %g points, %g wanted", kind, score, wanted);
	if (missing > 0)
		fprintf(out, ", %g not to be had here", missing);
	fprintf(out, "; bonus %g\n", result_part(&r, PART_BONUS));
	if (!good) {
		outcomes_tell(&r, VERDICT_ERROR, out);
		outcomes_tell(&r, starter ? VERDICT_PASS : VERDICT_FAIL, out);
		if (!t->built)
			fputs(t->build_text, out);
	}
	outcomes_tell(&r, VERDICT_NOT_RUN, out);
	result_free(&r);
	return good;
}

/* What is listed and never made is never looked at.  Not everything can be made where
   something that the lab needs is not installed. */
static bool objects_audit(const struct lab *lab, const char *folder, FILE *out)
{
	char path[PATH_MAX];
	bool good = true;
	for (size_t i = 0; i < lab->n; i++)
		if (lab_missing(lab, &lab->tests[i]))
			return true;
	for (size_t i = 0; i < json_array_size(lab->objects); i++) {
		const char *name = json_string_value(json_array_get(lab->objects, i));
		path_make(path, "%s/tree/%s", folder, name);
		if (access(path, R_OK) == 0)
			continue;
		fprintf(out, "%s: is listed under objects, and not built\n", name);
		good = false;
	}
	return good;
}

static bool tree_audit(const struct audit *a, size_t i, unsigned slot, FILE *out)
{
	static const char *const kinds[] = {"starter", "reference", "alternative"};
	char folder[PATH_MAX];
	struct trial t = {0};
	double wanted = i == UNIT_STARTER ? a->lab.starter_score : points_all(&a->lab);
	unit_folder(a, i, folder);
	bool good = tree_stage(a, kinds[i], NULL, folder, out) &&
		    trial_begin(a, folder, slot, &t, out) &&
		    score_audit(a, kinds[i], wanted, &t, out) &&
		    (i == UNIT_STARTER || objects_audit(&a->lab, folder, out));
	if (ftell(out) == 0)
		fprintf(out, "%s: could not be made\n", kinds[i]);
	trial_free(&t);
	stage_remove(folder);
	return good;
}

static bool mutant_judge(const struct audit *a, const struct lab_mutant *m,
			 struct trial *t, FILE *out)
{
	struct outcome o;
	const struct lab_test *test = &a->lab.tests[m->killed_by];
	trial_test(t, test, &o);
	bool stands = t->built || t->refused;
	bool good = o.verdict == VERDICT_FAIL && stands;
	if (!stands)
		fprintf(out, "%s: does not build\n%s", m->patch, t->build_text);
	else if (o.verdict == VERDICT_NOT_RUN)
		fprintf(out, "%s: %s is not run here: %s\n", m->patch, test->name,
			o.text);
	else
		fprintf(out, "%s: %s by %s%s", m->patch, good ? "killed" : "NOT killed",
			test->name, good ? "\n" : ":\n");
	if (stands && o.verdict != VERDICT_FAIL && o.verdict != VERDICT_NOT_RUN)
		fprintf(out, "%s, %s: %s: %s\n", m->patch, test->name,
			verdict_name(o.verdict), o.text);
	good |= stands && o.verdict == VERDICT_NOT_RUN;
	free(o.text);
	return good;
}

static bool mutant_audit(const struct audit *a, size_t i, unsigned slot, FILE *out)
{
	char folder[PATH_MAX], name[PATH_MAX];
	struct trial t = {0};
	const struct lab_mutant *m = &a->lab.mutants[i - UNITS];
	const char *last = strrchr(m->patch, '/');
	path_make(name, "%s", last ? last + 1 : m->patch);
	unit_folder(a, i, folder);
	bool good = tree_stage(a, "mutant", name, folder, out) &&
		    trial_begin(a, folder, slot, &t, out) &&
		    mutant_judge(a, m, &t, out);
	if (ftell(out) == 0)
		fprintf(out, "%s: could not be made\n", m->patch);
	trial_free(&t);
	stage_remove(folder);
	return good;
}

/* Two of them, made apart, are the same. */
static bool handout_audit(const struct audit *a, FILE *out)
{
	char folder[PATH_MAX], first[PATH_MAX], second[PATH_MAX], path[PATH_MAX];
	unit_folder(a, UNIT_HANDOUT, folder);
	path_make(path, "%s/packed", folder);
	path_make(first, "%s/1", path);
	path_make(second, "%s/2", path);
	if (stage_empty(folder) < 0 || chmod(folder, 0711) != 0 ||
	    mkdir(path, 0755) != 0)
		return false;
	bool made = handout_make(&a->lab, 1, first, folder) &&
		    handout_make(&a->lab, 1, second, folder);
	bool good = made && files_equal(first, second);
	fprintf(out, "handout: %s\n",
		!made  ? "cannot be made"
		: good ? "builds, holds no secret, twice the same"
		       : "two of them differ");
	stage_remove(folder);
	return good;
}

static int unit_work(void *context, size_t i, unsigned slot)
{
	struct audit *a = context;
	FILE *out = unit_open(a, i, "w");
	if (!out)
		return EXIT_USAGE;
	bool good = i == UNIT_HANDOUT ? handout_audit(a, out)
		    : i < UNITS       ? tree_audit(a, i, slot, out)
				      : mutant_audit(a, i, slot, out);
	if (fclose(out) != 0)
		good = false;
	return good ? EXIT_SUCCESS : EXIT_FINDING;
}

/* The marks are kept until all have ended. */
static void unit_done(void *context, size_t i, int status)
{
	struct audit *a = context;
	char path[PATH_MAX];
	path_make(path, "%s/%zu.%s", a->work, i,
		  WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "ok" : "bad");
	FILE *mark = fopen(path, "w");
	if (mark)
		fclose(mark);
}

static void unit_tell(struct audit *a, size_t i)
{
	char path[PATH_MAX], line[1024];
	path_make(path, "%s/%zu.ok", a->work, i);
	bool good = access(path, F_OK) == 0, begun = false;
	FILE *in = unit_open(a, i, "r");
	while (in && fgets(line, sizeof(line), in)) {
		printf("%s%s", begun ? "    " : good ? "ok      " : "NOT OK  ", line);
		begun = true;
	}
	if (!begun)
		printf("%sno report\n", good ? "ok      " : "NOT OK  ");
	if (in)
		fclose(in);
	a->failed += !good;
}

static bool lab_audit(struct audit *a)
{
	char walls[160];
	struct pool pool = {.n = UNITS + a->lab.mutant_n,
			    .jobs = a->options->jobs,
			    .work = unit_work,
			    .done = unit_done,
			    .context = a};
	path_make(a->judges, "%s/judges", a->work);
	if (mkdir(a->judges, 0700) != 0 || !judges_compile(&a->lab, a->judges, true))
		return false;
	trial_walls(walls, sizeof(walls));
	printf("Lab %d: %s.  Walls: %s\n", a->lab.number, a->lab.title, walls);
	fflush(stdout);
	size_t wrong = files_audit(&a->lab, stdout);
	int error = pool_run(&pool);
	if (error < 0)
		fprintf(stderr, "duality lab audit: %s\n", strerror(-error));
	for (size_t i = 0; i < pool.n; i++)
		unit_tell(a, i);
	printf("Lab %d: %zu wrong\n", a->lab.number, a->failed + wrong);
	fflush(stdout);
	return error == 0 && a->failed + wrong == 0;
}

/* 0, 1 or 2, as the command ends. */
static int dir_audit(const char *dir, const struct command_options *o, size_t n)
{
	static struct audit a;
	a = (struct audit){.options = o};
	path_make(a.work, "%s/lab%zu", o->work, n);
	if (mkdir(a.work, 0711) != 0 || !lab_open(&a.lab, dir))
		return EXIT_USAGE;
	int status = lab_audit(&a) ? EXIT_SUCCESS : EXIT_FINDING;
	lab_close(&a.lab);
	return status;
}

int audit_run(const struct command_options *o)
{
	char **dirs = o->all ? labs_list() : names_find(o->names);
	int status = EXIT_SUCCESS;
	size_t n = 0;
	if (!dirs)
		return EXIT_USAGE;
	for (; dirs[n]; n++) {
		int one = dir_audit(dirs[n], o, n);
		status = one > status ? one : status;
		free(dirs[n]);
	}
	free(dirs);
	if (n == 0)
		fprintf(stderr, "duality lab audit: which lab?  A number is needed, or "
				"--all\n");
	return n == 0 ? EXIT_USAGE : status;
}
