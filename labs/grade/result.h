/* SPDX-License-Identifier: BSD-2-Clause */
/* result.h - what became of the tests of one tree: points, and Gradescope's
   results.json
   (https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format). */
#ifndef GRADE_RESULT_H
#define GRADE_RESULT_H

#include <stdint.h>

#include "labs/grade/trial.h"

struct result {
	const struct lab *lab;
	const char *submission;
	struct outcome *outcomes; /* one for each test */
	char *notes;              /* what was not taken, ... */
	const char *walls;
	uint64_t sum; /* of what was judged, and of the lab */
};

/* 0 or -ENOMEM. */
int result_make(struct result *r, const struct lab *lab, const char *submission);
void result_free(struct result *r);

/* Points of a part; of all but the bonus. */
double result_part(const struct result *r, enum lab_part part);
double result_score(const struct result *r);

/* Tests with that verdict. */
size_t result_count(const struct result *r, enum verdict verdict);

/* True if every test has passed or failed. */
bool result_complete(const struct result *r);

/* Writes FOLDER/results.json, so that it is always whole.  0 or -errno. */
int result_write(const struct result *r, const char *folder);

/* Takes over what FOLDER/results.json says has passed or failed, if it is of the same
 * sum. */
void result_read(struct result *r, const char *folder);

/* Writes text to a file by way of another that is renamed.  0 or -errno. */
int file_replace(const char *path, const char *text);

#endif
