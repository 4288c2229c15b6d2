/* SPDX-License-Identifier: BSD-2-Clause */
/* wheel.c - a timer lies in the level of the highest digit (of base 64) in which its
 * tick differs from now, in that digit's slot: so all of a level come after all of the
 * levels below, in the order of the slots.  Reached by now, a slot is dealt out to
 * those below. */
#include "config.h"

#include "wheel.h"

#include <stddef.h>

static uint64_t tick_floor(uint64_t ns)
{
	return ns >> WHEEL_TICK_BITS;
}

/* Rounded up: never early. */
static uint64_t tick_ceil(uint64_t ns)
{
	return tick_floor(ns) + (ns % (1 << WHEEL_TICK_BITS) != 0);
}

void wheel_init(struct wheel *w, uint64_t now_ns)
{
	*w = (struct wheel){.tick = tick_floor(now_ns)};
}

static void insert(struct wheel *w, struct wheel_timer *t)
{
	uint64_t due = tick_ceil(t->due_ns), tick = due > w->tick ? due : w->tick;
	/* The lowest digit's bits are set so that it counts when none differs. */
	uint64_t differs = (tick ^ w->tick) | (WHEEL_SLOTS - 1);
	unsigned level = (unsigned)(63 - __builtin_clzll(differs)) / WHEEL_SLOT_BITS;
	unsigned slot = (tick >> (level * WHEEL_SLOT_BITS)) % WHEEL_SLOTS;
	struct wheel_timer **head = &w->slot[level][slot];
	uint64_t *least = &w->least[level][slot];

	t->level = (uint8_t)level;
	t->slot = (uint8_t)slot;
	t->link = head;
	t->next = *head;
	*least = t->next && *least < tick ? *least : tick;
	if (t->next)
		t->next->link = &t->next;
	*head = t;
	w->used[level] |= UINT64_C(1) << slot;
}

void wheel_arm(struct wheel *w, struct wheel_timer *t, uint64_t due_ns)
{
	wheel_cancel(w, t);
	t->due_ns = due_ns;
	insert(w, t);
	w->armed++;
}

void wheel_cancel(struct wheel *w, struct wheel_timer *t)
{
	if (!t->link)
		return;
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	if (!w->slot[t->level][t->slot])
		w->used[t->level] &= ~(UINT64_C(1) << t->slot);
	t->link = NULL;
	w->armed--;
}

/* The level of the first slot that is not empty; WHEEL_LEVELS: there is none. */
static unsigned first_level(const struct wheel *w)
{
	unsigned level = 0;

	while (level < WHEEL_LEVELS && !w->used[level])
		level++;
	return level;
}

/* The first tick of the first slot of this level. */
static uint64_t first_tick(const struct wheel *w, unsigned level)
{
	unsigned shift = level * WHEEL_SLOT_BITS;
	uint64_t slot = (uint64_t)__builtin_ctzll(w->used[level]);
	uint64_t above = w->tick >> shift >> WHEEL_SLOT_BITS;

	return (above << WHEEL_SLOT_BITS | slot) << shift;
}

/* Now is at the begin of this level's first slot: its timers come nearer. */
static void deal(struct wheel *w, unsigned level)
{
	unsigned slot = (unsigned)__builtin_ctzll(w->used[level]);
	struct wheel_timer *t = w->slot[level][slot], *next;

	w->slot[level][slot] = NULL;
	w->used[level] &= ~(UINT64_C(1) << slot);
	for (; t; t = next) {
		next = t->next;
		insert(w, t);
	}
}

struct wheel_timer *wheel_expired(struct wheel *w, uint64_t now_ns)
{
	uint64_t now = tick_floor(now_ns);
	struct wheel_timer *t;
	unsigned level;

	while ((level = first_level(w)) < WHEEL_LEVELS) {
		uint64_t tick = first_tick(w, level);

		if (tick > now)
			break;
		w->tick = tick;
		if (level > 0) {
			deal(w, level);
			continue;
		}
		t = w->slot[0][tick % WHEEL_SLOTS];
		wheel_cancel(w, t);
		return t;
	}
	if (now > w->tick)
		w->tick = now;
	return NULL;
}

uint64_t wheel_next_ns(const struct wheel *w)
{
	unsigned level = first_level(w);
	uint64_t tick;

	if (level == WHEEL_LEVELS)
		return UINT64_MAX;
	tick = w->least[level][__builtin_ctzll(w->used[level])];
	/* That of a timer due at the end of time is behind it. */
	return tick > tick_floor(UINT64_MAX) ? UINT64_MAX : tick << WHEEL_TICK_BITS;
}
