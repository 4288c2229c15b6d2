/* SPDX-License-Identifier: BSD-2-Clause */
/* search.c - the stack of states from the beginning to here, and the table of those
 * met. */
#include "config.h"

#include "search.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_FIRST = 1 << 16, NOBODY = UINT8_MAX };

/* A state on the way, and which of its steps is next to be tried. */
struct frame {
	struct state *state;
	struct choice *choice;
	uint32_t choices, next;
	uint8_t last;     /* who did the last step */
	uint16_t detours; /* so far */
};

struct table {
	uint64_t *key; /* 0: free */
	uint64_t room, used;
};

struct walk {
	struct search *search;
	struct frame *frame;
	uint32_t frames, room;
	struct table table;
};

static bool table_put(struct table *t, uint64_t key)
{
	uint64_t i = key & (t->room - 1);

	while (t->key[i] && t->key[i] != key)
		i = (i + 1) & (t->room - 1);
	if (t->key[i])
		return false;
	t->key[i] = key;
	t->used++;
	return true;
}

static int table_grow(struct table *t)
{
	struct table more = {.room = t->room ? 2 * t->room : TABLE_FIRST};

	if (2 * t->used < t->room)
		return 0;
	more.key = calloc(more.room, sizeof *more.key);
	if (!more.key)
		return -ENOMEM;
	for (uint64_t i = 0; i < t->room; i++)
		if (t->key[i])
			table_put(&more, t->key[i]);
	free(t->key);
	*t = more;
	return 0;
}

/* 1 if this state has not been met, 0 if it has. */
static int state_meet(struct walk *w, const struct frame *f)
{
	uint64_t key = state_key(f->state);

	if (w->search->limits.detours != SEARCH_NO_BOUND)
		key = (key ^ f->last ^ (uint64_t)f->detours << 8) * 0x9e3779b97f4a7c15;
	if (table_grow(&w->table) < 0)
		return -ENOMEM;
	return table_put(&w->table, key ? key : 1);
}

/* The frame at that depth, with memory of its own that is used again. */
static struct frame *frame_at(struct walk *w, uint32_t depth)
{
	if (depth == w->room) {
		uint32_t room = w->room ? 2 * w->room : 64;
		struct frame *more = realloc(w->frame, room * sizeof *more);

		if (!more)
			return NULL;
		memset(more + w->room, 0, (room - w->room) * sizeof *more);
		w->frame = more;
		w->room = room;
	}
	struct frame *f = &w->frame[depth];

	if (!f->state)
		f->state = calloc(1, sizeof *f->state);
	if (!f->choice)
		f->choice = calloc(STEP_CHOICES, sizeof *f->choice);
	return f->state && f->choice ? f : NULL;
}

/* Who did the last step goes on first; then the others, as they are numbered. */
static void choices_sort(struct frame *f)
{
	struct choice sorted[STEP_CHOICES];
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->choices; i++)
		if (f->choice[i].thread == f->last)
			sorted[n++] = f->choice[i];
	for (uint32_t i = 0; i < f->choices; i++)
		if (f->choice[i].thread != f->last)
			sorted[n++] = f->choice[i];
	memcpy(f->choice, sorted, n * sizeof sorted[0]);
}

static bool goes_on(const struct frame *f, uint8_t thread)
{
	for (uint32_t i = 0; i < f->choices; i++)
		if (f->choice[i].thread == thread && f->choice[i].kind == CHOICE_GO)
			return true;
	return false;
}

/* The detours with this step, more of which is not entered. */
static uint32_t detours_with(const struct frame *f, struct choice choice)
{
	uint32_t n = f->detours;

	if (choice.kind == CHOICE_FLUSH)
		return n;
	if (choice.thread != f->last && f->last != NOBODY && goes_on(f, f->last))
		n++;
	return n + (choice.way != 0);
}

/* One part more; what there is no room for is left out. */
static void outcome_put(char text[SEARCH_OUTCOME], const char *name, uint64_t value)
{
	size_t length = strlen(text);

	snprintf(text + length, SEARCH_OUTCOME - length, "%s%s=%" PRIu64,
		 length ? " " : "", name, value);
}

static void outcome_of_thread(const struct history *h, uint32_t at,
			      char text[SEARCH_OUTCOME])
{
	static uint32_t path[PAGE_ANSWERS + 1];
	uint32_t n = 0;

	for (; at && n <= PAGE_ANSWERS; at = h->node[at].parent)
		path[n++] = at;
	while (n-- > 0) {
		const struct node *node = &h->node[path[n]];

		for (uint32_t i = 0; i + 1 < node->ops; i++)
			if (node->op[i].kind == OP_OBSERVE)
				outcome_put(text, node->op[i].text, node->op[i].value);
	}
}

/* What threads observed, in the order of threads. */
static void outcome_of(const struct machine *m, const struct state *s,
		       char text[SEARCH_OUTCOME])
{
	text[0] = 0;
	for (uint32_t t = 0; t < STATE_THREADS; t++)
		outcome_of_thread(m->history, s->thread[t].node, text);
	if (m->signals)
		outcome_put(text, "signals", s->signals);
}

static void outcome_judge(struct machine *m, const char *expect, const char *text)
{
	if (!expect || strcmp(expect, text) == 0)
		return;
	memset(&m->finding, 0, sizeof m->finding);
	m->finding.kind = FINDING_OUTCOME;
}

