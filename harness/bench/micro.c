/* SPDX-License-Identifier: BSD-2-Clause */
/* micro.c - runs duality micro, a round at a time. */
#include "config.h"

#include "harness/bench/micro.h"

#include <stdlib.h>
#include <string.h>

#include "harness/bench/rounds.h"
#include "harness/stats/random.h"
#include "harness/targets/capture.h"
#include "harness/targets/places.h"

enum { NUMBER = 24 };

static const char header[] = "experiment\tround\tprimitive\truntime\tlive\tunit\tvalue"
			     "\tsteal_share\tnote\n";

/* One round's rows, as duality micro prints them, to be freed; or its status. */
static int micro_capture(const struct run *r, const struct experiment *e, int round,
			 char **out)
{
	char program[PATH_MAX], seed[NUMBER], most[NUMBER], cpu[NUMBER];
	char purpose[EXPERIMENT_NAME + NUMBER], primitives[SETTING_TEXT];
	char runtimes[SETTING_TEXT], least_ms[NUMBER];
	char *argv[ROUNDS_WORDS] = {program,  "--rounds",   "1",     "--tsv",
				    "-",      "--seed",     seed,    "--most",
				    most,     "--cpu",      cpu,     "--runtimes",
				    runtimes, "--least-ms", least_ms};
	snprintf(program, sizeof program, "%s/duality-micro", place_get(PLACE_LIBEXEC));
	snprintf(purpose, sizeof purpose, "%s %d micro", e->name, round);
	snprintf(seed, sizeof seed, "%u",
		 (unsigned)(random_seed(r->seed, purpose) % UINT_MAX));
	snprintf(most, sizeof most, "%d", e->most);
	snprintf(cpu, sizeof cpu, "%d", atoi(r->server_cpus));
	snprintf(least_ms, sizeof least_ms, "%d", e->least_ms);
	strcpy(primitives, e->primitives);
	strcpy(runtimes, e->runtimes);
	rounds_words(argv, 15, primitives);
	return capture_run(argv, ROUNDS_MS, out);
}

int micro_run(struct run *r, const struct experiment *e)
{
	static const struct rounds what = {"duality micro", "micro.tsv", header,
					   micro_capture};
	return rounds_run(r, e, &what);
}
