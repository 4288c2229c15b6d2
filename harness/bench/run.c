/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c - what the parts of a run share. */
#include "config.h"

#include "harness/bench/run.h"

#include <stdarg.h>
#include <string.h>

void run_note(struct run *r, const char *format, ...)
{
	va_list args;
	if (r->notes == RUN_NOTES)
		return;
	va_start(args, format);
	vsnprintf(r->note[r->notes++], RUN_NOTE, format, args);
	va_end(args);
}

double run_overhead_s(const struct run *r)
{
	const double start_stop_s = 0.15, canary_s = 0.3;
	int every = r->suite.canary_every;
	return start_stop_s + (every ? canary_s / every : 0);
}

struct entry *run_entry(const struct run *r, const char *name)
{
	for (size_t i = 0; i < r->entries; i++) {
		if (strcmp(r->entry[i].name, name) == 0)
			return &r->entry[i];
	}
	return NULL;
}

const char *run_unfit(const struct entry *entry, const struct experiment *e)
{
	return variant_unfit(entry->variant, e->request);
}

size_t run_fitting(const struct run *r, const struct experiment *e)
{
	size_t n = 0;
	for (size_t i = 0; i < r->entries; i++)
		n += !run_unfit(&r->entry[i], e);
	return n;
}

void run_note_unfit(struct run *r)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		for (size_t j = 0; j < r->entries; j++) {
			const char *why = run_unfit(&r->entry[j], e);
			if (why && !r->entry[j].twin)
				run_note(r, "%s: %s left out: it %s (%s)", e->name,
					 r->entry[j].name, why, e->request);
		}
	}
}

/* Tried, and nothing good came.  A server that failed is told of elsewhere. */
static bool is_fruitless(const struct run *r, const struct entry *entry,
			 const struct experiment *e)
{
	bool tried = false;
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		const struct row *row = &r->journal.rows[i];
		if (strcmp(row->text[COLUMN_EXPERIMENT], e->name) != 0 ||
		    strcmp(row->text[COLUMN_VARIANT], entry->name) != 0)
			continue;
		tried = true;
		if (row->number[COLUMN_GOOD] > 0)
			return false;
	}
	return tried && !entry->dropped;
}

int run_note_fruitless(struct run *r)
{
	int n = 0;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		for (size_t j = 0; j < r->entries; j++) {
			if (!is_fruitless(r, &r->entry[j], e))
				continue;
			run_note(r, "%s: not one good reply of %s (%s)", e->name,
				 r->entry[j].name, e->request);
			n++;
		}
	}
	return n;
}
