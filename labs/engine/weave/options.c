/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - the command line. */
#include "config.h"

#include "options.h"

#include "schedule.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const model_name[OPTIONS_MODELS] = {"sc", "tso", "ra"};

static const char usage[] =
	"usage: lab-weave [option]... [--] PROGRAM [ARGUMENT]...\n"
	"  --model LIST    of sc, tso, ra (sc,tso,ra)\n"
	"  --expect TEXT   the only outcome there should be: \"r1=0 r2=1\"\n"
	"  --input N,N,... what weave_input() answers\n"
	"  --outcomes      list the outcomes there are\n"
	"  --signals       how many were sent is part of an outcome\n"
	"  --states N      at most (5000000)\n"
	"  --steps N       of one execution, at most (1000)\n"
	"  --replay WITH_STEPS  show that execution; of one model\n";

enum {
	WITH_MODEL = 1,
	WITH_EXPECT,
	WITH_INPUT,
	WITH_OUTCOMES,
	WITH_SIGNALS,
	WITH_STATES,
	WITH_STEPS,
	WITH_REPLAY,
	WITH_HELP,
	WITH_VERSION,
};

static const struct option table[] = {
	{"model", required_argument, NULL, WITH_MODEL},
	{"expect", required_argument, NULL, WITH_EXPECT},
	{"input", required_argument, NULL, WITH_INPUT},
	{"outcomes", no_argument, NULL, WITH_OUTCOMES},
	{"signals", no_argument, NULL, WITH_SIGNALS},
	{"states", required_argument, NULL, WITH_STATES},
	{"steps", required_argument, NULL, WITH_STEPS},
	{"replay", required_argument, NULL, WITH_REPLAY},
	{"help", no_argument, NULL, WITH_HELP},
	{"version", no_argument, NULL, WITH_VERSION},
	{0},
};

static int refuse(const char *option, const char *text)
{
	fprintf(stderr, "lab-weave: --%s: %s: not understood\n", option, text);
	return -EINVAL;
}

/* Numbers between commas; how many, or -EINVAL. */
static int numbers_parse(const char *text, uint64_t *to, int most)
{
	int n = 0;

	for (;;) {
		char *end;

		errno = 0;
		if (n == most || *text < '0' || *text > '9')
			return -EINVAL;
		to[n++] = strtoull(text, &end, 10);
		if (errno || (*end && *end != ','))
			return -EINVAL;
		if (!*end)
			return n;
		text = end + 1;
	}
}

static int models_parse(struct options *o, const char *text)
{
	o->models = 0;
	while (*text) {
		size_t length = strcspn(text, ",");
		uint32_t i = 0;

		while (i < OPTIONS_MODELS && (strlen(model_name[i]) != length ||
					      memcmp(model_name[i], text, length)))
			i++;
		if (i == OPTIONS_MODELS || o->models == OPTIONS_MODELS)
			return -EINVAL;
		o->model[o->models++] = (enum model)i;
		text += length + (text[length] == ',');
	}
	return o->models ? 0 : -EINVAL;
}

static int option_take(struct options *o, int option)
{
	uint64_t number = 0;
	int status = 0;

	switch (option) {
	case WITH_MODEL:
		return models_parse(o, optarg);
	case WITH_EXPECT:
		o->expect = optarg;
		return 0;
	case WITH_INPUT:
		o->input_text = optarg;
		return numbers_parse(optarg, o->input, STEP_INPUTS);
	case WITH_OUTCOMES:
		o->outcomes = true;
		return 0;
	case WITH_SIGNALS:
		o->signals = true;
		return 0;
	case WITH_REPLAY:
		free(o->replay);
		status = schedule_parse(optarg, &o->replay);
		o->replays = status > 0 ? (uint32_t)status : 0;
		return status;
	default:
		status = numbers_parse(optarg, &number, 1);
		if (status < 0 || number == 0 || number > UINT32_MAX)
			return -EINVAL;
	}
	if (option == WITH_STATES)
		o->states = number;
	else
		o->steps = (uint32_t)number;
	return 0;
}

/* What does not go together, or is missing. */
static int options_look(const struct options *o)
{
	if (!o->program[0]) {
		fprintf(stderr, "lab-weave: which program? (--help)\n");
		return -EINVAL;
	}
	if (o->replay && o->models != 1) {
		fprintf(stderr, "lab-weave: --replay: of which --model?\n");
		return -EINVAL;
	}
	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	int option, index;

	memset(o, 0, sizeof *o);
	o->models = OPTIONS_MODELS;
	for (uint32_t i = 0; i < OPTIONS_MODELS; i++)
		o->model[i] = (enum model)i;
	o->states = 5000000;
	o->steps = 1000;
	while ((option = getopt_long(argc, argv, "+", table, &index)) != -1) {
		if (option == '?')
			return -EINVAL;
		if (option == WITH_HELP || option == WITH_VERSION) {
			fputs(option == WITH_HELP ? usage : PACKAGE_STRING "\n",
			      stdout);
			return 1;
		}
		if (option_take(o, option) < 0)
			return refuse(table[index].name, optarg);
	}
	o->program = argv + optind;
	return options_look(o);
}
