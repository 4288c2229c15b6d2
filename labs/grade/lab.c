/* SPDX-License-Identifier: BSD-2-Clause */
/* lab.c - finds labs and reads their lab.json. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "labs/engine/box.h"
#include "labs/grade/lab.h"
#include "labs/grade/path.h"

static const char *const parts[PARTS] = {"functional", "own", "counts", "written",
					 "bonus"};

const char *part_name(enum lab_part part)
{
	return parts[part];
}

static bool wrong(const struct lab *lab, const char *what, const char *why)
{
	fprintf(stderr, "duality lab: %s/lab.json: %s: %s\n", lab->dir, what, why);
	return false;
}

/* A relative name that stays below where it starts. */
static bool name_is_tame(const char *name)
{
	if (name[0] == '/' || name[0] == '\0' || strcmp(name, "..") == 0 ||
	    strncmp(name, "../", 3) == 0 || strstr(name, "/../"))
		return false;
	size_t n = strlen(name);
	return n < 3 || strcmp(name + n - 3, "/..") != 0;
}

static bool is_strings(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_array_get(list, i)))
			return false;
	return json_is_array(list);
}

static bool strings_read(const struct lab *lab, const char *key, bool required,
			 const json_t **list)
{
	*list = json_object_get(lab->json, key);
	if (!*list && !required)
		return true;
	if (!is_strings(*list) || (required && json_array_size(*list) == 0))
		return wrong(lab, key, "a list of strings is needed");
	return true;
}

static bool limits_read(struct lab *lab)
{
	const json_t *value;
	const char *key;
	size_t n = 0;
	struct box_limits checked;
	json_object_foreach((json_t *)json_object_get(lab->json, "limits"), key, value)
	{
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		    box_limit_set(&checked, key, (uint64_t)json_integer_value(value)) <
			    0)
			return wrong(lab, key, "no such limit, or not a number for it");
		n += (size_t)snprintf(lab->limits + n, sizeof(lab->limits) - n,
				      "%s%s=%" JSON_INTEGER_FORMAT, n ? " " : "", key,
				      json_integer_value(value));
		if (n >= sizeof(lab->limits))
			return wrong(lab, "limits", "too many");
	}
	return true;
}

static bool part_read(const char *name, enum lab_part *part)
{
	for (*part = 0; *part < PARTS; ++*part)
		if (name && strcmp(name, parts[*part]) == 0)
			return true;
	return false;
}

static bool run_is_good(const struct lab *lab, const char *run)
{
	char path[PATH_MAX];
	size_t n = strlen(run);
	path_make(path, "%s/%s", lab->dir, run);
	if (!name_is_tame(run) || n <= 3 ||
	    (strcmp(run + n - 3, ".sh") != 0 && strcmp(run + n - 2, ".c") != 0))
		return wrong(lab, run, "neither a script (.sh) nor a source (.c)");
	return access(path, R_OK) == 0 ||
	       wrong(lab, run,
		     "is not there: the folder is not whole; unpack the "
		     "handout again, and put your files into it");
}

static bool test_read(const struct lab *lab, json_t *json, struct lab_test *test)
{
	const char *visible = NULL, *part = NULL;
	*test = (struct lab_test){.needs = json_object_get(json, "needs")};
	if (json_unpack(json, "{ss ss ss ss ss sF}", "name", &test->name, "title",
			&test->title, "run", &test->run, "visible", &visible, "part",
			&part, "points", &test->points) != 0)
		return wrong(lab, test->name ? test->name : "a test",
			     "it needs name, title, run, visible, part, points");
	test->hidden = strcmp(visible, "hidden") == 0;
	if (!test->hidden && strcmp(visible, "public") != 0)
		return wrong(lab, test->name, "visible is public or hidden");
	if (!part_read(part, &test->part))
		return wrong(lab, test->name, "no such part");
	if (!(test->points >= 0 && test->points <= 100))
		return wrong(lab, test->name, "points are 0 to 100");
	if (test->needs && !is_strings(test->needs))
		return wrong(lab, test->name, "needs is a list of strings");
	if (!run_is_good(lab, test->run))
		return false;
	for (const struct lab_test *t = lab->tests; t < test; t++)
		if (strcmp(t->name, test->name) == 0)
			return wrong(lab, test->name,
				     "there are two tests of that name");
	return true;
}

static bool tests_read(struct lab *lab)
{
	const json_t *list = json_object_get(lab->json, "tests");
	lab->n = json_array_size(list);
	if (lab->n == 0)
		return wrong(lab, "tests", "there are none");
	lab->tests = calloc(lab->n, sizeof(*lab->tests));
	for (size_t i = 0; lab->tests && i < lab->n; i++)
		if (!test_read(lab, json_array_get(list, i), &lab->tests[i]))
			return false;
	return lab->tests != NULL;
}

