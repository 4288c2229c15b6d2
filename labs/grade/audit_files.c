/* SPDX-License-Identifier: BSD-2-Clause */
/* audit_files.c - the part of an audit that only reads. */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "labs/grade/audit_files.h"
#include "labs/grade/path.h"

enum { FOLDERS_OPEN = 16, MUTANTS_LEAST = 5 };

static const char canary[] = "LAB-"
			     "SECRET";

/* nftw(3) passes nothing through. */
static FILE *report;
static size_t wrong;

static size_t is_wrong(const char *what, const char *why)
{
	fprintf(report, "NOT OK  %s: %s\n", what, why);
	return ++wrong;
}

static char *file_read(const char *path, size_t *n)
{
	FILE *file = fopen(path, "r");
	char *bytes = NULL;
	size_t room = 0;
	ssize_t got = file ? getdelim(&bytes, &room, EOF, file) : -1;
	if (file)
		fclose(file);
	*n = got > 0 ? (size_t)got : 0;
	return bytes;
}

static int canary_check(const char *path, const struct stat *about, int kind,
			struct FTW *where)
{
	size_t n;
	(void)about, (void)where;
	if (kind != FTW_F)
		return 0;
	char *bytes = file_read(path, &n);
	if (!bytes || !memmem(bytes, n, canary, strlen(canary)))
		is_wrong(path, "has no canary");
	free(bytes);
	return 0;
}

bool files_equal(const char *a, const char *b)
{
	size_t n, m;
	char *x = file_read(a, &n), *y = file_read(b, &m);
	bool equal = x && y && n == m && memcmp(x, y, n) == 0;
	free(x);
	free(y);
	return equal;
}

static void points_check(const struct lab *lab)
{
	static const double wanted[PARTS] = {60, 20, 10, 10, 10};
	char text[96];
	for (enum lab_part part = 0; part < PARTS; part++) {
		double points = 0;
		for (size_t i = 0; i < lab->n; i++)
			if (lab->tests[i].part == part)
				points += lab->tests[i].points;
		bool good = part == PART_BONUS ? points <= wanted[part]
					       : fabs(points - wanted[part]) < 1e-6;
		snprintf(text, sizeof(text), "%s has %g points, not %g",
			 part_name(part), points, wanted[part]);
		if (!good)
			is_wrong("lab.json", text);
	}
}

/* Is it, without its folder and what follows the first dot, what the object's name
   begins with? */
static bool is_object_of(const char *object, const char *source)
{
	const char *slash = strrchr(source, '/'), *dash = strrchr(object, '/');
	source = slash ? slash + 1 : source;
	object = dash ? dash + 1 : object;
	size_t n = strcspn(source, ".");
	return strncmp(object, source, n) == 0 && strchr(".-", object[n]);
}

static void object_check(const struct lab *lab, const char *source)
{
	const char *dot = strrchr(source, '.');
	if (!dot || (strcmp(dot, ".c") != 0 && strcmp(dot, ".S") != 0))
		return;
	for (size_t i = 0; i < json_array_size(lab->objects); i++)
		if (is_object_of(json_string_value(json_array_get(lab->objects, i)),
				 source))
			return;
	is_wrong(source, "no object of it is listed under objects");
}

static void objects_check(const struct lab *lab)
{
	for (size_t i = 0; i < json_array_size(lab->files); i++)
		object_check(lab, json_string_value(json_array_get(lab->files, i)));
}

static void there_check(const struct lab *lab)
{
	static const char *const names[] = {"handout.md",   "notes.md",
					    "src",          "alternative",
					    "tests/public", "tests/hidden"};
	static const char *const secret[] = {"notes.md", "alternative", "tests/hidden",
					     "mutants"};
	char path[PATH_MAX];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_make(path, "%s/%s", lab->dir, names[i]);
		if (access(path, R_OK) != 0)
			is_wrong(path, "is not there");
	}
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		path_make(path, "%s/%s", lab->dir, secret[i]);
		nftw(path, canary_check, FOLDERS_OPEN, FTW_PHYS);
	}
	if (lab->mutant_n < MUTANTS_LEAST)
		is_wrong("lab.json", "fewer than five mutants");
}

size_t files_audit(const struct lab *lab, FILE *out)
{
	report = out;
	wrong = 0;
	points_check(lab);
	objects_check(lab);
	there_check(lab);
	if (wrong == 0)
		fprintf(out,
			"ok      files: points, canaries, %zu tests, %zu mutants\n",
			lab->n, lab->mutant_n);
	fflush(out);
	return wrong;
}

static int is_lab(const struct dirent *e)
{
	return isdigit((unsigned char)e->d_name[0]) &&
	       isdigit((unsigned char)e->d_name[1]) && e->d_name[2] == '-';
}

char **labs_list(void)
{
	struct dirent **list;
	const char *labs = getenv("DUALITY_LABS");
	int n = labs ? scandir(labs, &list, is_lab, alphasort) : -1;
	if (n <= 0) {
		fprintf(stderr, "duality lab: %s: no labs there\n",
			labs ? labs : "DUALITY_LABS");
		return NULL;
	}
	char **dirs = calloc((size_t)n + 1, sizeof(*dirs));
	for (int i = 0; i < n; i++) {
		if (dirs && asprintf(&dirs[i], "%s/%s", labs, list[i]->d_name) < 0)
			dirs[i] = NULL;
		free(list[i]);
	}
	free(list);
	return dirs;
}

char **names_find(const char *const *names)
{
	size_t n = 0;
	while (names[n])
		n++;
	char **dirs = calloc(n + 1, sizeof(*dirs));
	for (size_t i = 0; dirs && i < n; i++)
		if (!(dirs[i] = lab_find(names[i])))
			goto fail;
	return dirs;
fail:
	for (char **d = dirs; *d; d++)
		free(*d);
	free(dirs);
	return NULL;
}
