/* SPDX-License-Identifier: BSD-2-Clause */
/* suite.h - what one `.suite` file says: which experiments, how many blocks, how long.
 * Section [suite] is the suite's own; every other section names an experiment
 * (NAME.conf in the same folder), and its keys replace that file's. */
#ifndef DUALITY_SUITE_H
#define DUALITY_SUITE_H

#include <limits.h>

#include "harness/bench/experiment.h"

enum { SUITE_EXPERIMENTS = 16 };

struct suite {
	char name[EXPERIMENT_NAME];
	char summary[SETTING_TEXT];
	char variants[SETTING_TEXT]; /* who takes part where the experiment says
					nothing;
					"": all but those of family reference */
	char others[SETTING_TEXT];   /* the suite that has the other variants */
	char folder[PATH_MAX];
	int blocks;
	int server_cpus; /* how many; the load has one */
	double budget_s;
	char aa[SETTING_TEXT]; /* the variant that runs twice */
	int canary_every;      /* trials; 0: never */
	double canary_wait_s, canary_steal;
	double void_steal;    /* share of a CPU */
	double void_late;     /* of the requests, sent a quarter of the limit late */
	double void_stranger; /* share of a CPU that others had */
	double void_gap;      /* the client's longest pause, as a share of the window */
	int retries;
	struct experiment experiment[SUITE_EXPERIMENTS];
	size_t experiments;
};

/* Read a suite: `name` is a file if it holds a slash, else FOLDER/NAME.suite.
 * 0, or -errno after one line on standard error. */
int suite_read(struct suite *s, const char *folder, const char *name);

json_t *suite_json(const struct suite *s);
#endif
