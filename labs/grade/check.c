/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c - duality lab check: the public tests as the grader runs them, on a copy of
   the tree in the current folder. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labs/grade/commands.h"
#include "labs/grade/path.h"
#include "labs/grade/result.h"
#include "labs/grade/run.h"

struct check {
	struct lab lab;
	struct trial trial;
	struct result result;
	char walls[160], judges[PATH_MAX], tree[PATH_MAX];
	double points, of;
};

static bool is_wanted(const struct check *c, const struct command_options *o, size_t i)
{
	const char *const *names = o->names;
	if (c->lab.tests[i].hidden)
		return false;
	while (*names && strcmp(*names, c->lab.tests[i].name) != 0)
		names++;
	return *names || !*o->names;
}

/* The first name may be the lab's; the others are tests. */
static bool arguments_read(struct check *c, struct command_options *o)
{
	const char *first = o->names[0];
	bool named = first && (strchr(first, '/') ||
			       strspn(first, "0123456789") == strlen(first));
	if (!named && access("lab.json", R_OK) != 0) {
		fprintf(stderr,
			"duality lab check: lab.json: not in the current folder; "
			"go to the lab's, or name its number\n");
		return false;
	}
	char *dir = named ? lab_find(first) : strdup(".");
	if (!dir)
		return false;
	o->names += named;
	bool good = lab_open(&c->lab, dir);
	free(dir);
	for (const char *const *name = o->names; good && *name; name++) {
		size_t i = 0;
		while (i < c->lab.n && (c->lab.tests[i].hidden ||
					strcmp(*name, c->lab.tests[i].name) != 0))
			i++;
		if (i < c->lab.n)
			continue;
		fprintf(stderr, "duality lab check: %s: no such public test\n", *name);
		good = false;
	}
	return good;
}

static void text_indent(const char *text)
{
	while (*text) {
		int n = (int)strcspn(text, "\n");
		printf("    %.*s\n", n, text);
		text += n + (text[n] == '\n');
	}
}

static void outcome_print(const struct lab_test *test, const struct outcome *o)
{
	static const char *const words[] = {"", "pass", "FAIL", "not run", "ERROR"};
	bool passed = o->verdict == VERDICT_PASS;
	printf("%-7s  %g of %g  %s: %s\n", words[o->verdict], passed ? test->points : 0,
	       test->points, test->name, test->title);
	if (!passed || *o->text)
		text_indent(o->text);
	fflush(stdout);
}

static void tests_run(struct check *c, const struct command_options *o)
{
	for (size_t i = 0; i < c->lab.n; i++) {
		const struct lab_test *test = &c->lab.tests[i];
		struct outcome *outcome = &c->result.outcomes[i];
		if (!is_wanted(c, o, i))
			continue;
		/* What the build said stands above the tests, once. */
		trial_test(&c->trial, test, outcome);
		if (!c->trial.built && outcome->verdict == VERDICT_FAIL) {
			free(outcome->text);
			outcome->text = strdup(c->trial.refused ? "it is not taken"
								: "it is not built");
		}
		if (outcome->verdict != VERDICT_NOT_RUN)
			c->of += test->points;
		if (outcome->verdict == VERDICT_PASS)
			c->points += test->points;
		if (!o->json)
			outcome_print(test, outcome);
	}
}

static void json_print(const struct check *c, const struct command_options *o)
{
	json_t *tests = json_array();
	for (size_t i = 0; i < c->lab.n; i++) {
		const struct lab_test *test = &c->lab.tests[i];
		const struct outcome *outcome = &c->result.outcomes[i];
		if (is_wanted(c, o, i))
			json_array_append_new(
				tests,
				json_pack("{ss ss ss sf ss ss}", "name", test->name,
					  "title", test->title, "part",
					  part_name(test->part), "points", test->points,
					  "verdict", verdict_name(outcome->verdict),
					  "output", outcome->text));
	}
	json_t *all = json_pack("{si ss ss sb ss so sf sf}", "lab", c->lab.number,
				"title", c->lab.title, "walls", c->walls, "built",
				c->trial.built, "build", c->trial.build_text, "tests",
				tests, "points", c->points, "of", c->of);
	json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(all);
}

static int failure(const char *what, int error)
{
	fprintf(stderr, "duality lab check: %s: %s\n", what, strerror(-error));
	return EXIT_USAGE;
}

static bool tree_copy(struct check *c, const struct command_options *o)
{
	/* Not -p: an owner that has no number here (user_namespaces(7)) cannot be kept.
	 * Times tell make what is older than what. */
	const char *argv[] = {"cp", "-RP",   "--preserve=mode,timestamps",
			      ".",  c->tree, NULL};
	path_make(c->tree, "%s/tree", o->work);
	path_make(c->judges, "%s/judges", o->work);
	if (mkdir(c->tree, 0755) != 0 || mkdir(c->judges, 0700) != 0)
		return failure(o->work, -errno) == 0;
	return run_tool(argv, NULL, NULL);
}

static int judged(struct check *c, const struct command_options *o)
{
	c->trial = (struct trial){
		.lab = &c->lab, .work = o->work, .judges = c->judges, .seed = o->seed};
	json_t *seed = json_object_get(c->lab.json, "seed");
	if (seed)
		c->trial.seed = (unsigned)json_integer_value(seed);
	trial_walls(c->walls, sizeof(c->walls));
	if (!o->json)
		printf("Lab %d: %s: public tests.  Walls: %s\n", c->lab.number,
		       c->lab.title, c->walls);
	fflush(stdout);
	int error = trial_build(&c->trial);
	if (error < 0)
		return failure("the build", error);
	if (!o->json && !c->trial.built)
		printf("%s:\n%s",
		       c->trial.refused ? "It is not taken" : "It does not build",
		       c->trial.build_text);
	tests_run(c, o);
	if (o->json)
		json_print(c, o);
	else
		printf("%g of %g points\n", c->points, c->of);
	return c->points < c->of ? EXIT_FINDING : EXIT_SUCCESS;
}

int check_run(const struct command_options *options)
{
	static struct check c;
	struct command_options o = *options;
	int status = EXIT_USAGE;
	if (arguments_read(&c, &o) && tree_copy(&c, &o) &&
	    judges_compile(&c.lab, c.judges, false) &&
	    result_make(&c.result, &c.lab, "") == 0) {
		status = judged(&c, &o);
		trial_free(&c.trial);
		result_free(&c.result);
	}
	lab_close(&c.lab);
	return status;
}
