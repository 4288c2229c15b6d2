/* SPDX-License-Identifier: BSD-2-Clause */
/* figures.c - runs the figures' scripts on a run folder. */
#include "config.h"

#include "harness/bench/figures.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/bench/udp.h"
#include "harness/targets/capture.h"
#include "harness/targets/places.h"

enum { FIGURE_MS = 60000 };

/* A figure's name: the experiment's, or what stands before the first dash, where
 * several share one. */
static bool figure_name(const char *experiment, char name[EXPERIMENT_NAME])
{
	char script[PATH_MAX];
	snprintf(name, EXPERIMENT_NAME, "%s", experiment);
	for (;;) {
		snprintf(script, sizeof script, "%s/%s.sh", place_get(PLACE_PLOTS),
			 name);
		if (access(script, R_OK) == 0)
			return true;
		if (!strchr(name, '-'))
			return false;
		name[strcspn(name, "-")] = '\0';
	}
}

static bool figure_drawn_before(const struct run *r, size_t nth, const char *name)
{
	char other[EXPERIMENT_NAME];
	for (size_t i = 0; i < nth; i++) {
		if (figure_name(r->suite.experiment[i].name, other) &&
		    strcmp(other, name) == 0)
			return true;
	}
	return false;
}

bool figures_draw(const struct run *r)
{
	bool drawn = true;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		char script[PATH_MAX], name[EXPERIMENT_NAME], *text = NULL;
		if (!figure_name(r->suite.experiment[i].name, name) ||
		    figure_drawn_before(r, i, name) ||
		    udp_is_skipped(r, &r->suite.experiment[i]))
			continue;
		snprintf(script, sizeof script, "%s/%s.sh", place_get(PLACE_PLOTS),
			 name);
		char *argv[] = {"sh", script, (char *)(uintptr_t)r->folder, NULL};
		if (capture_run(argv, FIGURE_MS, &text) != 0) {
			fprintf(stderr, "duality bench: %s.sh: drew no figure\n", name);
			drawn = false;
		}
		free(text);
	}
	return drawn;
}
