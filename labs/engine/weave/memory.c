/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.c - what the models have in common, and SC and TSO, where a place has one
 * value. */
#include "config.h"

#include "memory_views.h"

#include <errno.h>
#include <string.h>

enum { SEQ_CST = 5 };

static int place_find(const struct memory *m, const struct op *op)
{
	for (uint32_t i = 0; i < m->places; i++) {
		const struct place *p = &m->place[i];

		if (p->at == op->at && p->size == op->size)
			return (int)i;
		if (p->at < op->at + op->size && op->at < p->at + p->size)
			return -EINVAL;
	}
	return -ENOENT;
}

int memory_touch(struct memory *m, struct state *s, const struct op *op)
{
	struct message first = {.value = op->was};
	int place = place_find(m, op);

	if (op->kind == OP_FENCE || op->kind == OP_PAUSE || op->kind == OP_DONE)
		return 0;
	if (place == -ENOENT) {
		if (m->places == STATE_PLACES)
			return -ENOSPC;
		place = (int)m->places++;
		m->place[place] = (struct place){.at = op->at, .size = op->size};
	}
	if (place < 0 || s->count[place])
		return place;
	if (cells_touch(s, op->at, op->size))
		return -EINVAL;
	return state_insert(s, (uint32_t)place, 0, &first) < 0 ? -ENOSPC : place;
}

static uint64_t op_mask(const struct op *op)
{
	return op->size >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * op->size) - 1;
}

static uint64_t op_combine(const struct op *op, uint64_t found)
{
	switch (op->kind) {
	case OP_ADD:
		return found + op->value;
	case OP_SUB:
		return found - op->value;
	case OP_AND:
		return found & op->value;
	case OP_OR:
		return found | op->value;
	case OP_XOR:
		return found ^ op->value;
	case OP_NAND:
		return ~(found & op->value);
	case OP_SIGNAL:
		return found + 1;
	case OP_WAIT:
		return found - 1;
	default:
		return op->value;
	}
}

bool memory_result(const struct op *op, uint64_t found, uint64_t *value)
{
	*value = op_combine(op, found) & op_mask(op);
	return op->kind != OP_LOAD &&
	       (op->kind != OP_CAS || found == (op->expect & op_mask(op)));
}

bool memory_at_once(const struct memory *m, const struct state *s, uint32_t t,
		    const struct op *op)
{
	if (op->kind != OP_FENCE)
		return false;
	if (m->model == MODEL_SC || op->order != SEQ_CST)
		return true;
	return m->model == MODEL_TSO && s->thread[t].stores == 0;
}

/* TSO: must the buffer be empty first? */
static bool op_drains(const struct op *op)
{
	switch (op->kind) {
	case OP_LOAD:
	case OP_PAUSE:
		return false;
	case OP_STORE:
	case OP_FENCE:
		return op->order == SEQ_CST;
	default:
		return true;
	}
}

static uint32_t single_ways(const struct memory *m, struct state *s, uint32_t t,
			    const struct op *op)
{
	const struct thread *self = &s->thread[t];

	if (op->kind == OP_PAUSE)
		return self->changed;
	if (op_drains(op) && self->stores)
		return 0;
	if (op->kind == OP_STORE && m->model == MODEL_TSO)
		return self->stores < STATE_STORES;
	if (op->kind == OP_WAIT)
		return memory_newest(s, (uint32_t)place_find(m, op)) > 0;
	return 1;
}

uint32_t memory_ways(const struct memory *m, struct state *s, uint32_t t,
		     const struct op *op)
{
	if (m->model == MODEL_RA)
		return views_ways(s, t, op, (uint32_t)place_find(m, op));
	return single_ways(m, s, t, op);
}

/* A value comes to memory. */
static void single_write(struct state *s, uint32_t t, uint32_t place, uint64_t value,
			 const uint16_t *clock)
{
	struct message *to = state_place(s, place);

	to->value = value;
	memcpy(to->view.clock, clock, sizeof to->view.clock);
	for (uint32_t i = 0; i < STATE_THREADS; i++)
		if (i != t && s->thread[i].looked >> place & 1)
			s->thread[i].changed = 1;
}

uint32_t memory_flush(struct state *s, uint32_t t)
{
	struct thread *self = &s->thread[t];
	const struct store oldest = self->store[0];

	self->stores--;
	memmove(self->store, self->store + 1, self->stores * sizeof oldest);
	single_write(s, t, oldest.place, oldest.value, oldest.clock);
	return oldest.place;
}

static void store_wait(struct thread *self, uint32_t place, uint64_t value)
{
	struct store *to = &self->store[self->stores++];

	memset(to, 0, sizeof *to);
	to->place = (uint8_t)place;
	to->value = value;
	memcpy(to->clock, self->now.clock, sizeof to->clock);
}

/* The newest of the thread's own stores there, or what memory holds. */
static uint64_t single_load(struct state *s, uint32_t t, uint32_t place)
{
	struct thread *self = &s->thread[t];
	const struct message *m = state_place(s, place);

	for (uint32_t i = self->stores; i > 0; i--)
		if (self->store[i - 1].place == place)
			return self->store[i - 1].value;
	clock_join(self->now.clock, m->view.clock);
	return m->value;
}

static uint64_t single_do(const struct memory *m, struct state *s, uint32_t t,
			  const struct op *op)
{
	struct thread *self = &s->thread[t];
	uint32_t place = (uint32_t)place_find(m, op);
	uint64_t found, value;

	if (op->kind == OP_FENCE)
		return 0;
	if (op->kind == OP_PAUSE) {
		self->changed = 0;
		self->looked = 0;
		return 0;
	}
	if (op->kind == OP_STORE && m->model == MODEL_TSO && op->order != SEQ_CST) {
		store_wait(self, place, op->value & op_mask(op));
		return 0;
	}
	found = op->kind == OP_STORE ? 0 : single_load(s, t, place);
	if (op->kind != OP_STORE && op->kind != OP_WAIT && op->kind != OP_SIGNAL)
		self->looked |= UINT32_C(1) << place;
	if (memory_result(op, found, &value))
		single_write(s, t, place, value, self->now.clock);
	return found;
}

int memory_do(const struct memory *m, struct state *s, uint32_t t, const struct op *op,
	      uint32_t way, uint64_t *answer)
{
	int status = 0;

	*answer = 0;
	if (m->model == MODEL_RA)
		status = views_do(s, t, op, (uint32_t)place_find(m, op), way, answer);
	else
		*answer = single_do(m, s, t, op);
	if (op->kind == OP_STORE || op->kind == OP_WAIT || op->kind == OP_SIGNAL)
		*answer = 0;
	return status;
}

void memory_know_all(struct state *s, uint32_t t)
{
	struct view *now = &s->thread[t].now;

	for (uint32_t i = 0; i < STATE_THREADS; i++)
		if (i != t)
			clock_join(now->clock, s->thread[i].now.clock);
	for (uint32_t place = 0; place < STATE_PLACES; place++)
		now->seen[place] = s->count[place] ? (uint8_t)(s->count[place] - 1) : 0;
}

uint64_t memory_newest(struct state *s, uint32_t place)
{
	return state_place(s, place)[s->count[place] - 1].value;
}
