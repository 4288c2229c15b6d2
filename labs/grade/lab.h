/* SPDX-License-Identifier: BSD-2-Clause */
/* lab.h - a lab as its lab.json says (docs/labs.md). */
#ifndef GRADE_LAB_H
#define GRADE_LAB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum lab_part {
	PART_FUNCTIONAL,
	PART_OWN,
	PART_COUNTS,
	PART_WRITTEN,
	PART_BONUS,
	PARTS
};

struct lab_test {
	const char *name, *title, *run;
	const json_t *needs; /* or NULL */
	enum lab_part part;
	bool hidden;
	double points;
};

struct lab_mutant {
	const char *patch, *says;
	size_t killed_by; /* a test's index */
};

struct lab {
	char *dir;
	json_t *json;
	int number;
	const char *title;
	const json_t *files, *build, *needs;
	const json_t *objects; /* of the students' own sources; or NULL */
	struct lab_test *tests;
	size_t n;
	struct lab_mutant *mutants;
	size_t mutant_n;
	double starter_score;
	char limits[256]; /* as LAB_LIMITS has them */
	const char *engine;
};

/* Reads dir/lab.json.  What is wrong is said on standard error in one line, naming the
   file and what in it; then false. */
bool lab_open(struct lab *lab, const char *dir);

/* The lab's folder: named by its number, below the labs' folder, or by a path with a
   slash. NULL, and a line on standard error, if there is none; the caller frees it. */
char *lab_find(const char *name);

void lab_close(struct lab *lab);

const char *part_name(enum lab_part part);

/* The first program that is needed (by the lab, or the test if not NULL) and not in
   PATH; or NULL. */
const char *lab_missing(const struct lab *lab, const struct lab_test *test);

#endif
