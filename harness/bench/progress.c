/* SPDX-License-Identifier: BSD-2-Clause */
/* progress.c - one line that is rewritten on a terminal, and a line per trial
 * elsewhere. */
#include "config.h"

#include "harness/bench/progress.h"

#include <math.h>
#include <unistd.h>

void progress_show(const struct run *r, const struct trial *t, int attempt)
{
	bool terminal = isatty(STDERR_FILENO);
	int left_s = (int)fmax(0, ceil(r->planned_s - r->spent_s));
	char load[32] = "closed loop";
	if (!isnan(t->rate_rps))
		snprintf(load, sizeof load, "%.0f/s", t->rate_rps);
	fprintf(stderr, "%s%4zu  %s %s, block %d: %s at %s%s, %d:%02d left%s",
		terminal ? "\r" : "", r->journal.n + 1, t->experiment->name, t->phase,
		t->block, t->entry->name, load, attempt > 1 ? " (again)" : "",
		left_s / 60, left_s % 60, terminal ? "\033[K" : "\n");
	fflush(stderr);
}

void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}
