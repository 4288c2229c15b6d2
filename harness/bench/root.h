/* SPDX-License-Identifier: BSD-2-Clause */
/* root.h - what the servers of an experiment serve: work/root, and where it takes more
 * than one request, their mix. */
#ifndef DUALITY_ROOT_H
#define DUALITY_ROOT_H

#include "harness/bench/run.h"

/* The document root as this experiment wants it: /file of file_bytes, or a file set;
 * and the mix.  0, or -EINVAL after one line on standard error. */
int root_make(struct run *r, const struct experiment *e);

/* The mix's file, or NULL where the experiment has but one request.  `path` is room for
 * it. */
const char *root_mix(const struct run *r, const struct experiment *e,
		     char path[static PATH_MAX + 64]);

/* The files leave the memory.  False if some stay. */
bool root_drop(const struct run *r);

/* KiB read from block devices since the machine started, by whomever; NAN where that is
 * not told. */
double root_device_kib(void);

/* Remove all of it. */
void root_clean(const struct run *r);
#endif
