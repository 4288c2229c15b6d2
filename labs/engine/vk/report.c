/* SPDX-License-Identifier: BSD-2-Clause */
/* report.c - how a run ended, and which expectations it did not meet. */
#include "config.h"

#include "report.h"

#include <inttypes.h>
#include <string.h>

enum { PICTURE_ROWS = 14 };

static const char *const endings[OUTCOMES] = {
	[OUTCOME_GOOD] = "goes on",
	[OUTCOME_ENDED] = "has ended",
	[OUTCOME_REST] = "is at rest: every thread waits, and nothing is left to do",
	[OUTCOME_HANG] = "hangs: every thread waits, and nothing is due",
	[OUTCOME_BUSY] = "hangs, busily: it asks again and again, and nothing is due",
	[OUTCOME_LIMIT] = "was stopped: it has reached the limit of ticks or calls",
	[OUTCOME_DIED] = "died",
};

static void waits_write(FILE *out, const struct kernel *k, const struct where *w)
{
	for (int i = 1; i <= k->threads; i++) {
		const struct thread *t = &k->thread[i];
		const char *line;

		if (t->state != THREAD_BLOCKED)
			continue;
		line = where_line(w, t->call.where);
		fprintf(out, "  thread %d waits in %s since tick %" PRIu64 "%s%s%s\n",
			i, call_name(t->call.op), k->entry[t->entry].called,
			*line ? " (" : "", line, *line ? ")" : "");
	}
	for (int i = 0; i < k->scenario->clients; i++) {
		const struct client *c = &k->scenario->client[i];
		const struct session *s = &k->session[i];

		if (s->meets)
			fprintf(out, "  %s waits for the others\n", c->name);
		if (s->waits && !s->lost && s->step > 0)
			fprintf(out, "  %s waits for the answer to \"%s\"\n", c->name,
				c->step[s->step - 1].text);
	}
}

/* The last calls of those that poll, once each. */
static void last_rows(FILE *out, const struct kernel *k, const struct where *w)
{
	int first = k->entries > PICTURE_ROWS ? k->entries - PICTURE_ROWS : 0;

	report_picture(out, k, w, first, k->entries - 1);
}

void report_outcome(FILE *out, const struct kernel *k, const struct where *w)
{
	fprintf(out, "At tick %" PRIu64 " the program %s.\n", k->now,
		endings[k->outcome]);
	waits_write(out, k, w);
	if (k->outcome == OUTCOME_DIED && k->entries)
		fprintf(out, "  %s\n", k->entry[k->entries - 1].text);
}

static void expect_write(FILE *out, const struct expect *e)
{
	fprintf(out, "Expected (line %d): %s%s%s", e->line, e->fact, *e->of ? " " : "",
		e->of);
	if (facts_of(e->fact) == FACT_OF_TEXT)
		fprintf(out, " \"%s\"\n", e->text);
	else
		fprintf(out, " %s %ld\n", e->compare, e->number);
}

void report_write(FILE *out, const struct kernel *k, const struct where *w)
{
	const struct scenario *s = k->scenario;

	if (facts_good(k)) {
		fprintf(out,
			"All is as expected; the program %s, at tick %" PRIu64 ".\n",
			endings[k->outcome], k->now);
		return;
	}
	report_outcome(out, k, w);
	if (!facts_outcome_good(k)) {
		fprintf(out, "Expected: outcome %s\n",
			scenario_outcome_name(s->outcome));
		last_rows(out, k, w);
	}
	for (int i = 0; i < s->expects; i++) {
		const struct expect *e = &s->expect[i];

		if (facts_hold(e, facts_tell(k, e)))
			continue;
		expect_write(out, e);
		report_fact(out, k, w, e);
	}
}
