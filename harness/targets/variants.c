/* SPDX-License-Identifier: BSD-2-Clause */
/* variants.c - ask every program of a folder what it is. */
#include "config.h"

#include "harness/targets/variants.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/sample/uring.h"
#include "harness/targets/capture.h"

enum { ABOUT_MS = 2000 };

static void variants_problem(struct variants *v, const char *program, const char *what)
{
	fprintf(stderr, "duality: %s: %s\n", program, what);
	v->problems++;
}

/* Grow an array by one element of `size` bytes, zeroed. */
static void *array_more(void **array, size_t n, size_t size)
{
	char *grown = realloc(*array, (n + 1) * size);
	if (!grown)
		return NULL;
	*array = grown;
	return memset(grown + n * size, 0, size);
}

static const char *about_text(const json_t *about, const char *key)
{
	return json_string_value(json_object_get(about, key));
}

static bool all_texts(const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (!json_is_string(json_array_get(array, i)))
			return false;
	}
	return json_is_array(array);
}

/* Is it in the array of strings? */
static bool texts_have(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *one = json_string_value(json_array_get(array, i));
		if (one && strcmp(one, text) == 0)
			return true;
	}
	return false;
}

static bool texts_or_absent(const json_t *about, const char *key)
{
	const json_t *array = json_object_get(about, key);
	return !array || all_texts(array);
}

/* What is wrong with one object of --about, or NULL. */
static const char *about_wrong(const json_t *about)
{
	const char *name = about_text(about, "name");
	if (!name || !*name || strpbrk(name, "@/ \t\n") ||
	    !about_text(about, "family") || !about_text(about, "style") ||
	    !about_text(about, "summary") || !all_texts(json_object_get(about, "args")))
		return "--about lacks name, family, style, summary or args";
	if (!texts_or_absent(about, "protocols") || !texts_or_absent(about, "lacks"))
		return "--about: protocols or lacks is not an array of strings";
	return NULL;
}

static int variants_add(struct variants *v, const char *program, json_t *about)
{
	const char *name = about_text(about, "name");
	const char *wrong = about_wrong(about);
	if (!wrong && variants_get(v, name))
		wrong = "offers a variant whose name is taken";
	if (wrong) {
		variants_problem(v, program, wrong);
		return 0;
	}
	struct variant *added = array_more((void **)&v->list, v->n, sizeof *added);
	char *path = strdup(program);
	if (!added || !path) {
		free(path);
		return -ENOMEM;
	}
	v->n++;
	added->program = path;
	added->about = json_incref(about);
	added->name = name;
	added->family = about_text(about, "family");
	added->style = about_text(about, "style");
	added->summary = about_text(about, "summary");
	return 0;
}

static int variants_parse(struct variants *v, const char *program, const char *text)
{
	json_t *about = json_loads(text, 0, NULL);
	size_t n = json_array_size(about);
	int status = 0;
	if (!json_is_array(about))
		variants_problem(v, program, "--about did not print a JSON array");
	for (size_t i = 0; i < n && status == 0; i++)
		status = variants_add(v, program, json_array_get(about, i));
	json_decref(about);
	return status;
}

static int variants_ask(struct variants *v, char *program)
{
	char *argv[] = {program, "--about", NULL};
	char *text = NULL;
	int status = capture_run(argv, ABOUT_MS, &text);
	if (status == 0)
		status = variants_parse(v, program, text);
	else if (status == -ETIMEDOUT)
		variants_problem(v, program, "--about did not end within 2 s");
	else
		variants_problem(v, program, "--about failed");
	free(text);
	return status == -ENOMEM ? status : 0;
}

static int absent_add(struct variants *v, const char *name, const char *reason,
		      bool refused)
{
	struct absent *added =
		array_more((void **)&v->absent, v->absents, sizeof *added);
	if (!added)
		return -ENOMEM;
	v->absents++;
	added->name = strdup(name);
	added->reason = strdup(reason);
	added->refused = refused;
	return added->name && added->reason ? 0 : -ENOMEM;
}

/* NAME<tab>REASON lines, written by configure. */
static int absents_read(struct variants *v, const char *dir)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/missing.tsv", dir);
	FILE *from = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int status = 0;
	if (!from)
		return 0;
	while (status == 0 && getline(&line, &room, from) > 0) {
		line[strcspn(line, "\n")] = '\0';
		char *tab = strchr(line, '\t');
		if (!tab)
			continue;
		*tab = '\0';
		status = absent_add(v, line, tab + 1, false);
	}
	free(line);
	fclose(from);
	return status;
}

