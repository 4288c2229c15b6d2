/* SPDX-License-Identifier: BSD-2-Clause */
/* explain.c - what led to a fact's number: the worst event, the first bad call, who was
 * never joined. */
#include "config.h"

#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { ROWS_MAX = 14 };

/* The rows of the log from one tick to another. */
static void rows_between(FILE *out, const struct kernel *k, const struct where *w,
			 uint64_t from, uint64_t to)
{
	int first = 0, last;

	while (first < k->entries && k->entry[first].returned < from)
		first++;
	last = first;
	while (last < k->entries && k->entry[last].called <= to)
		last++;
	if (last - first > ROWS_MAX) {
		report_picture(out, k, w, first, first + ROWS_MAX - 2);
		fprintf(out, "     ...  and %d more until tick %" PRIu64 "\n",
			last - first - ROWS_MAX + 1, to);
		return;
	}
	report_picture(out, k, w, first, last - 1);
}

static void explain_delay(FILE *out, const struct kernel *k, const struct where *w,
			  int event, bool answered)
{
	const struct event_state *e = &k->event[event];
	uint64_t end = answered ? e->answered : e->delivered;

	fprintf(out, "  event %d was due at tick %" PRIu64 ", and ", event + 1, e->due);
	if (end == KERNEL_NEVER)
		fprintf(out, "%s by the end.\n",
			answered ? "not answered" : "not delivered");
	else
		fprintf(out, "%s at %" PRIu64 ": %" PRIu64 " ticks.\n",
			answered ? "answered" : "delivered", end, end - e->due);
	rows_between(out, k, w, e->due, end == KERNEL_NEVER ? k->now : end);
}

/* How far the work behind a wrong answer got; -1: it is no state of this event's. */
static long work_behind(const struct kernel *k, int event, uint64_t given, long most)
{
	uint64_t state = k->scenario->occurrence[event].value;

	for (long ticks = 0; ticks <= most; ticks++) {
		if (state == given)
			return ticks;
		state = kernel_work(k->scenario, state, 1);
	}
	return -1;
}

static long ticks_of(const struct kernel *k, int event)
{
	const struct occurrence *o = &k->scenario->occurrence[event];
	long ticks = (long)o->ticks;

	for (int stage = 0; stage < o->stages; stage++)
		ticks += o->stage[stage].ticks;
	return ticks;
}

static void explain_wrong(FILE *out, const struct kernel *k, int event)
{
	const struct scenario *s = k->scenario;
	uint64_t given = k->event[event].given;
	long wanted = ticks_of(k, event);
	long done = work_behind(k, event, given, 2 * wanted);

	fprintf(out, "  event %d was answered wrongly at tick %" PRIu64, event + 1,
		k->event[event].answered);
	if (done >= 0) {
		fprintf(out, ": after %ld of its %ld ticks of work.\n", done, wanted);
		return;
	}
	for (int other = 0; other < s->occurrences; other++) {
		done = work_behind(k, other, given, ticks_of(k, other));
		if (k->event[other].happened && done >= 0) {
			fprintf(out, ": with event %d's state after %ld ticks.\n",
				other + 1, done);
			return;
		}
	}
	fprintf(out, ", with no state that its work goes through.\n");
}

static void explain_source(FILE *out, const struct kernel *k, const struct expect *e)
{
	int source = facts_source(k->scenario, e->of);

	for (int i = 0; i < k->scenario->occurrences; i++) {
		const struct event_state *event = &k->event[i];
		bool wants = facts_wants_answer(k->scenario, i);

		if (!event->happened || k->scenario->occurrence[i].source != source)
			continue;
		if (event->delivered == KERNEL_NEVER) {
			fprintf(out,
				"  event %d, due at %" PRIu64
				", was never asked for.\n",
				i + 1, event->due);
			return;
		}
		if (wants && event->answered == KERNEL_NEVER) {
			fprintf(out,
				"  event %d, delivered at %" PRIu64
				", was never answered.\n",
				i + 1, event->delivered);
			return;
		}
		if (event->answered != KERNEL_NEVER && !event->right) {
			explain_wrong(out, k, i);
			return;
		}
	}
}

