/* SPDX-License-Identifier: BSD-2-Clause */
/* rings.c - runs duality rings, a round at a time. */
#include "config.h"

#include "harness/bench/rings.h"

#include <string.h>

#include "harness/bench/rounds.h"
#include "harness/targets/capture.h"
#include "harness/targets/places.h"

enum { NUMBER = 24, FIXED = 7 };

static const char header[] =
	"experiment\tround\twhat\tplace\tring\tbatch\tunit\tvalue\tnote\n";

/* All processors there are, the client's first: it has a part in everything. */
static void cpus_list(const struct run *r, char cpus[2 * RUN_CPUS])
{
	bool more = !r->one_cpu;
	snprintf(cpus, 2 * RUN_CPUS, "%s%s%s", r->client_cpus, more ? "," : "",
		 more ? r->all_cpus : "");
}

static int rings_capture(const struct run *r, const struct experiment *e, int round,
			 char **out)
{
	char program[PATH_MAX], first[NUMBER], cpus[2 * RUN_CPUS], messages[NUMBER];
	char wanted[SETTING_TEXT], rounds_option[] = "--rounds", one[] = "1";
	char first_option[] = "--first", cpus_option[] = "--cpus";
	char messages_option[] = "--messages";
	char *argv[ROUNDS_WORDS] = {program, rounds_option, one, first_option,
				    first,   cpus_option,   cpus};
	size_t n = FIXED;
	snprintf(program, sizeof program, "%s/duality-rings", place_get(PLACE_LIBEXEC));
	snprintf(first, sizeof first, "%d", round);
	snprintf(messages, sizeof messages, "%d", e->messages);
	cpus_list(r, cpus);
	if (e->messages > 0) {
		argv[n++] = messages_option;
		argv[n++] = messages;
	}
	strcpy(wanted, e->primitives);
	rounds_words(argv, n, wanted);
	return capture_run(argv, ROUNDS_MS, out);
}

int rings_run(struct run *r, const struct experiment *e)
{
	static const struct rounds what = {"duality rings", "rings.tsv", header,
					   rings_capture};
	return rounds_run(r, e, &what);
}