static void variant_free(struct variant *v)
{
	free(v->program);
	json_decref(v->about);
}

/* Where the kernel makes no ring, who waits by one cannot run: absent, as what was not
 * built. */
static int variants_refuse_uring(struct variants *v)
{
	char why[URING_WHY];
	size_t kept = 0;
	int status = 0;
	if (uring_try(why) == 0)
		return 0;
	for (size_t i = 0; i < v->n; i++) {
		struct variant one = v->list[i];
		if (!texts_have(json_object_get(one.about, "needs"), "liburing")) {
			v->list[kept++] = one;
			continue;
		}
		if (status == 0)
			status = absent_add(v, one.name, why, true);
		variant_free(&one);
	}
	v->n = kept;
	return status;
}

static int variant_compare(const void *a, const void *b)
{
	const struct variant *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static int is_program(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
	       access(path, X_OK) == 0;
}

int variants_find(struct variants *out, const char *dir)
{
	struct dirent **names;
	memset(out, 0, sizeof *out);
	int n = scandir(dir, &names, NULL, alphasort);
	if (n < 0)
		return -errno;
	int status = 0;
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
		if (status == 0 && names[i]->d_name[0] != '.' && is_program(path))
			status = variants_ask(out, path);
		free(names[i]);
	}
	free(names);
	if (status == 0)
		status = absents_read(out, dir);
	if (status == 0)
		status = variants_refuse_uring(out);
	if (status < 0)
		variants_free(out);
	else if (out->n)
		qsort(out->list, out->n, sizeof *out->list, variant_compare);
	return status;
}

const struct variant *variants_get(const struct variants *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++) {
		if (strcmp(v->list[i].name, name) == 0)
			return &v->list[i];
	}
	return NULL;
}

const char *variants_reason(const struct variants *v, const char *name)
{
	for (size_t i = 0; i < v->absents; i++) {
		if (strcmp(v->absent[i].name, name) == 0)
			return v->absent[i].reason;
	}
	return NULL;
}

bool variant_speaks(const struct variant *v, const char *protocol)
{
	const json_t *protocols = json_object_get(v->about, "protocols");
	if (!protocols)
		return strcmp(protocol, "http") == 0;
	return texts_have(protocols, protocol);
}

bool variant_takes(const struct variant *v, const char *option)
{
	return texts_have(json_object_get(v->about, "options"), option);
}

double variant_room(const struct variant *v, double connections)
{
	const json_t *most = json_object_get(v->about, "connections_max");
	if (json_is_number(most) && json_number_value(most) < connections)
		return json_number_value(most);
	return connections;
}

const char *variant_overload(const struct variant *v)
{
	const char *text = about_text(v->about, "overload");
	return text ? text : "-";
}

const char *variant_unfit(const struct variant *v, const char *request)
{
	const json_t *lacks = json_object_get(v->about, "lacks");
	size_t length = strcspn(request, "?");
	if (!variant_speaks(v, "http"))
		return "does not speak http";
	if (json_object_get(v->about, "stack"))
		return "has a network stack of its own, and no interface";
	for (size_t i = 0; i < json_array_size(lacks); i++) {
		const char *path = json_string_value(json_array_get(lacks, i));
		if (strlen(path) == length && strncmp(path, request, length) == 0)
			return "does not serve this request";
	}
	return NULL;
}

char **variant_argv(const struct variant *v, char *const *extra, size_t extras)
{
	const json_t *args = json_object_get(v->about, "args");
	size_t n = 0, own = json_array_size(args);
	char **argv = calloc(own + extras + 2, sizeof *argv);
	if (!argv)
		return NULL;
	argv[n++] = v->program;
	for (size_t i = 0; i < own; i++) /* exec takes char *, and does not write */
		argv[n++] =
			(char *)(uintptr_t)json_string_value(json_array_get(args, i));
	for (size_t i = 0; i < extras; i++)
		argv[n++] = extra[i];
	return argv;
}

void variants_free(struct variants *v)
{
	for (size_t i = 0; i < v->n; i++)
		variant_free(&v->list[i]);
	for (size_t i = 0; i < v->absents; i++) {
		free(v->absent[i].name);
		free(v->absent[i].reason);
	}
	free(v->list);
	free(v->absent);
	memset(v, 0, sizeof *v);
}
