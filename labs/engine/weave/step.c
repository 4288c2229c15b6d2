/* SPDX-License-Identifier: BSD-2-Clause */
/* step.c - a step is one atomic operation, or wait, or signal, and whatever its thread
 * does then that nobody can notice the moment of. */
#include "config.h"

#include "step.h"

#include "cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void find(struct machine *m, enum finding_kind kind, uint32_t thread,
		 uint32_t other, const struct op *op)
{
	if (kind == FINDING_NONE || m->finding.kind != FINDING_NONE)
		return;
	m->finding.kind = kind;
	m->finding.thread = thread;
	m->finding.other = other;
	m->finding.op = *op;
}

static struct event *trace_add(struct machine *m, uint32_t thread)
{
	struct trace *trace = m->trace;
	struct event *event;

	if (!trace)
		return NULL;
	if (trace->events == trace->room) {
		uint32_t room = trace->room ? 2 * trace->room : 256;

		event = realloc(trace->event, room * sizeof *event);
		if (!event)
			return NULL;
		trace->event = event;
		trace->room = room;
	}
	event = &trace->event[trace->events++];
	memset(event, 0, sizeof *event);
	event->thread = thread;
	event->step = trace->step;
	return event;
}

static void trace_op(struct machine *m, uint32_t thread, const struct op *op,
		     uint64_t answer, uint64_t newest)
{
	struct event *event = trace_add(m, thread);

	if (!event)
		return;
	event->op = *op;
	event->answer = answer;
	event->newest = newest;
}

/* Is it plain, of what is atomic elsewhere? */
static bool plain_mixes(const struct machine *m, const struct op *op)
{
	for (uint32_t p = 0; p < m->memory.places; p++)
		if (m->memory.place[p].at < op->at + op->size &&
		    op->at < m->memory.place[p].at + m->memory.place[p].size)
			return true;
	return false;
}

/* What the thread told before it asked. */
static void told_do(struct machine *m, struct state *s, uint32_t t)
{
	const struct node *n = &m->history->node[s->thread[t].node];
	enum finding_kind kind;
	uint32_t other = t;

	for (uint32_t i = 0; i + 1 < n->ops && !m->finding.kind; i++) {
		const struct op *op = &n->op[i];

		trace_op(m, t, op, 0, 0);
		if (op->kind == OP_FAILED)
			find(m, FINDING_CHECK, t, t, op);
		if (op->kind != OP_WRITE)
			continue;
		if (plain_mixes(m, op))
			find(m, FINDING_MIXED, t, t, op);
		kind = cells_write(s, t, op, &other);
		find(m, kind, t, other, op);
	}
}

static void thread_ends(struct thread *self)
{
	self->done = 1;
	self->looked = self->changed = 0;
	memset(self->now.seen, 0, sizeof self->now.seen);
	memset(&self->acquired, 0, sizeof self->acquired);
	memset(&self->released, 0, sizeof self->released);
}

/* What is asked, if it can be answered at once. */
static bool asked_do(struct machine *m, struct state *s, uint32_t t,
		     const struct op *op, uint64_t *answer)
{
	enum finding_kind kind;
	uint32_t other = t;
	int status;

	*answer = 0;
	switch (op->kind) {
	case OP_READ:
		if (plain_mixes(m, op))
			find(m, FINDING_MIXED, t, t, op);
		kind = cells_read(s, t, op, m->history->program, answer, &other);
		find(m, kind, t, other, op);
		return true;
	case OP_INPUT:
		*answer = op->at < STEP_INPUTS ? m->input[op->at] : 0;
		return true;
	case OP_AGAIN:
	case OP_MORE:
		return true;
	case OP_DIED:
		find(m, FINDING_DIED, t, t, op);
		return false;
	case OP_DONE:
		thread_ends(&s->thread[t]);
		return false;
	default:
		break;
	}
	status = memory_touch(&m->memory, s, op);
	if (status < 0)
		find(m, status == -EINVAL ? FINDING_MIXED : FINDING_LARGE, t, t, op);
	if (status < 0 || !memory_at_once(&m->memory, s, t, op))
		return false;
	memory_do(&m->memory, s, t, op, 0, answer);
	s->thread[t].now.clock[t]++;
	return true;
}

/* Until the thread asks for what others could notice; what it told, if that is news. */
static int thread_settle(struct machine *m, struct state *s, uint32_t t, bool news)
{
	for (;; news = true) {
		struct op op;
		uint64_t answer;
		int node;

		if (news)
			told_do(m, s, t);
		if (m->finding.kind)
			return 0;
		op = *history_asked(m->history, s->thread[t].node);
		if (!asked_do(m, s, t, &op, &answer))
			return 0;
		trace_op(m, t, &op, answer, answer);
		if (m->finding.kind)
			return 0;
		if (op.kind == OP_AGAIN)
			s->thread[t].node = history_same(m->history, s->thread[t].node);
		node = history_next(m->history, s->thread[t].node, answer);
		if (node < 0)
			return node;
		s->thread[t].node = (uint32_t)node;
	}
}

