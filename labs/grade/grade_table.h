/* SPDX-License-Identifier: BSD-2-Clause */
/* grade_table.h - what is told of all submissions together: grades.csv and regrade.tsv.
 */
#ifndef GRADE_TABLE_H
#define GRADE_TABLE_H

#include "labs/grade/lab.h"

/* Both, from the results.json of each; what is not complete has a score of nan.  0 or
 * -errno. */
int table_write(const char *out, const struct lab *lab, char *const *names, size_t n);

/* How many tests have to be judged again. */
size_t table_regrade(const char *out, const struct lab *lab, char *const *names,
		     size_t n);

#endif
