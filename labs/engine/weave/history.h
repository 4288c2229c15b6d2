/* SPDX-License-Identifier: BSD-2-Clause */
/* history.h - all that each thread did, as a tree: a node is what it asks after a
 * certain row of answers, a branch another answer.  A thread knows nothing of the
 * others but its answers; so a node is all there is to know about a thread's own state,
 * and the program need be run only for what has never been asked. */
#ifndef WEAVE_HISTORY_H
#define WEAVE_HISTORY_H

#include "program.h"

struct node {
	uint32_t parent, child, next; /* 0: none */
	uint32_t thread, depth;
	uint32_t ops;
	struct op *op;     /* the last is asked, those before it were told */
	uint64_t answer;   /* that led here */
	uint64_t trail;    /* page_trail() with what is asked here */
	uint64_t observed; /* all that was, on the way here */
	uint32_t same; /* where OP_AGAIN is asked: the first such node, once known */
};

struct history {
	struct program *program;
	struct node *node; /* from 1 */
	uint32_t nodes, room;
	uint32_t first[PAGE_THREADS];
	uint32_t *again, agains, again_room; /* the first nodes of each kind */
};

int history_open(struct history *h, struct program *program);
void history_close(struct history *h);

/* Where a thread begins, and where it gets to when it is answered.  The node, or
 * -errno: -ECHILD the program is gone, -EPROTO it talks nonsense, -EILSEQ it was
 * answered as before and did something else, -E2BIG it asks too much. */
int history_first(struct history *h, uint32_t thread);
int history_next(struct history *h, uint32_t node, uint64_t answer);

/* Where a thread says that it remembers no more than that: the first node at which it
 * said so, from the same line, having observed the same. */
uint32_t history_same(struct history *h, uint32_t node);

/* What is asked at a node. */
static inline const struct op *history_asked(const struct history *h, uint32_t node)
{
	return &h->node[node].op[h->node[node].ops - 1];
}
#endif
