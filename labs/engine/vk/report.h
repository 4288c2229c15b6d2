/* SPDX-License-Identifier: BSD-2-Clause */
/* report.h - what a run was, in words and as a picture, for who wrote the program. */
#ifndef VK_REPORT_H
#define VK_REPORT_H

#include "facts.h"
#include "where.h"

#include <stdio.h>

/* What was expected and is not so, each with what led to it; or that all is well. */
void report_write(FILE *out, const struct kernel *kernel, const struct where *where);
/* Entries first to last of the log, one column a thread. */
void report_picture(FILE *out, const struct kernel *kernel, const struct where *where,
		    int first, int last);
/* How a run ended, and who waits for what. */
void report_outcome(FILE *out, const struct kernel *kernel, const struct where *where);
/* What led to this fact's number. */
void report_fact(FILE *out, const struct kernel *kernel, const struct where *where,
		 const struct expect *expect);

#endif
