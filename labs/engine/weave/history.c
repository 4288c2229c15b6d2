/* SPDX-License-Identifier: BSD-2-Clause */
/* history.c - the tree, and when to run the program. */
#include "config.h"

#include "history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_FIRST = 1024, NODES_MOST = 1 << 24 };

int history_open(struct history *h, struct program *program)
{
	memset(h, 0, sizeof *h);
	h->program = program;
	h->room = NODES_FIRST;
	h->nodes = 1;
	h->node = calloc(h->room, sizeof *h->node);
	return h->node ? 0 : -ENOMEM;
}

void history_close(struct history *h)
{
	for (uint32_t i = 1; i < h->nodes; i++)
		free(h->node[i].op);
	free(h->node);
	free(h->again);
}

static int node_new(struct history *h, uint32_t *number)
{
	if (h->nodes == h->room) {
		struct node *more =
			h->room < NODES_MOST
				? realloc(h->node, 2 * h->room * sizeof *more)
				: NULL;

		if (!more)
			return -ENOMEM;
		h->node = more;
		h->room *= 2;
	}
	*number = h->nodes++;
	memset(&h->node[*number], 0, sizeof *h->node);
	return 0;
}

static uint64_t observe(uint64_t observed, const struct node *n)
{
	for (uint32_t i = 0; i + 1 < n->ops; i++)
		if (n->op[i].kind == OP_OBSERVE)
			observed = page_trail(observed, &n->op[i]);
	return observed;
}

/* What the program told becomes a node. */
static int node_add(struct history *h, uint32_t thread, uint32_t parent,
		    uint64_t answer, const struct told *told)
{
	uint32_t number = 0;
	int status;

	if (told->trail != (parent ? h->node[parent].trail : 0) &&
	    told->op[0].kind != OP_DIED)
		return -EILSEQ;
	status = node_new(h, &number);
	if (status < 0)
		return status;
	struct node *n = &h->node[number];

	n->op = malloc(told->ops * sizeof *n->op);
	if (!n->op)
		return -ENOMEM;
	memcpy(n->op, told->op, told->ops * sizeof *n->op);
	n->ops = told->ops;
	n->thread = thread;
	n->parent = parent;
	n->answer = answer;
	n->trail = page_trail(told->trail, &n->op[n->ops - 1]);
	n->observed = observe(parent ? h->node[parent].observed : 0, n);
	if (parent) {
		n->depth = h->node[parent].depth + 1;
		n->next = h->node[parent].child;
		h->node[parent].child = number;
	}
	return (int)number;
}

/* Runs the program from the beginning of that thread, through all its answers. */
static int history_run(struct history *h, uint32_t thread, uint32_t parent,
		       uint64_t answer, struct told *told, uint32_t *lane)
{
	static uint64_t answers[PAGE_ANSWERS];
	uint32_t n = parent ? h->node[parent].depth + 1 : 0;

	if (n > PAGE_ANSWERS)
		return -E2BIG;
	for (uint32_t at = parent, i = n; i > 0; at = h->node[at].parent) {
		answers[--i] = answer;
		answer = h->node[at].answer;
	}
	return program_begin(h->program, thread, answers, n, told, lane);
}

static int history_ask(struct history *h, uint32_t thread, uint32_t parent,
		       uint64_t answer)
{
	static struct told told;
	uint32_t lane;
	int status = -ENOENT;

	if (parent)
		status = program_continue(h->program, parent, answer, &told, &lane);
	if (status == -ENOENT)
		status = history_run(h, thread, parent, answer, &told, &lane);
	if (status < 0)
		return status;
	status = node_add(h, thread, parent, answer, &told);
	if (status > 0 && told.op[0].kind != OP_DIED)
		program_stands(h->program, lane, (uint32_t)status);
	return status;
}

static bool node_same(const struct history *h, uint32_t a, uint32_t b)
{
	const struct op *one = history_asked(h, a), *other = history_asked(h, b);

	return h->node[a].thread == h->node[b].thread && one->pc == other->pc &&
	       one->value == other->value && h->node[a].observed == h->node[b].observed;
}

/* Without memory for it, each is the first of its kind. */
static void again_add(struct history *h, uint32_t node)
{
	if (h->agains == h->again_room) {
		uint32_t room = h->again_room ? 2 * h->again_room : 64;
		uint32_t *more = realloc(h->again, room * sizeof *more);

		if (!more)
			return;
		h->again = more;
		h->again_room = room;
	}
	h->again[h->agains++] = node;
}

uint32_t history_same(struct history *h, uint32_t node)
{
	struct node *n = &h->node[node];

	for (uint32_t i = 0; i < h->agains && !n->same; i++)
		if (node_same(h, h->again[i], node))
			n->same = h->again[i];
	if (!n->same) {
		n->same = node;
		again_add(h, node);
	}
	return n->same;
}

int history_first(struct history *h, uint32_t thread)
{
	int status = (int)h->first[thread];

	if (status > 0)
		return status;
	status = history_ask(h, thread, 0, 0);
	if (status > 0)
		h->first[thread] = (uint32_t)status;
	return status;
}

int history_next(struct history *h, uint32_t node, uint64_t answer)
{
	for (uint32_t i = h->node[node].child; i; i = h->node[i].next)
		if (h->node[i].answer == answer)
			return (int)i;
	return history_ask(h, h->node[node].thread, node, answer);
}
