/* SPDX-License-Identifier: BSD-2-Clause */
/* state.c - copies, keys, and the order of a place's values. */
#include "config.h"

#include "state.h"

#include <errno.h>
#include <string.h>

void state_copy(struct state *to, const struct state *from)
{
	memcpy(to, from, offsetof(struct state, message));
	memcpy(to->message, from->message, from->messages * sizeof from->message[0]);
	memcpy(to->cell, from->cell, from->cells * sizeof from->cell[0]);
}

/* Two multiplications a word, as wyhash does it; keys of 64 bits: of ten million states
 * two have the same with a probability of 3 in a million. */
static uint64_t key_add(uint64_t key, const void *data, size_t size)
{
	const unsigned char *at = data;

	for (; size; size -= size < 8 ? size : 8, at += 8) {
		uint64_t word = 0;

		memcpy(&word, at, size < 8 ? size : 8);
		key = (key ^ word) * 0x9e3779b97f4a7c15;
		key ^= key >> 32;
		key *= 0xd6e8feb86659fd93;
		key ^= key >> 29;
	}
	return key;
}

uint64_t state_key(const struct state *s)
{
	uint64_t key = 1;

	for (uint32_t i = 0; i < STATE_THREADS; i++) {
		const struct thread *t = &s->thread[i];

		key = key_add(key, t, offsetof(struct thread, store));
		key = key_add(key, t->store, t->stores * sizeof t->store[0]);
	}
	key = key_add(key, &s->fenced, sizeof s->fenced);
	key = key_add(key, s->count, sizeof s->count);
	key = key_add(key, &s->signals, sizeof s->signals);
	key = key_add(key, s->message, s->messages * sizeof s->message[0]);
	return key_add(key, s->cell, s->cells * sizeof s->cell[0]);
}

void clock_join(uint16_t *clock, const uint16_t *with)
{
	for (uint32_t i = 0; i < STATE_THREADS; i++)
		if (with[i] > clock[i])
			clock[i] = with[i];
}

void view_join(struct view *v, const struct view *with)
{
	for (uint32_t i = 0; i < STATE_PLACES; i++)
		if (with->seen[i] > v->seen[i])
			v->seen[i] = with->seen[i];
	clock_join(v->clock, with->clock);
}

struct message *state_place(struct state *s, uint32_t place)
{
	struct message *m = s->message;

	for (uint32_t i = 0; i < place; i++)
		m += s->count[i];
	return m;
}

/* Does something to each view's position at that place. */
static void views_move(struct state *s, uint32_t place,
		       uint8_t (*move)(uint8_t seen, uint32_t by), uint32_t by)
{
	for (uint32_t i = 0; i < STATE_THREADS; i++) {
		struct thread *t = &s->thread[i];

		t->now.seen[place] = move(t->now.seen[place], by);
		t->acquired.seen[place] = move(t->acquired.seen[place], by);
		t->released.seen[place] = move(t->released.seen[place], by);
	}
	s->fenced.seen[place] = move(s->fenced.seen[place], by);
	for (uint32_t i = 0; i < s->messages; i++) {
		uint8_t *seen = s->message[i].view.seen;

		seen[place] = move(seen[place], by);
	}
}

static uint8_t move_up(uint8_t seen, uint32_t from)
{
	return seen >= from ? (uint8_t)(seen + 1) : seen;
}

static uint8_t move_down(uint8_t seen, uint32_t by)
{
	return seen > by ? (uint8_t)(seen - by) : 0;
}

int state_insert(struct state *s, uint32_t place, uint32_t position,
		 const struct message *m)
{
	struct message *to = state_place(s, place) + position;

	if (s->messages == STATE_MESSAGES || s->count[place] == UINT8_MAX)
		return -ENOSPC;
	if (position < s->count[place])
		views_move(s, place, move_up, position);
	memmove(to + 1, to,
		(size_t)(s->message + s->messages - to) * sizeof s->message[0]);
	*to = *m;
	s->messages++;
	s->count[place]++;
	return 0;
}

/* The oldest message of the place that somebody may still read. */
static uint32_t place_oldest(const struct state *s, uint32_t place)
{
	uint32_t oldest = s->count[place] ? s->count[place] - 1u : 0;

	for (uint32_t i = 0; i < STATE_THREADS; i++) {
		const struct thread *t = &s->thread[i];

		if (t->started && !t->done && t->now.seen[place] < oldest)
			oldest = t->now.seen[place];
	}
	return oldest;
}

static void messages_prune(struct state *s)
{
	for (uint32_t place = 0; place < STATE_PLACES; place++) {
		uint32_t gone = place_oldest(s, place);
		struct message *m = state_place(s, place);

		if (!gone)
			continue;
		memmove(m, m + gone,
			(size_t)(s->message + s->messages - m - gone) * sizeof *m);
		s->messages -= gone;
		s->count[place] = (uint8_t)(s->count[place] - gone);
		m->attached = 0;
		views_move(s, place, move_down, gone);
	}
}

/* Does something to each time of thread u that is written down anywhere. */
static void clocks_visit(struct state *s, uint32_t u, uint16_t *map,
			 void (*visit)(uint16_t *map, uint16_t *time))
{
	for (uint32_t i = 0; i < STATE_THREADS; i++) {
		struct thread *t = &s->thread[i];

		visit(map, &t->now.clock[u]);
		visit(map, &t->acquired.clock[u]);
		visit(map, &t->released.clock[u]);
		for (uint32_t n = 0; n < t->stores; n++)
			visit(map, &t->store[n].clock[u]);
	}
	for (uint32_t i = 0; i < s->messages; i++)
		visit(map, &s->message[i].view.clock[u]);
	for (uint32_t i = 0; i < s->cells; i++) {
		visit(map, &s->cell[i].read_clock[u]);
		if (s->cell[i].writer == u)
			visit(map, &s->cell[i].write_clock);
	}
}

static void clock_mark(uint16_t *map, uint16_t *time)
{
	map[*time] = 1;
}

static void clock_map(uint16_t *map, uint16_t *time)
{
	*time = map[*time];
}

/* What of thread u everybody knows, who can still do something. */
static uint32_t clock_known(const struct state *s, uint32_t u)
{
	uint32_t known = UINT16_MAX;

	for (uint32_t i = 0; i < STATE_THREADS; i++)
		if (s->thread[i].started && !s->thread[i].done &&
		    s->thread[i].now.clock[u] < known)
			known = s->thread[i].now.clock[u];
	return known;
}

static void clocks_prune(struct state *s)
{
	static uint16_t map[UINT16_MAX + 1];

	for (uint32_t u = 0; u < STATE_THREADS; u++) {
		uint32_t known = clock_known(s, u), most = s->thread[u].now.clock[u];
		uint16_t rank = 0;

		memset(map, 0, (most + 1) * sizeof map[0]);
		clocks_visit(s, u, map, clock_mark);
		for (uint32_t time = 0; time <= most; time++)
			map[time] = time <= known || !map[time] ? 0 : ++rank;
		clocks_visit(s, u, map, clock_map);
	}
}

void state_prune(struct state *s)
{
	messages_prune(s);
	clocks_prune(s);
}
