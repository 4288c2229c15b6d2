/* SPDX-License-Identifier: BSD-2-Clause */
/* micro_table.c - micro.tsv read again, for the terminal. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bench/micro.h"
#include "harness/bench/rounds.h"
#include "harness/micro/medians.h"

/* The columns of micro.tsv. */
enum micro_column {
	MICRO_EXPERIMENT,
	MICRO_ROUND,
	MICRO_PRIMITIVE,
	MICRO_RUNTIME,
	MICRO_LIVE,
	MICRO_UNIT,
	MICRO_VALUE,
	MICRO_STEAL,
	MICRO_NOTE,
	MICRO_COLUMNS
};

/* The row's item, a new one if need be; NULL: no memory. */
static struct item *item_of(struct plan *p, char *const *field)
{
	unsigned live = (unsigned)strtoul(field[MICRO_LIVE], NULL, 10);
	for (size_t i = 0; i < p->n; i++) {
		struct item *item = &p->item[i];
		if (strcmp(item->primitive, field[MICRO_PRIMITIVE]) == 0 &&
		    strcmp(item->runtime, field[MICRO_RUNTIME]) == 0 &&
		    item->live == live)
			return item;
	}
	struct item *grown = realloc(p->item, (p->n + 1) * sizeof *grown);
	if (!grown)
		return NULL;
	p->item = grown;
	struct item *item = &p->item[p->n++];
	*item = (struct item){.live = live};
	snprintf(item->primitive, PLAN_NAME, "%s", field[MICRO_PRIMITIVE]);
	snprintf(item->runtime, PLAN_NAME, "%s", field[MICRO_RUNTIME]);
	snprintf(item->unit, PLAN_NAME, "%s", field[MICRO_UNIT]);
	return item;
}

static void row_take(void *to, char *const *field)
{
	struct plan *p = to;
	struct item *item = item_of(p, field);
	if (!item)
		return;
	struct sample *grown = realloc(item->sample, (item->n + 1) * sizeof *grown);
	if (!grown)
		return;
	item->sample = grown;
	/* "nan" is read as it stands. */
	item->sample[item->n++] = (struct sample){
		.value = strtod(field[MICRO_VALUE], NULL),
		.steal_share = strtod(field[MICRO_STEAL], NULL),
	};
	if (isnan(item->sample[item->n - 1].value))
		snprintf(item->note, PLAN_NOTE, "%s", field[MICRO_NOTE]);
}

static void plan_forget(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->item[i].sample);
	free(p->item);
}

/* Primitive by primitive, and in it by the number of threads. */
static int item_compare(const void *first, const void *second)
{
	const struct item *a = first, *b = second;
	int order = strcmp(a->primitive, b->primitive);
	if (order == 0)
		order = (a->live > b->live) - (a->live < b->live);
	return order ? order : strcmp(a->runtime, b->runtime);
}

void micro_table(const struct run *r, FILE *to)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		struct plan p = {0};
		if (e->kind != KIND_MICRO)
			continue;
		rounds_read(r, e, "micro.tsv", MICRO_COLUMNS, row_take, &p);
		if (p.n > 0)
			qsort(p.item, p.n, sizeof *p.item, item_compare);
		fprintf(to, "\n%s: %s\n", e->name, e->summary);
		medians_print(&p, to);
		plan_forget(&p);
		if (*e->published)
			fprintf(to, "published: %s\n", e->published);
	}
}
