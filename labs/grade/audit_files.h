/* SPDX-License-Identifier: BSD-2-Clause */
/* audit_files.h - what an audit sees without running anything. */
#ifndef GRADE_AUDIT_FILES_H
#define GRADE_AUDIT_FILES_H

#include <stdio.h>

#include "labs/grade/lab.h"

/* Points per part, the canary in all that is secret, the files that have to be there: a
   line for each that is wrong.  How many are. */
size_t files_audit(const struct lab *lab, FILE *out);

bool files_equal(const char *a, const char *b);

/* The folders of all labs (DUALITY_LABS), or of those named; NULL ends them.  NULL, and
   a line on standard error, if there is none. */
char **labs_list(void);
char **names_find(const char *const *names);

#endif
