/* SPDX-License-Identifier: BSD-2-Clause */
/* program.h - the program under test, as the judge sees it: threads that say what they
 * do next, given the answers to all they asked so far. */
#ifndef WEAVE_PROGRAM_H
#define WEAVE_PROGRAM_H

#include "box.h"
#include "page.h"

/* A child of the program that stands in a lane and waits for an answer. */
struct child {
	bool alive;
	uint32_t node; /* where it stands in its thread's histories */
	uint64_t used; /* when, by program.uses */
};

struct program {
	struct wire wire;
	struct page *page;
	struct box box;
	struct box_limits limits; /* of the box: to tell which was met */
	bool started;
	uint32_t threads; /* finish() is one more, if there is one */
	bool finishes, may_sleep[PAGE_THREADS];
	char name[PAGE_THREADS][PAGE_TEXT];
	struct range range[PAGE_RANGES];
	uint32_t ranges;
	struct child child[PAGE_LANES];
	uint64_t uses;
};

/* What the program told since it was last answered; the last of them it asks. */
struct told {
	uint32_t ops;
	uint64_t trail; /* of all it had asked before */
	struct op op[PAGE_OPS];
};

/* Starts it and lets it prepare itself.  0, -errno, or -ECHILD if it ended instead:
 * then `end` says how. */
int program_start(struct program *p, char *const argv[], struct box_end *end);
void program_end(struct program *p);

/* The child that stands at that node goes on with an answer: -ENOENT if there is none.
 */
int program_continue(struct program *p, uint32_t node, uint64_t answer,
		     struct told *told, uint32_t *lane);

/* A new child of that thread gets n answers at once. */
int program_begin(struct program *p, uint32_t thread, const uint64_t *answers,
		  uint32_t n, struct told *told, uint32_t *lane);

/* The child in that lane stands at that node now. */
void program_stands(struct program *p, uint32_t lane, uint32_t node);

/* What that memory is called, or NULL; `into` is how far into it that address is. */
const char *program_name_of(const struct program *p, uint64_t at, uint64_t *into);

/* Is that memory to be written before it is read? */
bool program_unwritten(const struct program *p, uint64_t at, uint64_t size);
#endif
