/* SPDX-License-Identifier: BSD-2-Clause */
/* result.c - points, and Gradescope's results.json, which is also what a grader that
   was killed goes on from. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "labs/grade/path.h"
#include "labs/grade/result.h"

int result_make(struct result *r, const struct lab *lab, const char *submission)
{
	*r = (struct result){.lab = lab, .submission = submission, .walls = ""};
	r->outcomes = calloc(lab->n, sizeof(*r->outcomes));
	return r->outcomes ? 0 : -ENOMEM;
}

void result_free(struct result *r)
{
	for (size_t i = 0; r->outcomes && i < r->lab->n; i++)
		free(r->outcomes[i].text);
	free(r->outcomes);
	free(r->notes);
}

double result_part(const struct result *r, enum lab_part part)
{
	double points = 0;
	for (size_t i = 0; i < r->lab->n; i++)
		if (r->lab->tests[i].part == part &&
		    r->outcomes[i].verdict == VERDICT_PASS)
			points += r->lab->tests[i].points;
	return points;
}

double result_score(const struct result *r)
{
	double points = 0;
	for (enum lab_part part = 0; part < PART_BONUS; part++)
		points += result_part(r, part);
	return points;
}

size_t result_count(const struct result *r, enum verdict verdict)
{
	size_t n = 0;
	for (size_t i = 0; i < r->lab->n; i++)
		n += r->outcomes[i].verdict == verdict;
	return n;
}

bool result_complete(const struct result *r)
{
	return result_count(r, VERDICT_PASS) + result_count(r, VERDICT_FAIL) ==
	       r->lab->n;
}

int file_replace(const char *path, const char *text)
{
	char other[PATH_MAX];
	size_t n = strlen(text);
	int error = 0;
	path_make(other, "%s.new", path);
	int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (write(fd, text, n) != (ssize_t)n)
		error = errno ? -errno : -EIO;
	if (fsync(fd) != 0 && error == 0)
		error = -errno;
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(other, path) != 0)
		error = -errno;
	return error;
}

/* A test that could not be judged has no score, which is not a score of 0. */
static json_t *test_json(const struct lab_test *test, const struct outcome *o)
{
	bool judged = o->verdict == VERDICT_PASS || o->verdict == VERDICT_FAIL;
	json_t *json = json_pack("{ss ss sf s[s] ss ss s{ss ss}}", "name", test->title,
				 "name_format", "text", "max_score", test->points,
				 "tags", part_name(test->part), "visibility",
				 test->hidden ? "after_published" : "visible",
				 "output_format", "text", "extra_data", "test",
				 test->name, "verdict", verdict_name(o->verdict));
	if (judged) {
		bool passed = o->verdict == VERDICT_PASS;
		json_object_set_new(json, "status",
				    json_string(passed ? "passed" : "failed"));
		json_object_set_new(json, "score",
				    json_real(passed ? test->points : 0));
		json_object_set_new(json, "output", json_string(o->text));
	} else {
		json_object_set_new(
			json, "output",
			json_sprintf("This test could not be judged; it will be "
				     "run again.\n%s",
				     o->text));
	}
	return json;
}

static json_t *extra_json(const struct result *r)
{
	json_t *parts = json_object(), *regrade = json_array();
	for (enum lab_part part = 0; part < PARTS; part++)
		json_object_set_new(parts, part_name(part),
				    json_real(result_part(r, part)));
	for (size_t i = 0; i < r->lab->n; i++)
		if (r->outcomes[i].verdict > VERDICT_FAIL)
			json_array_append_new(regrade,
					      json_string(r->lab->tests[i].name));
	return json_pack("{si ss so sb so so ss}", "lab", r->lab->number, "submission",
			 r->submission, "sum", json_sprintf("%016" PRIx64, r->sum),
			 "complete", result_complete(r), "parts", parts, "regrade",
			 regrade, "walls", r->walls);
}

static json_t *result_json(const struct result *r)
{
	json_t *tests = json_array();
	for (size_t i = 0; i < r->lab->n; i++)
		if (r->outcomes[i].verdict != VERDICT_NONE)
			json_array_append_new(
				tests, test_json(&r->lab->tests[i], &r->outcomes[i]));
	json_t *json = json_pack(
		"{so so ss ss so}", "output",
		json_sprintf("Lab %d: %s\n%sWalls: %s\n", r->lab->number, r->lab->title,
			     r->notes ? r->notes : "", r->walls),
		"tests", tests, "output_format", "text", "stdout_visibility", "hidden",
		"extra_data", extra_json(r));
	if (result_count(r, VERDICT_NOT_RUN) + result_count(r, VERDICT_ERROR) == 0)
		json_object_set_new(
			json, "score",
			json_real(result_score(r) + result_part(r, PART_BONUS)));
	return json;
}

int result_write(const struct result *r, const char *folder)
{
	char path[PATH_MAX];
	json_t *json = result_json(r);
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	path_make(path, "%s/results.json", folder);
	int error = text ? file_replace(path, text) : -ENOMEM;
	json_decref(json);
	free(text);
	return error;
}

static void outcome_read(struct result *r, json_t *json)
{
	const char *name = NULL, *verdict = NULL, *text = NULL;
	if (json_unpack(json, "{ss s{ss ss}}", "output", &text, "extra_data", "test",
			&name, "verdict", &verdict) != 0)
		return;
	for (size_t i = 0; i < r->lab->n; i++) {
		struct outcome *o = &r->outcomes[i];
		if (strcmp(name, r->lab->tests[i].name) != 0)
			continue;
		if (strcmp(verdict, "pass") == 0 || strcmp(verdict, "fail") == 0) {
			o->verdict = *verdict == 'p' ? VERDICT_PASS : VERDICT_FAIL;
			free(o->text);
			o->text = strdup(text);
		}
	}
}

void result_read(struct result *r, const char *folder)
{
	char path[PATH_MAX], sum[24];
	const char *known = NULL;
	path_make(path, "%s/results.json", folder);
	snprintf(sum, sizeof(sum), "%016" PRIx64, r->sum);
	json_t *json = json_load_file(path, 0, NULL), *tests = NULL;
	if (json_unpack(json, "{so s{ss}}", "tests", &tests, "extra_data", "sum",
			&known) == 0 &&
	    strcmp(known, sum) == 0)
		for (size_t i = 0; i < json_array_size(tests); i++)
			outcome_read(r, json_array_get(tests, i));
	json_decref(json);
}
