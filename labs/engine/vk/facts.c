/* SPDX-License-Identifier: BSD-2-Clause */
/* facts.c - a run in numbers.  What was not done by the end counts as done then. */
#include "config.h"

#include "facts.h"

#include <errno.h>
#include <string.h>

int facts_source(const struct scenario *s, const char *name)
{
	for (int i = 0; i < s->sources; i++)
		if (!strcmp(s->source[i], name))
			return i;
	return -1;
}

bool facts_wants_answer(const struct scenario *s, int event)
{
	return s->occurrence[event].ticks || s->occurrence[event].stages;
}

bool facts_unjoined(const struct kernel *k, int thread)
{
	const struct thread *t = &k->thread[thread];

	return thread > 1 && t->state == THREAD_ENDED && !t->detached && !t->joined;
}

/* --- delays ------------------------------------------------------------------------
 */

uint64_t facts_delay(const struct kernel *k, int event, bool answered)
{
	const struct event_state *e = &k->event[event];
	uint64_t end = answered ? e->answered : e->delivered;

	return (end == KERNEL_NEVER ? k->now : end) - e->due;
}

static bool counts(const struct kernel *k, int event, int source)
{
	return k->event[event].happened &&
	       k->scenario->occurrence[event].source == source;
}

int facts_slowest(const struct kernel *k, int source, bool answered)
{
	int slowest = -1;

	for (int i = 0; i < k->scenario->occurrences; i++)
		if (counts(k, i, source) &&
		    (slowest < 0 ||
		     facts_delay(k, i, answered) > facts_delay(k, slowest, answered)))
			slowest = i;
	return slowest;
}

static long tell_latency(const struct kernel *k, int source)
{
	int slowest = facts_slowest(k, source, false);

	return slowest < 0 ? 0 : (long)facts_delay(k, slowest, false);
}

static long tell_response(const struct kernel *k, int source)
{
	int slowest = facts_slowest(k, source, true);

	return slowest < 0 ? 0 : (long)facts_delay(k, slowest, true);
}

static long tell_mean(const struct kernel *k, int source)
{
	uint64_t sum = 0, n = 0;

	for (int i = 0; i < k->scenario->occurrences; i++)
		if (counts(k, i, source)) {
			sum += facts_delay(k, i, true);
			n++;
		}
	return n ? (long)(sum / n) : 0;
}

/* --- events ------------------------------------------------------------------------
 */

static long tell_answered(const struct kernel *k, int source)
{
	long n = 0;

	for (int i = 0; i < k->scenario->occurrences; i++)
		n += counts(k, i, source) && k->event[i].answered != KERNEL_NEVER &&
		     k->event[i].right;
	return n;
}

static long tell_wrong(const struct kernel *k, int source)
{
	long n = 0;

	for (int i = 0; i < k->scenario->occurrences; i++)
		n += counts(k, i, source) && k->event[i].answered != KERNEL_NEVER &&
		     !k->event[i].right;
	return n;
}

static long tell_missed(const struct kernel *k, int source)
{
	long n = 0;

	for (int i = 0; i < k->scenario->occurrences; i++) {
		bool answer = facts_wants_answer(k->scenario, i);

		n += counts(k, i, source) &&
		     (answer ? k->event[i].answered : k->event[i].delivered) ==
			     KERNEL_NEVER;
	}
	return n;
}

/* --- calls -------------------------------------------------------------------------
 */

static long tell_calls(const struct kernel *k, int op)
{
	return k->calls[op];
}

static long tell_failed(const struct kernel *k, int op)
{
	return k->failed[op];
}

static long tell_waiting(const struct kernel *k, int op)
{
	long n = 0;

	for (int i = 1; i <= k->threads; i++)
		n += k->thread[i].state == THREAD_BLOCKED && k->thread[i].call.op == op;
	return n;
}

/* --- the rest ----------------------------------------------------------------------
 */

static long tell_ticks(const struct kernel *k, int unused)
{
	return (long)k->now + unused;
}

static long tell_idle(const struct kernel *k, int unused)
{
	return (long)k->idle + unused;
}

static long tell_work(const struct kernel *k, int unused)
{
	return (long)k->worked + unused;
}

static long tell_polls(const struct kernel *k, int unused)
{
	return (long)k->polls + unused;
}

static long tell_threads(const struct kernel *k, int unused)
{
	return k->threads_peak + unused;
}

static long tell_bad_descriptors(const struct kernel *k, int unused)
{
	return (long)k->bad_descriptors + unused;
}

static long tell_dead_letters(const struct kernel *k, int unused)
{
	return (long)k->dead_letters + unused;
}

static long tell_stack(const struct kernel *k, int unused)
{
	return (long)k->stack_most + unused;
}

static long tell_unjoined(const struct kernel *k, int n)
{
	for (int i = 1; i <= k->threads; i++)
		n += facts_unjoined(k, i);
	return n;
}

static long tell_unclosed(const struct kernel *k, int n)
{
	for (int i = 0; i < k->processes; i++)
		for (int fd = 0; fd < VK_FILES_MAX; fd++)
			n += k->process[i].fd[fd] >= 0;
	return n + (long)k->unclosed;
}

