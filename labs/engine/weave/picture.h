/* SPDX-License-Identifier: BSD-2-Clause */
/* picture.h - an execution as text: a column for each thread, a row for each step. */
#ifndef WEAVE_PICTURE_H
#define WEAVE_PICTURE_H

#include "lines.h"
#include "step.h"

struct picture {
	const struct machine *machine; /* after the last step */
	const struct trace *trace;
	const char *program; /* the file */
	const char *outcome;
	const char *expect;
};

/* What was found, in a few lines, and how it came to that. */
void picture_print(const struct picture *p);
#endif
