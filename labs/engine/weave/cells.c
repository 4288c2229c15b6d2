/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.c - a cell is a piece of memory that has always been accessed as a whole; one
 * that is accessed in another way is split into its bytes. */
#include "config.h"

#include "cells.h"

#include <string.h>

static bool overlaps(const struct cell *c, uint64_t at, uint64_t size)
{
	return c->at < at + size && at < c->at + c->size;
}

bool cells_touch(const struct state *s, uint64_t at, uint64_t size)
{
	for (uint32_t i = 0; i < s->cells; i++)
		if (overlaps(&s->cell[i], at, size))
			return true;
	return false;
}

/* Room for n cells at that index. */
static struct cell *cells_open(struct state *s, uint32_t index, uint32_t n)
{
	struct cell *c = &s->cell[index];

	if (s->cells + n > STATE_CELLS)
		return NULL;
	memmove(c + n, c, (s->cells - index) * sizeof *c);
	s->cells += n;
	return c;
}

/* Becomes one cell for each byte. */
static bool cell_split(struct state *s, uint32_t index)
{
	const struct cell whole = s->cell[index];
	struct cell *c = cells_open(s, index, whole.size - 1u);

	if (!c)
		return false;
	for (uint32_t i = 0; i < whole.size; i++) {
		memcpy(&c[i], &whole, sizeof whole);
		c[i].at = whole.at + i;
		c[i].size = 1;
		c[i].value = ((const unsigned char *)&whole.value)[i];
	}
	return true;
}

/* A new cell at that index, from there until there; it holds what was there before. */
static bool cell_make(struct state *s, uint32_t index, uint64_t at, uint64_t until,
		      const struct op *op)
{
	struct cell *c = cells_open(s, index, 1);

	if (!c)
		return false;
	memset(c, 0, sizeof *c);
	c->at = at;
	c->size = (uint8_t)(until - at);
	memcpy(&c->value, (const unsigned char *)&op->was + (at - op->at), c->size);
	return true;
}

/* No cell reaches over either end of those bytes. */
static bool cells_cut(struct state *s, uint64_t at, uint64_t end)
{
	for (uint32_t i = 0; i < s->cells; i++) {
		const struct cell *c = &s->cell[i];

		if (overlaps(c, at, end - at) &&
		    (c->at < at || c->at + c->size > end) && !cell_split(s, i))
			return false;
	}
	return true;
}

/* Sees to it that cells stand for exactly those bytes.  The index of the first, and how
 * many they are; 0 if there is no room. */
static uint32_t cells_cover(struct state *s, const struct op *op, uint32_t *first)
{
	uint64_t at = op->at, end = op->at + op->size;
	uint32_t i = 0;

	if (!cells_cut(s, at, end))
		return 0;
	while (i < s->cells && s->cell[i].at < at)
		i++;
	for (*first = i; at < end; i++) {
		bool there = i < s->cells && s->cell[i].at < end;
		uint64_t next = there ? s->cell[i].at : end;

		if (next > at && !cell_make(s, i, at, next, op))
			return 0;
		at = s->cell[i].at + s->cell[i].size;
	}
	return i - *first;
}

/* A thread other than t that wrote there, unknown to t; or read there, if t writes. */
static bool cell_races(const struct cell *c, const struct state *s, uint32_t t,
		       bool writes, uint32_t *other)
{
	const uint16_t *known = s->thread[t].now.clock;
	bool wrote = c->write_clock > known[c->writer];

	if (wrote)
		*other = c->writer;
	for (uint32_t i = 0; writes && !wrote && i < STATE_THREADS; i++) {
		if (i == t || c->read_clock[i] <= known[i])
			continue;
		*other = i;
		return true;
	}
	return wrote;
}

enum finding_kind cells_read(struct state *s, uint32_t t, const struct op *op,
			     const struct program *p, uint64_t *value, uint32_t *other)
{
	uint32_t first, n = cells_cover(s, op, &first);
	enum finding_kind finding = n ? FINDING_NONE : FINDING_LARGE;

	*value = 0;
	for (struct cell *c = &s->cell[first]; n > 0; n--, c++) {
		if (cell_races(c, s, t, false, other))
			finding = FINDING_RACE;
		else if (!c->written && program_unwritten(p, c->at, c->size) &&
			 !finding)
			finding = FINDING_UNWRITTEN;
		c->read_clock[t] = s->thread[t].now.clock[t];
		memcpy((unsigned char *)value + (c->at - op->at), &c->value, c->size);
	}
	return finding;
}

enum finding_kind cells_write(struct state *s, uint32_t t, const struct op *op,
			      uint32_t *other)
{
	uint32_t first, n = cells_cover(s, op, &first);
	enum finding_kind finding = n ? FINDING_NONE : FINDING_LARGE;

	for (struct cell *c = &s->cell[first]; n > 0; n--, c++) {
		if (cell_races(c, s, t, true, other))
			finding = FINDING_RACE;
		/* Who is ordered after this write is ordered after all before it. */
		memset(c->read_clock, 0, sizeof c->read_clock);
		c->writer = (uint8_t)t;
		c->write_clock = s->thread[t].now.clock[t];
		c->written = 1;
		c->value = 0;
		memcpy(&c->value, (const unsigned char *)&op->value + (c->at - op->at),
		       c->size);
	}
	return finding;
}