static void explain_entry(FILE *out, const struct kernel *k, const struct where *w,
			  int i)
{
	report_picture(out, k, w, i > 4 ? i - 4 : 0, i);
}

/* The calls of one kind of failure: how many, and the first. */
static void explain_failure(FILE *out, const struct kernel *k, const struct where *w,
			    int64_t result)
{
	for (int i = 0; i < k->entries; i++)
		if (k->entry[i].thread && k->entry[i].result == result) {
			fprintf(out, "  the first:\n");
			explain_entry(out, k, w, i);
			return;
		}
}

static void explain_unjoined(FILE *out, const struct kernel *k)
{
	for (int i = 1; i <= k->threads; i++)
		if (facts_unjoined(k, i)) {
			const struct thread *t = &k->thread[i];
			bool process = k->process[t->process].first == i;

			fprintf(out, "  %s %d has ended; nobody joined it.\n",
				process ? "process" : "thread", i);
		}
}

static void explain_lost(FILE *out, const struct kernel *k)
{
	for (int i = 0; i < KERNEL_OPENED_MAX; i++)
		if (k->opened[i].told && file_ready(k, &k->opened[i]))
			fprintf(out,
				"  %s could be read, and the program was told; "
				"it did not read.\n",
				k->file[k->opened[i].file].name);
	for (int i = 0; i < k->sems; i++)
		if (k->sem[i].told && k->sem[i].value > 0)
			fprintf(out,
				"  semaphore %d (%s) was signalled, and the program "
				"was told; it did not try again.\n",
				i, *k->sem[i].name ? k->sem[i].name : "its own");
	for (int i = 0; i < KERNEL_PORTS_MAX; i++)
		if (k->port[i].told && k->port[i].messages > 0)
			fprintf(out,
				"  port %d had a message, and the program was told; "
				"it did not receive.\n",
				k->port[i].number);
}

static void explain_calls(FILE *out, const struct kernel *k, const char *name)
{
	int op = call_find(name);

	fprintf(out, "  %s was called %u times, and failed %u of them.\n", name,
		k->calls[op], k->failed[op]);
}

static void explain_output(FILE *out, const struct kernel *k, const struct expect *e)
{
	for (int i = 0; i < k->scenario->files; i++)
		if (!strcmp(k->file[i].name, e->of))
			fprintf(out, "  it holds \"%.*s\"\n", (int)k->file[i].size,
				k->file[i].data);
}

static void explain_dead_letters(FILE *out, const struct kernel *k,
				 const struct where *w)
{
	for (int i = 0; i < k->entries; i++)
		if (!k->entry[i].thread && strstr(k->entry[i].text, "not there")) {
			explain_entry(out, k, w, i);
			return;
		}
}

void report_fact(FILE *out, const struct kernel *k, const struct where *w,
		 const struct expect *e)
{
	bool latency = !strcmp(e->fact, "latency"),
	     response = !strcmp(e->fact, "response");

	if (facts_of(e->fact) == FACT_OF_TEXT) {
		explain_output(out, k, e);
		return;
	}
	fprintf(out, "  it is %ld.\n", facts_tell(k, e));
	if (latency || response) {
		int event =
			facts_slowest(k, facts_source(k->scenario, e->of), response);

		if (event >= 0)
			explain_delay(out, k, w, event, response);
	} else if (facts_of(e->fact) == FACT_OF_SOURCE) {
		explain_source(out, k, e);
	} else if (facts_of(e->fact) == FACT_OF_CALL) {
		explain_calls(out, k, e->of);
	} else if (!strcmp(e->fact, "bad-descriptors")) {
		explain_failure(out, k, w, -EBADF);
	} else if (!strcmp(e->fact, "polls")) {
		explain_failure(out, k, w, -EWOULDBLOCK);
	} else if (!strcmp(e->fact, "unjoined")) {
		explain_unjoined(out, k);
	} else if (!strcmp(e->fact, "lost")) {
		explain_lost(out, k);
	} else if (!strcmp(e->fact, "dead-letters")) {
		explain_dead_letters(out, k, w);
	}
}
