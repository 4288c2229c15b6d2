/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c - what the parts of a run share. */
#include "config.h"

#include "harness/bench/run.h"

#include <stdarg.h>
#include <string.h>

enum { RUN_NAMES = RUN_NOTE - 48 };

void run_note(struct run *r, const char *format, ...)
{
	va_list args;
	if (r->notes == RUN_NOTES)
		return;
	va_start(args, format);
	vsnprintf(r->note[r->notes++], RUN_NOTE, format, args);
	va_end(args);
}

void run_note_once(struct run *r, const char *format, ...)
{
	char note[RUN_NOTE];
	va_list args;
	va_start(args, format);
	vsnprintf(note, sizeof note, format, args);
	va_end(args);
	for (size_t i = 0; i < r->notes; i++) {
		if (strcmp(r->note[i], note) == 0)
			return;
	}
	run_note(r, "%s", note);
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

static bool words_have(const char *words, const char *name)
{
	size_t length = strlen(name);
	for (words += strspn(words, " \t"); *words; words += strspn(words, " \t")) {
		size_t word = strcspn(words, " \t");
		if (word == length && strncmp(words, name, length) == 0)
			return true;
		words += word;
	}
	return false;
}

bool run_unlisted(const struct entry *entry, const struct experiment *e)
{
	if (experiment_is_serverless(e))
		return true; /* no server has a part in it */
	/* The reflector has no --about, and is on no list. */
	return entry->variant->about && *e->variants &&
	       strcmp(e->variants, "all") != 0 &&
	       !words_have(e->variants, entry->variant->name);
}

const char *run_unfit(const struct entry *entry, const struct experiment *e)
{
	if (run_unlisted(entry, e))
		return "is not on its list";
	if (e->kind == KIND_UDP)
		return variant_speaks(entry->variant, "udp") ? NULL
							     : "does not echo over UDP";
	return variant_unfit(entry->variant, e->request);
}

size_t run_fitting(const struct run *r, const struct experiment *e)
{
	size_t n = 0;
	for (size_t i = 0; i < r->entries; i++)
		n += !run_unfit(&r->entry[i], e);
	return n;
}

/* " a b c", or " a b ..." where there is room for no more. */
static void names_add(char names[RUN_NAMES], const char *name)
{
	static const char more[] = " ...";
	size_t used = strlen(names);
	if (used + strlen(name) + sizeof more + 1 < RUN_NAMES)
		snprintf(names + used, RUN_NAMES - used, " %s", name);
	else if (used < sizeof more || strcmp(names + used - strlen(more), more) != 0)
		strcpy(names + used, more);
}

/* Variants that are here and could be measured, other people's too, and have no part in
 * this run. */
static void note_others(struct run *r)
{
	char names[RUN_NAMES] = "";
	size_t others = 0;
	for (size_t i = 0; i < r->variants.n; i++) {
		const struct variant *v = &r->variants.list[i];
		if (run_entry(r, v->name) || variant_unfit(v, "/"))
			continue;
		names_add(names, v->name);
		others++;
	}
	const char *are = others == 1 ? "variant is" : "variants are";
	if (others > 0 && !r->named && *r->suite.others)
		run_note(r, "%zu other %s left to: duality bench %s", others, are,
			 r->suite.others);
	else if (others > 0 && !r->named)
		run_note(r, "%zu other %s left out (--variants):%s", others, are,
			 names);
}

void run_note_unfit(struct run *r)
{
	if (r->entries > 0)
		note_others(r);
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		for (size_t j = 0; j < r->entries; j++) {
			const char *why = run_unfit(&r->entry[j], e);
			if (why && !r->entry[j].twin && !run_unlisted(&r->entry[j], e))
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
