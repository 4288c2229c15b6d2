/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - the command line of duality bench, and what an old manifest says in its
 * place. */
#include "config.h"

#include "harness/bench/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/command.h"

static const char usage[] =
	"usage: duality bench [SUITE] [options]\n"
	"Runs the experiments of SUITE on the variants it names, into a run folder.\n"
	"SUITE: quick (without any), standard, tcp, goals, shapes, micro, rings, "
	"locks,\n"
	"multicore, duality, udp, full, or a file's path with a slash in it.\n"
	"  --variants \"A B\"   on these instead\n"
	"  --target NAME      where the servers run (local)\n"
	"  --out DIR          the run folder (results/DATE-HOST-SUITE-COMMIT)\n"
	"  --resume DIR       go on with an interrupted run\n"
	"  --seed N           of orders and arrivals (drawn, kept in manifest.json)\n"
	"  --servers DIR      the variants' folder\n"
	"  --help  --version\n";

static const struct option long_options[] = {
	{"variants", required_argument, NULL, 'v'},
	{"target", required_argument, NULL, 't'},
	{"out", required_argument, NULL, 'o'},
	{"resume", required_argument, NULL, 'r'},
	{"seed", required_argument, NULL, 's'},
	{"servers", required_argument, NULL, 'd'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static int options_seed(struct options *o, const char *text)
{
	char *end;
	errno = 0;
	o->seed = strtoull(text, &end, 10);
	o->has_seed = true;
	if (end != text && !*end && !errno && text[0] != '-')
		return 0;
	fprintf(stderr, "duality bench: --seed: not a number: %s\n", text);
	return -EINVAL;
}

int options_read(struct options *o, int argc, char **argv)
{
	int option;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case 'v':
			o->variants = optarg;
			break;
		case 't':
			o->target = optarg;
			break;
		case 'o':
			o->out = optarg;
			break;
		case 'r':
			o->resume = optarg;
			break;
		case 's':
			if (options_seed(o, optarg) < 0)
				return -EINVAL;
			break;
		case 'd':
			o->servers = optarg;
			break;
		default:
			command_end(option, usage);
		}
	}
	if (optind < argc)
		o->suite = argv[optind++];
	if (optind == argc && !(o->out && o->resume))
		return 0;
	fprintf(stderr, "duality bench: %s\n",
		optind < argc ? "more than one suite"
			      : "--out and --resume exclude each other");
	return -EINVAL;
}

int options_recall(struct options *o, const json_t *old)
{
	const json_t *suite = json_object_get(old, "suite");
	const char *name = json_string_value(json_object_get(suite, "name"));
	const char *seed = json_string_value(json_object_get(old, "seed"));
	const char *target = json_string_value(json_object_get(old, "target"));
	if (!name || !seed || !target) {
		fprintf(stderr,
			"duality bench: %s/manifest.json: lacks suite, seed or "
			"target\n",
			o->resume);
		return -EINVAL;
	}
	if (!o->suite)
		o->suite = name;
	if (!o->target)
		o->target = target;
	return o->has_seed ? 0 : options_seed(o, seed);
}

char *options_variants(const json_t *old)
{
	const json_t *list = json_object_get(old, "variants");
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	for (size_t i = 0; to && i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		if (!json_is_true(json_object_get(one, "twin")))
			fprintf(to, "%s ",
				json_string_value(json_object_get(one, "name")));
	}
	if (to)
		fclose(to);
	return text;
}
