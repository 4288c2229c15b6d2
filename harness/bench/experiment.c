/* SPDX-License-Identifier: BSD-2-Clause */
/* experiment.c - reads `.conf` files. */
#include "config.h"

#include "harness/bench/experiment.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/bench/udp_pair.h"

static const char *const kinds[] = {"knee",  "equal", "full", "micro",
				    "rings", "sweep", "udp",  NULL};
static const char *const overs[] = {"accounts", "cores", NULL};
static const char *const shapes[] = {"sessions", "pool", NULL};
static const char *const switches[] = {"no", "yes", NULL};
static const char *const phases[] = {"equal", "pool", NULL};
static const char *const measures[] = {"cpu", "rate", NULL};

const struct setting experiment_settings[] = {
	{"summary", TYPE_TEXT, offsetof(struct experiment, summary), 0, 0, NULL},
	{"variants", TYPE_TEXT, offsetof(struct experiment, variants), 0, 0, NULL},
	{"kind", TYPE_CHOICE, offsetof(struct experiment, kind), 0, 0, kinds},
	{"shape", TYPE_CHOICE, offsetof(struct experiment, shape), 0, 0, shapes},
	{"request", TYPE_TEXT, offsetof(struct experiment, request), 0, 0, NULL},
	{"file_bytes", TYPE_WHOLE, offsetof(struct experiment, file_bytes), 0, 1e9,
	 NULL},
	{"mix", TYPE_TEXT, offsetof(struct experiment, mix), 0, 0, NULL},
	{"fileset_bytes", TYPE_REAL, offsetof(struct experiment, fileset_bytes), 0,
	 1e11, NULL},
	{"drop", TYPE_CHOICE, offsetof(struct experiment, drop), 0, 0, switches},
	{"idle", TYPE_WHOLE, offsetof(struct experiment, idle), 0, 1e6, NULL},
	{"session_requests", TYPE_REAL, offsetof(struct experiment, session_requests),
	 1, 1e6, NULL},
	{"think_us", TYPE_REAL, offsetof(struct experiment, think_us), 0, 6e7, NULL},
	{"max_live", TYPE_WHOLE, offsetof(struct experiment, max_live), 1, 1e6, NULL},
	{"connections", TYPE_WHOLE, offsetof(struct experiment, connections), 1, 1e6,
	 NULL},
	{"spin", TYPE_CHOICE, offsetof(struct experiment, spin), 0, 0, switches},
	{"limit_us", TYPE_REAL, offsetof(struct experiment, limit_us), 1, 1e8, NULL},
	{"budget_s", TYPE_REAL, offsetof(struct experiment, budget_s), 0.1, 1e6, NULL},
	{"warmup_s", TYPE_REAL, offsetof(struct experiment, warmup_s), 0, 600, NULL},
	{"window_s", TYPE_REAL, offsetof(struct experiment, window_s), 0.05, 600, NULL},
	{"window_most_s", TYPE_REAL, offsetof(struct experiment, window_most_s), 0.05,
	 600, NULL},
	{"window_replies", TYPE_REAL, offsetof(struct experiment, window_replies), 0,
	 1e9, NULL},
	{"drain_s", TYPE_REAL, offsetof(struct experiment, drain_s), 0, 60, NULL},
	{"grid", TYPE_REAL, offsetof(struct experiment, grid), 1.001, 2, NULL},
	{"probe_s", TYPE_REAL, offsetof(struct experiment, probe_s), 0.05, 60, NULL},
	{"ladder_low", TYPE_REAL, offsetof(struct experiment, ladder_low), 0.001, 10,
	 NULL},
	{"ladder_high", TYPE_REAL, offsetof(struct experiment, ladder_high), 0.001, 10,
	 NULL},
	{"ladder_points", TYPE_WHOLE, offsetof(struct experiment, ladder_points), 2, 64,
	 NULL},
	{"ladder_again", TYPE_WHOLE, offsetof(struct experiment, ladder_again), 0, 20,
	 NULL},
	{"overload", TYPE_LIST, offsetof(struct experiment, overload), 1, 20, NULL},
	{"overload_window_s", TYPE_REAL, offsetof(struct experiment, overload_window_s),
	 0, 60, NULL},
	{"overload_blocks", TYPE_WHOLE, offsetof(struct experiment, overload_blocks), 1,
	 1000, NULL},
	{"bracket_local", TYPE_CHOICE, offsetof(struct experiment, bracket_local), 0, 0,
	 switches},
	{"recover", TYPE_CHOICE, offsetof(struct experiment, recover), 0, 0, switches},
	{"split", TYPE_CHOICE, offsetof(struct experiment, split), 0, 0, switches},
	{"bracket_from", TYPE_WHOLE, offsetof(struct experiment, bracket_from), 1, 1e6,
	 NULL},
	{"bracket_trials", TYPE_WHOLE, offsetof(struct experiment, bracket_trials), 0,
	 100, NULL},
	{"load_trials", TYPE_WHOLE, offsetof(struct experiment, load_trials), 1, 99,
	 NULL},
	{"bracket_width", TYPE_WHOLE, offsetof(struct experiment, bracket_width), 1,
	 100, NULL},
	{"pairs", TYPE_TEXT, offsetof(struct experiment, pairs), 0, 0, NULL},
	{"certificate", TYPE_CHOICE, offsetof(struct experiment, certificate), 0, 0,
	 switches},
	{"rates_rps", TYPE_LIST, offsetof(struct experiment, rates_rps), 1, 1e8, NULL},
	{"phase", TYPE_CHOICE, offsetof(struct experiment, phase), 0, 0, phases},
	{"idles", TYPE_LIST, offsetof(struct experiment, idles), 0, 1e6, NULL},
	{"keep_least", TYPE_REAL, offsetof(struct experiment, keep_least), 0, 1, NULL},
	{"over", TYPE_CHOICE, offsetof(struct experiment, over), 0, 0, overs},
	{"points", TYPE_LIST, offsetof(struct experiment, points), 1, 1024, NULL},
	{"link_kbit", TYPE_WHOLE, offsetof(struct experiment, link_kbit), 0, 1e8, NULL},
	{"pair_mbps", TYPE_LIST, offsetof(struct experiment, pair_mbps), 1, 1e5, NULL},
	{"pair_blocks", TYPE_WHOLE, offsetof(struct experiment, pair_blocks), 0, 1000,
	 NULL},
	{"primitives", TYPE_TEXT, offsetof(struct experiment, primitives), 0, 0, NULL},
	{"runtimes", TYPE_TEXT, offsetof(struct experiment, runtimes), 0, 0, NULL},
	{"most", TYPE_WHOLE, offsetof(struct experiment, most), 0, 1e8, NULL},
	{"rounds", TYPE_WHOLE, offsetof(struct experiment, rounds), 1, 1000, NULL},
	{"least_ms", TYPE_WHOLE, offsetof(struct experiment, least_ms), 1, 60000, NULL},
	{"messages", TYPE_WHOLE, offsetof(struct experiment, messages), 0, 1e8, NULL},
	{"reconnect", TYPE_WHOLE, offsetof(struct experiment, reconnect), 0, 1e9, NULL},
	{"ratio_goal", TYPE_LIST, offsetof(struct experiment, ratio_goal), 0.01, 100,
	 NULL},
	{"measure", TYPE_CHOICE, offsetof(struct experiment, measure), 0, 0, measures},
	{"published", TYPE_TEXT, offsetof(struct experiment, published), 0, 0, NULL},
	{0},
};