static long tell_lost(const struct kernel *k, int n)
{
	for (int i = 0; i < KERNEL_OPENED_MAX; i++)
		n += k->opened[i].told && file_ready(k, &k->opened[i]);
	for (int i = 0; i < k->sems; i++)
		n += k->sem[i].told && k->sem[i].value > 0;
	for (int i = 0; i < KERNEL_PORTS_MAX; i++)
		n += k->port[i].told && k->port[i].messages > 0;
	return n;
}

static long tell_sessions(const struct kernel *k, int n)
{
	for (int i = 0; i < k->scenario->clients; i++)
		n += client_finished(k, i);
	return n;
}

static const struct fact {
	const char *name;
	enum fact_of of;
	long (*tell)(const struct kernel *kernel, int of);
} facts[] = {
	{"answered", FACT_OF_SOURCE, tell_answered},
	{"bad-descriptors", FACT_OF_NOTHING, tell_bad_descriptors},
	{"calls", FACT_OF_CALL, tell_calls},
	{"dead-letters", FACT_OF_NOTHING, tell_dead_letters},
	{"failed", FACT_OF_CALL, tell_failed},
	{"idle", FACT_OF_NOTHING, tell_idle},
	{"latency", FACT_OF_SOURCE, tell_latency},
	{"lost", FACT_OF_NOTHING, tell_lost},
	{"mean-response", FACT_OF_SOURCE, tell_mean},
	{"missed", FACT_OF_SOURCE, tell_missed},
	{"output", FACT_OF_TEXT, NULL},
	{"polls", FACT_OF_NOTHING, tell_polls},
	{"response", FACT_OF_SOURCE, tell_response},
	{"sessions", FACT_OF_NOTHING, tell_sessions},
	{"stack", FACT_OF_NOTHING, tell_stack},
	{"threads", FACT_OF_NOTHING, tell_threads},
	{"ticks", FACT_OF_NOTHING, tell_ticks},
	{"unclosed", FACT_OF_NOTHING, tell_unclosed},
	{"unjoined", FACT_OF_NOTHING, tell_unjoined},
	{"waiting", FACT_OF_CALL, tell_waiting},
	{"work", FACT_OF_NOTHING, tell_work},
	{"wrong", FACT_OF_SOURCE, tell_wrong},
};

static const struct fact *fact_find(const char *name)
{
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		if (!strcmp(facts[i].name, name))
			return &facts[i];
	return NULL;
}

enum fact_of facts_of(const char *name)
{
	const struct fact *fact = fact_find(name);

	return fact ? fact->of : FACT_OF_NOTHING;
}

static int file_of(const struct scenario *s, const char *name)
{
	for (int i = 0; i < s->files; i++)
		if (!strcmp(s->file[i].name, name))
			return i;
	return -1;
}

/* What the fact is of, as a number; -1: there is nothing of that name. */
static int of_number(const struct scenario *s, const struct expect *e)
{
	switch (facts_of(e->fact)) {
	case FACT_OF_SOURCE:
		return facts_source(s, e->of);
	case FACT_OF_CALL:
		return call_find(e->of);
	case FACT_OF_TEXT:
		return file_of(s, e->of);
	default:
		return 0;
	}
}

int facts_check(const struct scenario *s, const struct expect *e)
{
	static const char *const compares[] = {"=", "<", "<=", ">", ">="};

	if (!fact_find(e->fact) || of_number(s, e) < 0)
		return -EINVAL;
	if (facts_of(e->fact) == FACT_OF_TEXT)
		return 0;
	for (size_t i = 0; i < sizeof(compares) / sizeof(*compares); i++)
		if (!strcmp(compares[i], e->compare))
			return 0;
	return -EINVAL;
}

long facts_tell(const struct kernel *k, const struct expect *e)
{
	int of = of_number(k->scenario, e);
	const struct file *f;

	if (facts_of(e->fact) != FACT_OF_TEXT)
		return fact_find(e->fact)->tell(k, of);
	f = &k->file[of];
	return f->size == strlen(e->text) && !memcmp(f->data, e->text, f->size);
}

bool facts_hold(const struct expect *e, long number)
{
	bool equal = strchr(e->compare, '=') && number == e->number;

	if (facts_of(e->fact) == FACT_OF_TEXT)
		return number == 1;
	if (*e->compare == '<')
		return number < e->number || equal;
	if (*e->compare == '>')
		return number > e->number || equal;
	return equal;
}

bool facts_outcome_good(const struct kernel *k)
{
	if (k->scenario->outcome != OUTCOME_GOOD)
		return k->outcome == k->scenario->outcome;
	return k->outcome == OUTCOME_ENDED || k->outcome == OUTCOME_REST;
}

bool facts_good(const struct kernel *k)
{
	for (int i = 0; i < k->scenario->expects; i++) {
		const struct expect *e = &k->scenario->expect[i];

		if (!facts_hold(e, facts_tell(k, e)))
			return false;
	}
	return facts_outcome_good(k);
}
