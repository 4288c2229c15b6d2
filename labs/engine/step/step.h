/* SPDX-License-Identifier: BSD-2-Clause */
/* step.h - the engine `step`: looks for a schedule that breaks a compiled program, or
   runs it under a given one.  Interleavings of instructions are what it knows, in one
   order that all threads see; an instruction that loads and stores without being atomic
   counts as two. */
#ifndef LAB_STEP_H
#define LAB_STEP_H

#include <stdbool.h>
#include <stdio.h>

#include "box.h"
#include "turns.h"

enum { STEP_STATUS_ANY = -1 };

struct step_options {
	char *const *argv; /* the program, with a slash in its name, and arguments */
	const char *const
		*names; /* functions under test, patterns as of glob(7), or NULL */
	const char *const
		*objects; /* object files whose functions are under test, or NULL */
	const char *const *checks; /* "VARIABLE OPERATOR VALUE", at the end, or NULL */
	int status;         /* the exit status it must end with, or STEP_STATUS_ANY */
	unsigned switches;  /* from a thread that could go on: so many at most */
	unsigned schedules; /* so many are tried at most */
	unsigned steps;     /* instructions and system calls of one run */
	bool every;         /* switch at each instruction, even of no consequence */
	struct box_plan box;
	/* The command that replays, as it is printed: with the schedule between the
	   two; NULL: none. */
	const char *again, *behind;
};

void step_options_init(struct step_options *options);

/* 0: no schedule breaks it; 1: one does; -EINVAL: no such program, options that make no
   sense; another -errno: could not be done.  What was found is printed, the same in
   every run; what is wrong goes to standard error, a line. */
int step_search(const struct step_options *options, FILE *out);
int step_replay(const struct step_options *options, const struct turns *turns,
		FILE *out);

#endif