static const struct experiment defaults = {
	.session_requests = 10,
	.think_us = 10000,
	.max_live = 8192,
	.connections = 64,
	.limit_us = 5000,
	.budget_s = 60,
	.warmup_s = 1,
	.window_s = 2,
	.window_most_s = 10,
	.drain_s = 1,
	.grid = 1.03,
	.probe_s = 0.5,
	.ladder_low = 0.2,
	.ladder_high = 1.5,
	.ladder_points = 8,
	.overload_blocks = 1,
	.bracket_from = 2,
	.bracket_trials = 4,
	.load_trials = 3,
	.bracket_width = 1,
	.idles = {1, {0}},
	.runtimes = "process thread pth st fiber boost go call",
	.most = 1000,
	.rounds = 5,
	.least_ms = 10,
	.point = NAN,
};

static const char *experiment_take(void *to, const char *section, const char *key,
				   const char *value)
{
	if (strcmp(section, "experiment") != 0)
		return key ? "stands outside [experiment]" : "not [experiment]";
	return !key ? NULL : setting_store(experiment_settings, to, key, value);
}

const char *experiment_override(struct experiment *e, const char *key,
				const char *value)
{
	return setting_store(experiment_settings, e, key, value);
}

const char *experiment_check(const struct experiment *e)
{
	if (experiment_is_serverless(e))
		return NULL;
	if (e->kind != KIND_UDP && e->request[0] != '/')
		return "request does not begin with /";
	if (e->mix[0] && e->fileset_bytes > 0)
		return "mix and fileset_bytes exclude each other";
	if (e->drop && !(e->fileset_bytes > 0))
		return "drop needs fileset_bytes";
	if (e->kind == KIND_EQUAL && e->rates_rps.n == 0)
		return "rates_rps is missing";
	if (e->kind == KIND_FULL && e->idles.n == 0)
		return "idles is empty";
	if ((e->kind == KIND_SWEEP || e->kind == KIND_UDP) && e->points.n == 0)
		return "points is empty";
	if (e->ratio_goal.n != 0 &&
	    (e->ratio_goal.n != 2 || e->ratio_goal.value[0] >= e->ratio_goal.value[1]))
		return "ratio_goal is not two numbers, the lower first";
	if (e->ratio_goal.n != 0 && !*e->pairs)
		return "ratio_goal needs pairs";
	if (e->ladder_high <= e->ladder_low)
		return "ladder_high is not above ladder_low";
	if (e->window_most_s < e->window_s)
		return "window_most_s is below window_s";
	return e->kind == KIND_UDP ? udp_pair_check(e) : NULL;
}

int experiment_read(struct experiment *e, const char *folder, const char *name)
{
	char path[PATH_MAX];
	const struct settings_taker taker = {experiment_take, e};
	if (strlen(name) >= sizeof e->name || strpbrk(name, "/ \t")) {
		fprintf(stderr, "duality bench: %s: not the name of an experiment\n",
			name);
		return -EINVAL;
	}
	*e = defaults;
	strcpy(e->name, name);
	snprintf(path, sizeof path, "%s/%s.conf", folder, name);
	return settings_read(path, &taker);
}

bool experiment_is_serverless(const struct experiment *e)
{
	return e->kind == KIND_MICRO || e->kind == KIND_RINGS;
}

double experiment_window_s(const struct experiment *e, double rate_rps)
{
	double wanted_s = e->window_replies / rate_rps; /* NAN for a closed loop */
	return fmin(fmax(e->window_s, wanted_s), e->window_most_s);
}

double experiment_trial_s(const struct experiment *e, double window_s)
{
	return e->warmup_s + window_s + e->drain_s / 3;
}

int experiment_most_connections(const struct experiment *e)
{
	enum { SPARE = 64 };
	double most = 0;
	for (size_t i = 0; e->kind == KIND_FULL && i < e->idles.n; i++)
		most = fmax(most, e->idles.value[i]);
	return most > 0 ? (int)most + e->idle + e->connections + SPARE : 0;
}
