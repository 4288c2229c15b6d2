/* SPDX-License-Identifier: BSD-2-Clause */
/* story.c - takes down what happens in a run, as rows of text. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "advance.h"
#include "source.h"
#include "story.h"
#include "tracee.h"

enum { ROWS_MAX = 20000, ROW_TEXT = 120 };

enum row_kind { ROW_PLACE, ROW_TEXT_ONLY, ROW_SWITCH };

struct row {
	enum row_kind kind;
	unsigned thread;
	uint64_t at; /* of ROW_PLACE */
	char text[ROW_TEXT];
};

struct story {
	struct row *rows;
	size_t n, room;
};

struct story *story_new(void)
{
	return calloc(1, sizeof(struct story));
}

void story_free(struct story *story)
{
	if (story)
		free(story->rows);
	free(story);
}

static struct row *row_add(struct story *story, enum row_kind kind,
			   const struct thread *t)
{
	if (!story || story->n == ROWS_MAX)
		return NULL;
	if (story->n == story->room) {
		size_t room = story->room * 2 + 256;
		struct row *more = realloc(story->rows, room * sizeof(*more));
		if (!more)
			return NULL;
		story->rows = more;
		story->room = room;
	}
	struct row *row = &story->rows[story->n++];
	*row = (struct row){.kind = kind, .thread = t->number, .at = t->at};
	return row;
}

/* A value of that many bytes; what looks like a pointer is not told: it could differ.
 */
static void value_print(uint64_t value, unsigned bytes, char *text, size_t room)
{
	enum { NUMBER_BITS = 40 };
	unsigned shift = 64 - 8 * bytes;
	int64_t number = (int64_t)(value << shift) >> shift;
	if (bytes > 8)
		snprintf(text, room, "%u bytes", bytes);
	else if (number >= (int64_t)1 << NUMBER_BITS ||
		 number <= -((int64_t)1 << NUMBER_BITS))
		snprintf(text, room, "a pointer");
	else
		snprintf(text, room, "%" PRId64, number);
}

static void access_print(struct execution *x, const struct thread *t, uint64_t loaded,
			 struct row *row)
{
	char name[TURNS_NAME], value[32];
	const struct cpu_instruction *next = &t->next;
	uint64_t stored = 0;
	size_t used = 0, room = sizeof(row->text);
	execution_name(x, next->address, name, sizeof(name));
	if (next->loads && !t->half) {
		value_print(loaded, next->size, value, sizeof(value));
		used = (size_t)snprintf(row->text, room, "%4u  reads %s: %s", t->steps,
					name, value);
	}
	if (!next->stores || used >= room)
		return;
	if (next->size <= sizeof(stored))
		tracee_read(t->tid, next->address, &stored, next->size);
	value_print(stored, next->size, value, sizeof(value));
	if (used > 0)
		snprintf(row->text + used, room - used, ", writes %s", value);
	else
		snprintf(row->text, room, "%4u  writes %s: %s", t->steps, name, value);
}

void story_step(struct story *story, struct execution *x, const struct thread *t,
		uint64_t loaded)
{
	if (!story || !row_add(story, ROW_PLACE, t))
		return;
	if (!t->visible || t->next.size == 0)
		return;
	struct row *row = row_add(story, ROW_TEXT_ONLY, t);
	if (row)
		access_print(x, t, loaded, row);
}

void story_half(struct story *story, struct execution *x, const struct thread *t)
{
	if (!story || !row_add(story, ROW_PLACE, t))
		return;
	struct row *row = row_add(story, ROW_TEXT_ONLY, t);
	char name[TURNS_NAME], value[32];
	if (!row)
		return;
	execution_name(x, t->next.address, name, sizeof(name));
	value_print(t->stale, t->next.size, value, sizeof(value));
	snprintf(row->text, sizeof(row->text), "%4u+ reads %s: %s", t->steps, name,
		 value);
}

void story_call(struct story *story, struct execution *x, const struct thread *t)
{
	struct row *row = row_add(story, ROW_TEXT_ONLY, t);
	char name[TURNS_NAME] = "";
	if (!row)
		return;
	enum mutex_call call = mutex_call_of(t->call.function);
	if (call != MUTEX_NONE)
		execution_name(x, t->call.argument[call == MUTEX_WAIT], name,
			       sizeof(name));
	snprintf(row->text, sizeof(row->text), "%4u  calls %s(%s)", t->steps,
		 t->call.function, name);
}

void story_switch(struct story *story, const struct thread *t)
{
	struct row *row = row_add(story, ROW_SWITCH, t);
	if (row)
		snprintf(row->text, sizeof(row->text),
			 "- - - thread %u is stopped after %u%s instructions - - -",
			 t->number, t->steps, t->half ? " and a half" : "");
}

