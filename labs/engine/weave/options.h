/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h - what lab-weave is asked to do. */
#ifndef WEAVE_OPTIONS_H
#define WEAVE_OPTIONS_H

#include "search.h"

enum { OPTIONS_MODELS = MODEL_RA + 1 };

struct options {
	enum model model[OPTIONS_MODELS];
	uint32_t models;
	uint64_t states;
	uint32_t steps;
	bool outcomes, signals;
	const char *expect;
	const char *input_text; /* as it was given */
	uint64_t input[STEP_INPUTS];
	struct choice *replay; /* NULL: search */
	uint32_t replays;
	char **program;
};

extern const char *const model_name[OPTIONS_MODELS];

/* 0; 1: all was said, exit with 0; -EINVAL: it said why not. */
int options_parse(struct options *o, int argc, char **argv);
#endif
