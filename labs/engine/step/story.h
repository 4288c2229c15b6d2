/* SPDX-License-Identifier: BSD-2-Clause */
/* story.h - what happened in one run, told in columns, a thread each, with source
   lines.  All calls may be given NULL for the story, then there is none. */
#ifndef LAB_STEP_STORY_H
#define LAB_STEP_STORY_H

#include <stdint.h>
#include <stdio.h>

#include "execution.h"

struct story;

struct story *story_new(void); /* NULL: out of memory */
void story_free(struct story *story);

/* The thread has executed the instruction t->next at t->at; `loaded` is what it read.
 */
void story_step(struct story *story, struct execution *x, const struct thread *t,
		uint64_t loaded);
/* It has executed half of it. */
void story_half(struct story *story, struct execution *x, const struct thread *t);
/* It calls t->call.function. */
void story_call(struct story *story, struct execution *x, const struct thread *t);
/* It was switched from; it gave up its turn by itself (enum advance). */
void story_switch(struct story *story, const struct thread *t);
void story_pause(struct story *story, const struct thread *t, int advance);

/* Prints it; source lines are found with addr2line(1), if there is one. */
void story_print(const struct story *story, const char *program, FILE *out);

#endif
