/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.h - one round of all that is measured. */
#ifndef DUALITY_RING_SAMPLE_H
#define DUALITY_RING_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

struct sample_options {
	uint64_t messages; /* in a sample; 0: some tenths of a millisecond's */
	char **only;       /* WHAT or WHAT@BATCH, up to a NULL; none: all */
	int round;         /* from 1; which ring begins differs */
};

/* Measure, and print a line each as main.c says.  0, or -EIO after a line on standard
 * error: a message was lost, or a side could not be begun. */
int sample_round(const struct sample_options *o);

/* Is WHAT[@BATCH] something that is measured? */
bool sample_known(const char *name);
#endif