static void outcome_add(struct search *s, const struct state *state)
{
	char text[SEARCH_OUTCOME];
	uint32_t i = 0;

	outcome_of(s->machine, state, text);
	outcome_judge(s->machine, s->expect, text);
	if (!s->outcome)
		return;
	while (i < s->outcomes && strcmp(s->outcome[i].text, text) != 0)
		i++;
	if (i == SEARCH_OUTCOMES)
		return;
	if (i == s->outcomes) {
		s->outcomes++;
		memcpy(s->outcome[i].text, text, sizeof text);
		s->outcome[i].ends = 0;
	}
	s->outcome[i].ends++;
}

/* What can be done in a frame's state; where nothing can, it may be the end. */
static int frame_open(struct walk *w, struct frame *f)
{
	struct search *s = w->search;
	int more = 0;

	f->next = 0;
	f->choices = step_choices(s->machine, f->state, f->choice);
	if (f->choices == 0) {
		more = step_end(s->machine, f->state);
		if (more < 0)
			return more;
		if (more && !s->machine->finding.kind)
			return frame_open(w, f);
		if (!s->machine->finding.kind) {
			s->ends++;
			outcome_add(s, f->state);
		}
	}
	choices_sort(f);
	return 0;
}

static int path_keep(struct walk *w)
{
	struct search *s = w->search;

	free(s->path);
	s->path_length = w->frames - 1;
	s->path = malloc((s->path_length + 1) * sizeof *s->path);
	if (!s->path)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->path_length; i++)
		s->path[i] = w->frame[i].choice[w->frame[i].next - 1];
	return 1;
}

/* A state was entered.  1: stop here, there is a finding; 0: go on. */
static int frame_enter(struct walk *w, struct frame *f)
{
	struct search *s = w->search;
	int status = s->machine->finding.kind ? 1 : state_meet(w, f);

	w->frames++;
	if (w->frames > s->longest)
		s->longest = w->frames;
	if (s->machine->finding.kind)
		return path_keep(w);
	if (status <= 0) {
		w->frames--;
		return status;
	}
	s->states++;
	if (w->frames > s->limits.steps)
		s->machine->finding =
			(struct finding){.kind = FINDING_ENDLESS, .thread = f->last};
	else
		status = frame_open(w, f);
	if (status < 0)
		return status;
	return s->machine->finding.kind ? path_keep(w) : 0;
}

static int walk_step(struct walk *w)
{
	struct frame *from = &w->frame[w->frames - 1], *to;
	struct search *s = w->search;
	struct choice choice;
	int status;

	if (from->next == from->choices) {
		w->frames--;
		return 0;
	}
	choice = from->choice[from->next++];
	if (detours_with(from, choice) > s->limits.detours ||
	    (s->limits.length && w->frames > s->limits.length))
		return 0;
	to = frame_at(w, w->frames);
	if (!to)
		return -ENOMEM;
	from = &w->frame[w->frames - 1];
	state_copy(to->state, from->state);
	to->last = choice.thread;
	to->detours = (uint16_t)detours_with(from, choice);
	s->steps++;
	status = step_do(s->machine, to->state, choice);
	return status < 0 ? status : frame_enter(w, to);
}

static void walk_close(struct walk *w)
{
	for (uint32_t i = 0; i < w->room; i++) {
		free(w->frame[i].state);
		free(w->frame[i].choice);
	}
	free(w->frame);
	free(w->table.key);
}

int search_run(struct search *s)
{
	struct walk w = {.search = s};
	struct frame *first = frame_at(&w, 0);
	int status = first ? step_begin(s->machine, first->state) : -ENOMEM;

	s->states = s->steps = s->ends = 0;
	s->longest = s->outcomes = 0;
	s->full = false;
	if (status == 0) {
		first->last = NOBODY;
		status = frame_enter(&w, first);
	}
	while (status == 0 && w.frames > 0 && !s->full) {
		status = walk_step(&w);
		s->full = s->states >= s->limits.states;
	}
	walk_close(&w);
	return status;
}

void search_close(struct search *s)
{
	free(s->path);
}

static bool choice_holds(const struct machine *m, struct state *s, struct choice choice)
{
	struct choice list[STEP_CHOICES];
	uint32_t n = step_choices(m, s, list);

	for (uint32_t i = 0; i < n; i++)
		if (memcmp(&list[i], &choice, sizeof choice) == 0)
			return true;
	return false;
}

int search_replay(const struct search *search, char outcome[SEARCH_OUTCOME])
{
	static struct state s;
	struct machine *m = search->machine;
	struct choice list[STEP_CHOICES];
	int status = step_begin(m, &s);
	uint32_t i;

	for (i = 0; i < search->path_length && status >= 0 && !m->finding.kind; i++) {
		if (step_choices(m, &s, list) == 0)
			status = step_end(m, &s);
		if (status < 0 || !choice_holds(m, &s, search->path[i]))
			return status < 0 ? status : -EINVAL;
		status = step_do(m, &s, search->path[i]);
	}
	if (status >= 0 && !m->finding.kind && step_choices(m, &s, list) == 0)
		status = step_end(m, &s);
	if (status < 0)
		return status;
	outcome_of(m, &s, outcome);
	if (!m->finding.kind && step_choices(m, &s, list) == 0)
		outcome_judge(m, search->expect, outcome);
	if (!m->finding.kind && i >= search->limits.steps)
		m->finding = (struct finding){.kind = FINDING_ENDLESS};
	return 0;
}
