/* SPDX-License-Identifier: BSD-2-Clause */
/* plan.h - what duality micro measures: the runtimes' programs, and what each says it
 * can. */
#ifndef DUALITY_MICRO_PLAN_H
#define DUALITY_MICRO_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum { PLAN_NAME = 32, PLAN_NOTE = 200 };

struct sample {
	double value;       /* NAN */
	double steal_share; /* of the CPU it ran on; NAN: unknown */
};

/* One primitive of one runtime beside so many threads. */
struct item {
	char runtime[PLAN_NAME];
	char primitive[PLAN_NAME], unit[PLAN_NAME];
	unsigned live;
	struct sample *sample; /* one a round, NULL before the first */
	size_t n;
	char note[PLAN_NOTE]; /* why the last sample has no value; "" */
};

struct plan {
	const char *folder; /* of the programs */
	struct item *item;
	size_t n;
	char (*absent)[PLAN_NOTE]; /* "RUNTIME: why", "RUNTIME PRIMITIVE: why" */
	size_t absents;
	bool failed; /* a program did not do as it should */
};

/* What to measure. */
struct wish {
	const char *runtimes;    /* names with spaces or commas between; NULL: all */
	char *const *primitives; /* PRIMITIVE or PRIMITIVE@LIVE, to a NULL; none: all */
	unsigned most;           /* threads, at once */
};

/* Ask the programs of p->folder.  0; -EINVAL after one line on standard error that says
 * which name is none; -ENOMEM.  A program that is missing or fails is noted. */
int plan_make(struct plan *p, const struct wish *wish);

/* Measure an item once, for least_ms: its value, or NAN and a note. */
double plan_measure(struct plan *p, struct item *item, unsigned least_ms);

void plan_free(struct plan *p);
#endif
