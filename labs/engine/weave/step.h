/* SPDX-License-Identifier: BSD-2-Clause */
/* step.h - one step of an execution: which there can be, and doing one. */
#ifndef WEAVE_STEP_H
#define WEAVE_STEP_H

#include "finding.h"
#include "memory.h"

enum { STEP_CHOICES = 512, STEP_INPUTS = 16 };

enum choice_kind { CHOICE_GO, CHOICE_FLUSH };

struct choice {
	uint8_t thread, kind;
	uint16_t way;
};

/* What was done, for the picture. */
struct event {
	uint32_t thread, step;
	bool flush, stuck;
	struct op op; /* of a flush: .at is its place */
	uint64_t answer;
	uint64_t newest; /* in that place, where the answer was an older one */
};

struct trace {
	struct event *event;
	uint32_t events, room, step;
};

struct machine {
	struct memory memory;
	struct history *history;
	uint64_t input[STEP_INPUTS];
	bool signals; /* are counted */
	struct finding finding;
	struct trace *trace; /* or NULL */
};

/* All threads at their beginning.  0, or -errno of the program's (history.h); a finding
 * may be there at once. */
int step_begin(struct machine *m, struct state *s);

/* All that can be done next; n, at most STEP_CHOICES. */
uint32_t step_choices(const struct machine *m, struct state *s, struct choice *list);

/* Does it, and all that follows at once.  As step_begin(). */
int step_do(struct machine *m, struct state *s, struct choice choice);

/* Nobody can go on: begins finish(), if that is to come: 1; it is over: 0; or -errno.
 * If it should not be over yet that is a finding. */
int step_end(struct machine *m, struct state *s);
#endif
