/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_views.c - release and acquire by views: a place has several values at once, in
 * an order of its own, and a thread can read each that is not older than what it knows
 * of. */
#include "config.h"

#include "memory_views.h"

#include <string.h>

enum order { RELAXED, CONSUME, ACQUIRE, RELEASE, ACQ_REL, SEQ_CST };

static bool acquires(uint32_t order)
{
	return order == CONSUME || order == ACQUIRE || order >= ACQ_REL;
}

static bool releases(uint32_t order)
{
	return order >= RELEASE;
}

static bool is_sem(const struct op *op)
{
	return op->kind == OP_WAIT || op->kind == OP_SIGNAL;
}

/* May that message be what the operation reads, or, of a store, comes next to?  Between
 * one that was read and what was written in the same operation nothing ever comes. */
static bool message_fits(const struct op *op, const struct message *m, bool newest)
{
	uint64_t value;

	if (!memory_result(op, m->value, &value))
		return true;
	return newest || !m[1].attached;
}

/* The way'th from the newest on that the operation can use, or -1; their number if way
 * is UINT32_MAX. */
static int message_find(struct state *s, uint32_t t, const struct op *op,
			uint32_t place, uint32_t way)
{
	const struct message *m = state_place(s, place);
	uint32_t newest = s->count[place] - 1u, oldest = s->thread[t].now.seen[place];
	uint32_t found = 0;

	if (op->order == SEQ_CST && s->fenced.seen[place] > oldest)
		oldest = s->fenced.seen[place];
	for (uint32_t at = newest + 1; at > oldest; at--)
		if (message_fits(op, &m[at - 1], at - 1 == newest) && found++ == way)
			return (int)at - 1;
	return way == UINT32_MAX ? (int)found : -1;
}

/* To find, after a pause, something newer at one of the places it had looked at. */
static int pause_find(struct state *s, uint32_t t, uint32_t way, uint32_t *place)
{
	const struct thread *self = &s->thread[t];
	uint32_t found = 0;

	for (uint32_t i = 0; i < STATE_PLACES; i++) {
		if (!(self->looked >> i & 1))
			continue;
		for (uint32_t at = s->count[i]; at > self->now.seen[i] + 1u; at--) {
			*place = i;
			if (found++ == way)
				return (int)at - 1;
		}
	}
	return (int)found;
}

uint32_t views_ways(struct state *s, uint32_t t, const struct op *op, uint32_t place)
{
	uint32_t unused;

	if (op->kind == OP_PAUSE)
		return (uint32_t)pause_find(s, t, UINT32_MAX, &unused);
	if (op->kind == OP_FENCE)
		return 1;
	if (is_sem(op))
		return op->kind == OP_SIGNAL || memory_newest(s, place) > 0;
	return (uint32_t)message_find(s, t, op, place, UINT32_MAX);
}

static void fence_do(struct state *s, struct thread *self, uint32_t order)
{
	if (acquires(order))
		view_join(&self->now, &self->acquired);
	if (order == SEQ_CST) {
		/* Positions only: what happened before is not told by fences alone. */
		for (uint32_t i = 0; i < STATE_PLACES; i++) {
			uint8_t *ours = &self->now.seen[i], *all = &s->fenced.seen[i];

			*ours = *all = *ours > *all ? *ours : *all;
		}
	}
	if (releases(order))
		self->released = self->now;
}

/* Reads a message; the view that goes on with what is written in the same operation. */
static struct view message_read(struct thread *self, const struct message *m,
				uint32_t place, uint32_t position, uint32_t order)
{
	const struct view view = m->view;

	self->now.seen[place] = (uint8_t)position;
	if (acquires(order))
		view_join(&self->now, &view);
	else
		view_join(&self->acquired, &view);
	return view;
}

static int message_write(struct state *s, uint32_t t, uint32_t place, uint32_t position,
			 uint32_t order, struct message *m)
{
	struct thread *self = &s->thread[t];
	int status;

	view_join(&m->view, releases(order) ? &self->now : &self->released);
	status = state_insert(s, place, position, m);
	if (status < 0)
		return status;
	state_place(s, place)[position].view.seen[place] = (uint8_t)position;
	self->now.seen[place] = (uint8_t)position;
	if (order == SEQ_CST && s->fenced.seen[place] < position)
		s->fenced.seen[place] = (uint8_t)position;
	return 0;
}

/* A semaphore has one value; who waited knows what those knew who signalled. */
static void sem_do(struct state *s, struct thread *self, const struct op *op,
		   uint32_t place)
{
	struct message *m = state_place(s, place);

	memory_result(op, m->value, &m->value);
	if (op->kind == OP_WAIT)
		view_join(&self->now, &m->view);
	else
		view_join(&m->view, &self->now);
}

static void pause_do(struct state *s, uint32_t t, uint32_t way)
{
	uint32_t place = 0;
	int position = pause_find(s, t, way, &place);

	s->thread[t].now.seen[place] = (uint8_t)position;
	s->thread[t].looked = 0;
}

int views_do(struct state *s, uint32_t t, const struct op *op, uint32_t place,
	     uint32_t way, uint64_t *answer)
{
	struct thread *self = &s->thread[t];
	struct message new = {.value = 0};
	uint32_t order = op->order, position;
	bool writes;

	if (op->kind == OP_FENCE)
		return fence_do(s, self, order), 0;
	if (op->kind == OP_PAUSE)
		return pause_do(s, t, way), 0;
	if (is_sem(op))
		return sem_do(s, self, op, place), 0;
	position = (uint32_t)message_find(s, t, op, place, way);
	*answer = state_place(s, place)[position].value;
	writes = memory_result(op, *answer, &new.value);
	if (op->kind != OP_STORE) {
		if (op->kind == OP_CAS && !writes)
			order = op->order_failed;
		new.view = message_read(self, &state_place(s, place)[position], place,
					position, order);
		new.attached = 1;
		self->looked |= UINT32_C(1) << place;
	}
	return writes ? message_write(s, t, place, position + 1, order, &new) : 0;
}
