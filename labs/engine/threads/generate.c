/* SPDX-License-Identifier: BSD-2-Clause */
/* generate.c - random plays: each step is drawn among what the model allows there, such
 * that somebody can always run, and in the end everybody has been woken and joined. */
#include "config.h"

#include "challenge.h"
#include "threads.h"

#include <string.h>

enum { DRAWS = 40 };

struct generator {
	struct model model;
	struct script *scripts;
	unsigned seed, number, drawn, threads, steps; /* at most so many of them */
};

static unsigned draw(struct generator *g, unsigned below)
{
	return (unsigned)(challenge_mix(g->seed, CHALLENGE_LOAD, g->drawn++,
					g->number) %
			  below);
}

/* Who might wait for ever is not let go. */
static bool harmless(const struct generator *g, struct script_op op)
{
	const struct model *m = &g->model;

	switch (op.verb) {
	case SCRIPT_BLOCK:
	case SCRIPT_EXIT:
		return m->ready > 0;
	case SCRIPT_JOIN: /* only of younger ones, so that they do not wait in a ring */
		return op.other > m->running &&
		       (m->state[op.other] == MODEL_ENDED || m->ready > 0);
	case SCRIPT_CREATE:
		return op.other < g->threads;
	default:
		return true;
	}
}

static bool pick(struct generator *g, enum script_verb verb, struct script_op *op)
{
	for (unsigned i = 0; i < g->threads; i++) {
		*op = (struct script_op){verb, script_has_other(verb) ? i : 0};
		if (model_allows(&g->model, *op) && harmless(g, *op) && draw(g, 3) == 0)
			return true;
	}
	return false;
}

static struct script_op step_draw(struct generator *g)
{
	static const enum script_verb verbs[] = {
		SCRIPT_YIELD,  SCRIPT_YIELD,  SCRIPT_BLOCK, SCRIPT_WAKE,   SCRIPT_WAKE,
		SCRIPT_CREATE, SCRIPT_CREATE, SCRIPT_JOIN,  SCRIPT_STACKS, SCRIPT_EXIT};
	struct script_op op;

	for (unsigned i = 0; i < DRAWS; i++)
		if (pick(g, verbs[draw(g, sizeof verbs / sizeof *verbs)], &op))
			return op;
	return (struct script_op){SCRIPT_YIELD, 0};
}

static unsigned find(const struct model *m, enum model_state state)
{
	unsigned i = 1;

	while (i < SCRIPT_THREADS &&
	       (m->state[i] != state || (m->claimed[i] && state != MODEL_BLOCKED)))
		i++;
	return i % SCRIPT_THREADS;
}

/* Towards the end: wake all, then main() joins all. */
static struct script_op step_last(struct generator *g)
{
	const struct model *m = &g->model;
	static const enum model_state left[] = {MODEL_ENDED, MODEL_READY,
						MODEL_JOINING};

	if (m->state[0] == MODEL_BLOCKED)
		return (struct script_op){SCRIPT_WAKE, 0};
	unsigned other = find(m, MODEL_BLOCKED);

	if (other)
		return (struct script_op){SCRIPT_WAKE, other};
	for (unsigned i = 0; !m->running && i < sizeof left / sizeof *left; i++)
		if ((other = find(m, left[i])))
			return (struct script_op){SCRIPT_JOIN, other};
	return (struct script_op){SCRIPT_RETURN, 0};
}

void generate(unsigned seed, unsigned number, struct script scripts[])
{
	static struct generator g;

	g = (struct generator){.scripts = scripts, .seed = seed, .number = number};
	g.threads = 3 + number / 4 < 9 ? 3 + number / 4 : 9;
	g.steps = 6 + 3 * number < 200 ? 6 + 3 * number : 200;
	memset(scripts, 0, SCRIPT_THREADS * sizeof *scripts);
	model_init(&g.model);
	for (unsigned i = 0; !g.model.over; i++) {
		struct script *s = &scripts[g.model.running];
		bool last = i >= g.steps || s->count > SCRIPT_OPS - 2 * SCRIPT_THREADS;
		struct script_op op = last ? step_last(&g) : step_draw(&g);

		if (op.verb != SCRIPT_RETURN)
			s->ops[s->count++] = op;
		model_step(&g.model, op);
	}
}