static bool mutant_read(const struct lab *lab, json_t *json, struct lab_mutant *m)
{
	const char *killer = NULL;
	char path[PATH_MAX];
	if (json_unpack(json, "{ss ss ss}", "patch", &m->patch, "says", &m->says,
			"killed_by", &killer) != 0)
		return wrong(lab, m->patch ? m->patch : "a mutant",
			     "it needs patch, says, killed_by");
	path_make(path, "%s/%s", lab->dir, m->patch);
	if (!name_is_tame(m->patch) || access(path, R_OK) != 0)
		return wrong(lab, m->patch, "no such file in the lab");
	while (m->killed_by < lab->n &&
	       strcmp(killer, lab->tests[m->killed_by].name) != 0)
		m->killed_by++;
	return m->killed_by < lab->n || wrong(lab, m->patch, "killed_by names no test");
}

static bool mutants_read(struct lab *lab)
{
	const json_t *list = json_object_get(lab->json, "mutants");
	lab->mutant_n = json_array_size(list);
	lab->mutants = calloc(lab->mutant_n + 1, sizeof(*lab->mutants));
	for (size_t i = 0; lab->mutants && i < lab->mutant_n; i++)
		if (!mutant_read(lab, json_array_get(list, i), &lab->mutants[i]))
			return false;
	return lab->mutants != NULL;
}

static bool names_are_tame(const struct lab *lab, const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		if (!name_is_tame(name))
			return wrong(lab, name,
				     "a file students change, or what comes of it, "
				     "is in their tree");
	}
	return true;
}

bool lab_open(struct lab *lab, const char *dir)
{
	char path[PATH_MAX];
	json_error_t error;
	*lab = (struct lab){.dir = realpath(dir, NULL),
			    .engine = getenv("DUALITY_LAB_ENGINE")};
	if (!lab->dir || !lab->engine) {
		fprintf(stderr, "duality lab: %s: %s\n",
			lab->dir ? "DUALITY_LAB_ENGINE" : dir,
			lab->dir ? "is not set; start it as `duality lab`"
				 : strerror(errno));
		return false;
	}
	path_make(path, "%s/lab.json", lab->dir);
	lab->json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!lab->json) {
		fprintf(stderr, "duality lab: %s:%d: %s\n", path, error.line,
			error.text);
		return false;
	}
	lab->starter_score =
		json_number_value(json_object_get(lab->json, "starter_score"));
	if (json_unpack(lab->json, "{si ss}", "number", &lab->number, "title",
			&lab->title) != 0)
		return wrong(lab, "number, title", "a number and a string are needed");
	return strings_read(lab, "files", true, &lab->files) &&
	       strings_read(lab, "build", true, &lab->build) &&
	       strings_read(lab, "needs", false, &lab->needs) &&
	       strings_read(lab, "objects", false, &lab->objects) &&
	       names_are_tame(lab, lab->files) && names_are_tame(lab, lab->objects) &&
	       limits_read(lab) && tests_read(lab) && mutants_read(lab);
}

static char *labs_search(const char *labs, long number)
{
	char *found = NULL;
	DIR *dir = opendir(labs);
	for (struct dirent *e; dir && !found && (e = readdir(dir));) {
		char *end;
		if (strtol(e->d_name, &end, 10) == number && end - e->d_name == 2 &&
		    *end == '-' && asprintf(&found, "%s/%s", labs, e->d_name) < 0)
			found = NULL;
	}
	if (dir)
		closedir(dir);
	return found;
}

char *lab_find(const char *name)
{
	const char *labs = getenv("DUALITY_LABS");
	char *end;
	if (strchr(name, '/')) {
		char *path = realpath(name, NULL);
		if (!path)
			fprintf(stderr, "duality lab: %s: %s\n", name, strerror(errno));
		return path;
	}
	long number = strtol(name, &end, 10);
	char *found = *name && !*end && labs ? labs_search(labs, number) : NULL;
	if (!found)
		fprintf(stderr, "duality lab: %s: no such lab in %s\n", name,
			labs ? labs : "DUALITY_LABS, which is not set");
	return found;
}

void lab_close(struct lab *lab)
{
	json_decref(lab->json);
	free(lab->tests);
	free(lab->mutants);
	free(lab->dir);
}

static bool program_is_there(const char *name)
{
	char path[PATH_MAX];
	const char *folders = getenv("PATH");
	for (const char *at = folders; at && *at;) {
		int n = (int)strcspn(at, ":");
		path_make(path, "%.*s/%s", n, at, name);
		if (access(path, X_OK) == 0)
			return true;
		at += n + (at[n] == ':');
	}
	return false;
}

static const char *list_missing(const json_t *needs)
{
	for (size_t i = 0; i < json_array_size(needs); i++) {
		const char *name = json_string_value(json_array_get(needs, i));
		if (!program_is_there(name))
			return name;
	}
	return NULL;
}

const char *lab_missing(const struct lab *lab, const struct lab_test *test)
{
	const char *missing = list_missing(lab->needs);
	return missing || !test ? missing : list_missing(test->needs);
}