void story_pause(struct story *story, const struct thread *t, int advance)
{
	struct row *row = row_add(story, ROW_TEXT_ONLY, t);
	if (row)
		snprintf(row->text, sizeof(row->text), "      %s",
			 advance == ADVANCE_BLOCKED   ? "waits"
			 : advance == ADVANCE_YIELDED ? "lets others run"
						      : "ends");
}

/* The columns: which thread has which, by number. */
struct columns {
	int of[TURNS_THREADS];
	int n, width;
};

/* Main's thread has one only if it did something between what the others did: what it
   looks at when all is over is not part of the story. */
static struct columns columns_make(const struct story *story)
{
	enum { PAGE_WIDTH = 96 };
	struct columns c = {.n = 0};
	bool has[TURNS_THREADS] = {false}, main_waits = false;
	for (size_t i = 0; i < story->n; i++) {
		const struct row *row = &story->rows[i];
		if (row->kind != ROW_PLACE)
			continue;
		if (row->thread == 0)
			main_waits = has[1];
		else
			has[0] |= main_waits;
		has[row->thread] |= row->thread > 0;
	}
	has[0] |= !has[1];
	for (int i = 0; i < TURNS_THREADS; i++)
		c.of[i] = has[i] ? c.n++ : -1;
	c.width = c.n > 0 ? PAGE_WIDTH / c.n : PAGE_WIDTH;
	return c;
}

static void columns_head(const struct columns *c, FILE *out)
{
	for (int i = 0; i < TURNS_THREADS; i++)
		if (c->of[i] >= 0)
			fprintf(out, "  thread %-*d",
				c->of[i] == c->n - 1 ? 0 : c->width - 9, i);
	fputc('\n', out);
}

/* One printed line in the thread's column. */
static void column_print(const struct columns *c, unsigned thread, const char *text,
			 FILE *out)
{
	int column = c->of[thread];
	int width = column == c->n - 1 ? ROW_TEXT + 80 : c->width - 3;
	if (column >= 0 && *text)
		fprintf(out, "%*s  %.*s\n", column * c->width, "", width, text);
}

/* The rows that are left to print: a place only where a thread's source line changes,
   and if something is told of it. */
static size_t rows_thin(const struct story *story, const struct source *source,
			const struct row **kept)
{
	const struct source_line *last = NULL;
	const struct row *place = NULL;
	size_t n = 0;
	for (size_t i = 0; i < story->n; i++) {
		const struct row *row = &story->rows[i];
		if (row->kind == ROW_PLACE) {
			place = row;
			continue;
		}
		const struct source_line *line =
			place ? source_at(source, place->at) : NULL;
		if (place &&
		    (line != last || n == 0 || kept[n - 1]->thread != row->thread) &&
		    row->kind == ROW_TEXT_ONLY && place->thread == row->thread)
			kept[n++] = place;
		last = line;
		kept[n++] = row;
	}
	return n;
}

static void row_print(const struct row *row, const struct columns *c,
		      const struct source *source, FILE *out)
{
	char text[ROW_TEXT + 80];
	if (row->kind == ROW_SWITCH) {
		fprintf(out, "  %s\n", row->text);
	} else if (row->kind == ROW_TEXT_ONLY) {
		column_print(c, row->thread, row->text, out);
	} else {
		source_print(source_at(source, row->at), text, sizeof(text));
		column_print(c, row->thread, text, out);
	}
}

/* From a little before the first switch; of what is too long, the middle is left out.
 */
static void rows_print(const struct row *const *kept, size_t n, const struct columns *c,
		       const struct source *source, FILE *out)
{
	enum { BEFORE = 14, FIRST = 60, LAST = 30 };
	size_t start = 0;
	while (start < n && kept[start]->kind != ROW_SWITCH)
		start++;
	start = start == n || start < BEFORE ? 0 : start - BEFORE;
	if (start > 0)
		fprintf(out, "  ...\n");
	for (size_t i = start; i < n; i++) {
		if (i == start + FIRST && n - i > LAST) {
			fprintf(out, "  ... %zu lines ...\n", n - i - LAST);
			i = n - LAST;
		}
		row_print(kept[i], c, source, out);
	}
}

void story_print(const struct story *story, const char *program, FILE *out)
{
	if (!story || story->n == 0)
		return;
	uint64_t *places = calloc(story->n, sizeof(*places));
	const struct row **kept = calloc(story->n, sizeof(*kept));
	size_t n = 0;
	for (size_t i = 0; places && i < story->n; i++)
		if (story->rows[i].kind == ROW_PLACE)
			places[n++] = story->rows[i].at;
	struct source *source = kept ? source_new(program, places, n) : NULL;
	if (source) {
		struct columns c = columns_make(story);
		columns_head(&c, out);
		rows_print(kept, rows_thin(story, source, kept), &c, source, out);
	}
	source_free(source);
	free(kept);
	free(places);
}
