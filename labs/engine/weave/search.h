/* SPDX-License-Identifier: BSD-2-Clause */
/* search.h - all executions, depth first; a state that was met before is not entered
 * again. */
#ifndef WEAVE_SEARCH_H
#define WEAVE_SEARCH_H

#include "step.h"

enum {
	SEARCH_OUTCOME = 256,   /* characters */
	SEARCH_OUTCOMES = 4096, /* different ones */
	SEARCH_NO_BOUND = UINT16_MAX,
};

struct search_limits {
	uint64_t states;
	uint32_t steps; /* of one execution */
	/* Switches away from a thread that could go on, and values read that are not
	 * the newest, together: few make executions that are easy to read (after
	 * Musuvathi and Qadeer, Iterative Context Bounding, PLDI 2007). */
	uint16_t detours;
	uint32_t length; /* longer executions are not looked at; 0: all are */
};

struct outcome {
	char text[SEARCH_OUTCOME];
	uint64_t ends; /* states in which executions ended with it */
};

struct search {
	struct machine *machine;
	struct search_limits limits;
	const char *expect;     /* the only outcome there should be, or NULL */
	uint64_t states, steps; /* of the search: met, done */
	uint64_t ends;          /* states in which executions ended */
	uint32_t longest;       /* execution, in steps */
	bool full;              /* it stopped at limits.states */
	struct choice *path;    /* to the finding */
	uint32_t path_length;
	struct outcome *outcome; /* room for SEARCH_OUTCOMES, or NULL */
	uint32_t outcomes;
};

/* 1: there is a finding, in machine->finding, at the end of path; 0: there is none, or
 * none within limits; -errno as step_begin(). */
int search_run(struct search *s);
void search_close(struct search *s);

/* Does just those steps; as step_do().  -EINVAL where one cannot be done. */
int search_replay(const struct search *s, char outcome[SEARCH_OUTCOME]);
#endif
