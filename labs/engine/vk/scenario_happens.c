/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario_happens.c - statements of what happens, and when. */
#include "config.h"

#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned random_between(struct scenario *s, unsigned low, unsigned high)
{
	uint64_t n = 100000 + (uint64_t)s->occurrences * SCENARIO_STAGES_MAX;

	n += (uint64_t)s->occurrence[s->occurrences].stages;
	return low + (unsigned)(scenario_random(s->seed, n) % (high - low + 1u));
}

static struct happening *happening_add(struct reading *r, uint64_t due)
{
	struct scenario *s = r->scenario;
	int at = s->happenings;

	if (at == SCENARIO_HAPPENINGS_MAX) {
		line_fail(&r->line, "more than %d things happen",
			  SCENARIO_HAPPENINGS_MAX);
		return NULL;
	}
	for (; at > 0 && s->happening[at - 1].due > due; at--)
		s->happening[at] = s->happening[at - 1];
	s->happenings++;
	memset(&s->happening[at], 0, sizeof(s->happening[at]));
	s->happening[at].due = due;
	return &s->happening[at];
}

struct times reading_times(struct line *line)
{
	struct times t;

	t.at = line_option(line, "at", 0);
	t.every = line_option(line, "every", 0);
	t.count = line_option(line, "count", 1);
	if (t.count > SCENARIO_HAPPENINGS_MAX) {
		line_fail(line, "count is more than %d", SCENARIO_HAPPENINGS_MAX);
		t.count = 0;
	}
	return t;
}

static void happen(struct reading *r, enum happening_kind kind, int object,
		   const char *text)
{
	struct times t = reading_times(&r->line);

	for (unsigned i = 0; i < t.count; i++) {
		uint64_t due = t.at + (uint64_t)i * t.every;
		struct happening *h = happening_add(r, due);

		if (!h)
			return;
		h->kind = kind;
		h->object = object;
		snprintf(h->text, sizeof(h->text), "%s", text);
	}
}

/* Words `PLACE:TICKS` or `PLACE:LOW-HIGH` from the one behind `stages` on. */
static void stages_of(struct reading *r, int n, struct occurrence *o)
{
	struct line *line = &r->line;
	struct scenario *s = r->scenario;

	for (; n < line->words && strchr(line->word[n], ':'); n++) {
		const char *word = line_word(line, n, SCENARIO_WORD_MAX);
		unsigned low = 0, high = 0;
		int place = atoi(word);

		if (o->stages == SCENARIO_STAGES_MAX || place < 1 ||
		    line_range(line, strchr(word, ':') + 1, &low, &high)) {
			line_fail(line, "\"%s\" is no stage: PLACE:TICKS, %d at most",
				  word, SCENARIO_STAGES_MAX);
			return;
		}
		o->stage[o->stages].place = place;
		o->stage[o->stages].ticks = random_between(s, low, high);
		o->stages++;
	}
	if (!o->stages)
		line_fail(line, "stages of what lengths? PLACE:TICKS");
}

static void occurrence_add(struct reading *r, int source, unsigned work, uint64_t due)
{
	struct scenario *s = r->scenario;
	struct occurrence *o = &s->occurrence[s->occurrences];
	struct happening *h = happening_add(r, due);

	if (!h)
		return;
	h->kind = HAPPENS_EVENT;
	h->object = s->occurrences;
	memset(o, 0, sizeof(*o));
	o->source = source;
	o->ticks = work;
	o->value = scenario_random(s->seed, (uint64_t)s->occurrences + 1);
	for (int n = 2; n < r->line.words; n++)
		if (!strcmp(r->line.word[n], "stages")) {
			r->line.used[n] = true;
			stages_of(r, n + 1, o);
		}
	s->occurrences++;
}

static int source_of(struct reading *r)
{
	struct scenario *s = r->scenario;
	const char *name = line_word(&r->line, 1, VK_NAME_MAX);
	int source = reading_find(s->source[0], VK_NAME_MAX, s->sources, name);

	if (source >= 0)
		return source;
	if (s->sources == SCENARIO_SOURCES_MAX)
		return line_fail(&r->line, "more than %d sources", s->sources);
	snprintf(s->source[s->sources], VK_NAME_MAX, "%s", name);
	return s->sources++;
}

void reading_event(struct reading *r)
{
	int source = source_of(r);
	unsigned work = line_option(&r->line, "work", 0);
	struct times t = reading_times(&r->line);

	for (unsigned i = 0; i < t.count && !*r->line.error; i++)
		occurrence_add(r, source, work, t.at + (uint64_t)i * t.every);
}

static void read_stream_statement(struct reading *r, enum happening_kind kind)
{
	int file = reading_file_of(r->scenario, line_word(&r->line, 1, VK_NAME_MAX));

	if (file < 0 || !r->scenario->file[file].stream) {
		line_fail(&r->line, "there is no such stream");
		return;
	}
	happen(r, kind, file,
	       kind == HAPPENS_ARRIVE
		       ? line_word(&r->line, r->line.words - 1, VK_TEXT_MAX)
		       : "");
}

void reading_arrive(struct reading *r)
{
	read_stream_statement(r, HAPPENS_ARRIVE);
}

void reading_finish(struct reading *r)
{
	read_stream_statement(r, HAPPENS_FINISH);
}

static void read_sem_statement(struct reading *r, enum happening_kind kind)
{
	int sem = reading_sem_of(r->scenario, line_word(&r->line, 1, VK_NAME_MAX));

	if (sem < 0)
		line_fail(&r->line, "there is no such semaphore");
	else
		happen(r, kind, sem, "");
}

void reading_signal(struct reading *r)
{
	read_sem_statement(r, HAPPENS_SIGNAL);
}

void reading_take(struct reading *r)
{
	read_sem_statement(r, HAPPENS_TAKE);
}