static int thread_begin(struct machine *m, struct state *s, uint32_t t)
{
	int node = history_first(m->history, t);

	if (node < 0)
		return node;
	s->thread[t].node = (uint32_t)node;
	s->thread[t].started = 1;
	s->thread[t].now.clock[t] = 1;
	return thread_settle(m, s, t, true);
}

int step_begin(struct machine *m, struct state *s)
{
	int status = 0;

	memset(s, 0, sizeof *s);
	m->finding.kind = FINDING_NONE;
	for (uint32_t t = 0; t < m->history->program->threads && status == 0; t++)
		status = thread_begin(m, s, t);
	return status;
}

uint32_t step_choices(const struct machine *m, struct state *s, struct choice *list)
{
	uint32_t n = 0;

	for (uint32_t t = 0; t < STATE_THREADS; t++) {
		struct thread *self = &s->thread[t];
		uint32_t ways = 0;

		if (self->started && !self->done)
			ways = memory_ways(&m->memory, s, t,
					   history_asked(m->history, self->node));
		for (uint32_t way = 0; way < ways && n < STEP_CHOICES - 1; way++)
			list[n++] = (struct choice){.thread = (uint8_t)t,
						    .kind = CHOICE_GO,
						    .way = (uint16_t)way};
		if (self->stores && n < STEP_CHOICES)
			list[n++] = (struct choice){.thread = (uint8_t)t,
						    .kind = CHOICE_FLUSH};
	}
	return n;
}

static void flush_do(struct machine *m, struct state *s, uint32_t t)
{
	uint64_t value = s->thread[t].store[0].value;
	uint32_t place = memory_flush(s, t);
	struct event *event = trace_add(m, t);

	if (!event)
		return;
	event->flush = true;
	event->op.at = m->memory.place[place].at;
	event->op.value = value;
}

static int go(struct machine *m, struct state *s, struct choice choice)
{
	struct thread *self = &s->thread[choice.thread];
	const struct op op = *history_asked(m->history, self->node);
	uint64_t answer, newest = 0;
	int node, place = memory_touch(&m->memory, s, &op);

	if (op.kind != OP_FENCE && op.kind != OP_PAUSE && place >= 0)
		newest = memory_newest(s, (uint32_t)place);
	if (memory_do(&m->memory, s, choice.thread, &op, choice.way, &answer) < 0)
		find(m, FINDING_LARGE, choice.thread, choice.thread, &op);
	trace_op(m, choice.thread, &op, answer, newest);
	if (m->finding.kind)
		return 0;
	self->now.clock[choice.thread]++;
	s->signals += m->signals && op.kind == OP_SIGNAL;
	node = history_next(m->history, self->node, answer);
	if (node < 0)
		return node;
	self->node = (uint32_t)node;
	return 0;
}

int step_do(struct machine *m, struct state *s, struct choice choice)
{
	int status = 0;

	if (m->trace)
		m->trace->step++;
	m->finding.kind = FINDING_NONE;
	if (choice.kind == CHOICE_FLUSH)
		flush_do(m, s, choice.thread);
	else
		status = go(m, s, choice);
	if (status == 0 && !m->finding.kind)
		status = thread_settle(m, s, choice.thread, choice.kind == CHOICE_GO);
	state_prune(s);
	return status;
}

/* May a thread that has not ended stay as it is? */
static bool thread_may_stay(const struct machine *m, const struct state *s, uint32_t t)
{
	const struct thread *self = &s->thread[t];

	return !self->started || self->done ||
	       (m->history->program->may_sleep[t] &&
		history_asked(m->history, self->node)->kind == OP_WAIT);
}

static void trace_stuck(struct machine *m, const struct state *s, uint32_t t)
{
	struct event *event = trace_add(m, t);

	if (!event)
		return;
	event->op = *history_asked(m->history, s->thread[t].node);
	event->stuck = true;
}

int step_end(struct machine *m, struct state *s)
{
	const struct program *p = m->history->program;

	for (uint32_t t = 0; t < STATE_THREADS; t++) {
		if (thread_may_stay(m, s, t))
			continue;
		find(m, FINDING_STUCK, t, t,
		     history_asked(m->history, s->thread[t].node));
		trace_stuck(m, s, t);
	}
	if (m->finding.kind || !p->finishes || s->thread[p->threads].started)
		return 0;
	memory_know_all(s, p->threads);
	return thread_begin(m, s, p->threads) < 0 ? -ECHILD : 1;
}
