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
