/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest.h - manifest.json: everything about a run that its rows do not say. */
#ifndef DUALITY_MANIFEST_H
#define DUALITY_MANIFEST_H

#include "harness/bench/run.h"

struct summary;

/* The machine, the build, the suite and the variants: known before the first trial. The
 * caller owns the object.  NULL: no memory. */
json_t *manifest_new(const struct run *r);

/* Add what the trials told: sources, notes, and, where `s` is not NULL, the end. */
void manifest_finish(json_t *manifest, const struct run *r, const struct summary *s);

/* Replace FOLDER/manifest.json as a whole.  0 or -errno. */
int manifest_write(const struct run *r, const json_t *manifest);

/* Read FOLDER/manifest.json; NULL after one line on standard error. */
json_t *manifest_read(const char *folder);

/* Is the run in `old` the one that `new` would begin?  NULL, or what differs. */
const char *manifest_differs(const json_t *old, const json_t *new);

/* The commit the program was built from. */
const char *manifest_commit(void);
#endif
