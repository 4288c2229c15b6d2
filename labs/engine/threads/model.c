/* SPDX-License-Identifier: BSD-2-Clause */
/* model.c - threads as thread.h promises them, without stacks: who runs when. */
#include "config.h"

#include "threads.h"

#include <string.h>

static void emit(struct model *m, struct event event)
{
	event.alive = m->alive;
	m->events[m->count++] = event;
}

static void ready_put(struct model *m, unsigned who)
{
	m->state[who] = MODEL_READY;
	m->queue[(m->first + m->ready++) % SCRIPT_THREADS] = who;
}

/* Who comes back from a join tells the result. */
static void join_end(struct model *m, unsigned who)
{
	unsigned target = m->target[who];

	m->target[who] = 0;
	m->state[target] = MODEL_GONE;
	emit(m, (struct event){EVENT_JOINED, who, {SCRIPT_JOIN, target}, 0});
}

static void next_run(struct model *m)
{
	if (!m->ready) {
		m->over = true;
		emit(m, (struct event){EVENT_STUCK, m->running, {0}, 0});
		return;
	}
	m->running = m->queue[m->first++ % SCRIPT_THREADS];
	m->ready--;
	if (m->target[m->running])
		join_end(m, m->running);
}

void model_init(struct model *m)
{
	memset(m, 0, sizeof *m);
	m->state[0] = MODEL_READY;
}

bool model_allows(const struct model *m, struct script_op op)
{
	enum model_state other = m->state[op.other];

	switch (op.verb) {
	case SCRIPT_CREATE:
		return other == MODEL_NONE;
	case SCRIPT_WAKE:
		return other != MODEL_NONE && other != MODEL_GONE;
	case SCRIPT_JOIN:
		return op.other && op.other != m->running && other != MODEL_NONE &&
		       !m->claimed[op.other];
	case SCRIPT_EXIT:
		return m->running != 0;
	default:
		return true;
	}
}

static void end(struct model *m)
{
	unsigned who = m->running;

	if (!who) {
		m->over = true;
		emit(m, (struct event){EVENT_END, 0, {0}, 0});
		return;
	}
	m->state[who] = MODEL_ENDED;
	m->alive--;
	if (m->claimed[who])
		ready_put(m, m->joiner[who]);
	next_run(m);
}

static void join(struct model *m, unsigned other)
{
	m->claimed[other] = true;
	m->joiner[other] = m->running;
	m->target[m->running] = other;
	if (m->state[other] == MODEL_ENDED) {
		join_end(m, m->running);
		return;
	}
	m->state[m->running] = MODEL_JOINING;
	next_run(m);
}

void model_step(struct model *m, struct script_op op)
{
	emit(m, (struct event){EVENT_OP, m->running, op, 0});
	switch (op.verb) {
	case SCRIPT_YIELD:
		ready_put(m, m->running);
		next_run(m);
		break;
	case SCRIPT_BLOCK:
		m->state[m->running] = MODEL_BLOCKED;
		next_run(m);
		break;
	case SCRIPT_WAKE:
		if (m->state[op.other] == MODEL_BLOCKED)
			ready_put(m, op.other);
		break;
	case SCRIPT_CREATE:
		m->alive++;
		ready_put(m, op.other);
		break;
	case SCRIPT_JOIN:
		join(m, op.other);
		break;
	case SCRIPT_EXIT:
	case SCRIPT_RETURN:
		end(m);
		break;
	case SCRIPT_STACKS:
		break;
	}
}

bool model_play(struct model *m, const struct script scripts[])
{
	unsigned at[SCRIPT_THREADS] = {0};

	model_init(m);
	while (!m->over) {
		struct script_op op = scripts[m->running].ops[at[m->running]++];

		if (!model_allows(m, op))
			return false;
		model_step(m, op);
	}
	return true;
}
