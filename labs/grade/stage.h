/* SPDX-License-Identifier: BSD-2-Clause */
/* stage.h - trees of files: what a submission may bring, taken without trusting it;
   folders made and removed. */
#ifndef GRADE_STAGE_H
#define GRADE_STAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "labs/grade/lab.h"

/* The most a file of a submission may have: more is not taken. */
enum { STAGE_FILE_BYTES = 1024 * 1024 };

/* Copies from the folder `from` to the folder `to` those files that the lab lets
   students change: regular files, reached by no symbolic link.  What is not taken, and
   why, goes to notes as lines; *sum follows from the names and contents taken.  Number
   of files taken, or -errno. */
int stage_take(const struct lab *lab, const char *from, const char *to, FILE *notes,
	       uint64_t *sum);

/* The folder in which a submission's files are: itself, or its only folder lab-NN. */
bool stage_folder(const struct lab *lab, const char *submission, char *path);

/* Removes a folder and all in it, whatever its modes are; no link is followed.  0 or
   -errno; it is no error if it does not exist. */
int stage_remove(const char *path);

/* An empty folder of that name, whatever was there. */
int stage_empty(const char *path);

/* One more file into a sum (FNV-1a, 64 bits: it notices changes, it does not withstand
 * malice). */
uint64_t stage_sum(uint64_t sum, const void *bytes, size_t n);

/* The sum over all regular files below a folder, in the order of their names. */
uint64_t stage_sum_tree(const char *path);

#endif
