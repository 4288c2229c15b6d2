/* SPDX-License-Identifier: BSD-2-Clause */
/* The result of a run, for programs and for people. */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "harness/load/load.h"

enum verdict { VERDICT_NOT_RUN, VERDICT_PASS, VERDICT_FAIL };

/* Was the client good enough for its figures to be the server's? */
struct certificate {
	enum verdict sends_on_plan, lag, arrivals, cpu, little;
};

struct certificate report_certificate(struct load *load);

/* The object of docs/architecture.md; NULL without memory.  The caller owns it. */
json_t *report_json(struct load *load);

/* A summary of a screenful.  0 or -EIO. */
int report_text(struct load *load, FILE *out);

#endif
