/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h - what duality bench was asked for: on its command line, or by the run that
 * is to be gone on with. */
#ifndef DUALITY_BENCH_OPTIONS_H
#define DUALITY_BENCH_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *suite, *variants, *target, *out, *resume, *servers;
	uint64_t seed;
	bool has_seed;
};

/* 0, -EINVAL after a line on standard error; ends the program for --help and --version.
 */
int options_read(struct options *o, int argc, char **argv);

/* What the user leaves open when resuming is as it was in the manifest `old`, whose
 * strings it then refers to.  0, or -EINVAL after a line on standard error. */
int options_recall(struct options *o, const json_t *old);

/* The variants of the old run, as one text to be freed. */
char *options_variants(const json_t *old);
#endif
