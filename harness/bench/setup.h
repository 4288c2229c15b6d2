/* SPDX-License-Identifier: BSD-2-Clause */
/* setup.h - what a run needs before its first trial: variants, CPUs, folders. */
#ifndef DUALITY_SETUP_H
#define DUALITY_SETUP_H

#include "harness/bench/run.h"

/* Fill in the entries: those named in `wanted` (separated by blanks; NULL: those that
 * the suite's and its experiments' lists name), and the A/A twin.  Set r->named before.
 * 0, or -EINVAL after one line on standard error. */
int setup_entries(struct run *r, const char *wanted);

/* Choose the CPUs among those allowed: the load on the lowest, the server on the
 * highest; and bind this process to the load's.  0 or -errno. */
int setup_cpus(struct run *r);

/* Make a new run folder: `out`, or results/DATE-HOST-SUITE-COMMIT.  0, or -EINVAL after
 * one line on standard error; so too the functions below. */
int setup_folder(struct run *r, const char *out);

/* Go back to one. */
int setup_resume(struct run *r, const char *folder);

/* The folders inside the run folder, made again if they are missing. */
int setup_inside(struct run *r);

/* Remove work/, which only a running run needs. */
void setup_clean(struct run *r);
#endif
