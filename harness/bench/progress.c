/* SPDX-License-Identifier: BSD-2-Clause */
/* progress.c - one line that is rewritten on a terminal, and a line per trial
 * elsewhere. */
#include "config.h"

#include "harness/bench/progress.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

void progress_show(const struct run *r, const struct trial *t, int attempt)
{
	bool terminal = isatty(STDERR_FILENO);
	int left_s = (int)ceil(r->planned_s - r->spent_s);
	bool over = left_s < 0;
	char load[32] = "closed loop";
	if (!isnan(t->rate_rps))
		snprintf(load, sizeof load, "%.0f/s", t->rate_rps);
	fprintf(stderr, "%s%4zu  %s %s, block %d: %s at %s%s, %s%d:%02d%s%s",
		terminal ? "\r" : "", r->journal.n + 1, t->experiment->name, t->phase,
		t->block, t->entry->name, load, attempt > 1 ? " (again)" : "",
		over ? "over by " : "", abs(left_s) / 60, abs(left_s) % 60,
		over ? "" : " left", terminal ? "\033[K" : "\n");
	fflush(stderr);
}

void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}
