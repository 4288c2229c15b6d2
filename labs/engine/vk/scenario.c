/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c - reads a scenario: one statement a line, most of them a thing's name and
 * then pairs of words. */
#include "config.h"

#include "facts.h"
#include "reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int error;
} errors[] = {
	{"EAGAIN", EAGAIN},   {"EBADF", EBADF},   {"ECONNREFUSED", ECONNREFUSED},
	{"EEXIST", EEXIST},   {"EINTR", EINTR},   {"EINVAL", EINVAL},
	{"EIO", EIO},         {"EMFILE", EMFILE}, {"ENFILE", ENFILE},
	{"ENOBUFS", ENOBUFS}, {"ENOENT", ENOENT}, {"ENOMEM", ENOMEM},
	{"ENOSPC", ENOSPC},   {"EPIPE", EPIPE},   {"ESRCH", ESRCH},
};

static const char *const outcomes[OUTCOMES] = {
	[OUTCOME_GOOD] = "ended-or-at-rest",
	[OUTCOME_ENDED] = "ended",
	[OUTCOME_REST] = "rest",
	[OUTCOME_HANG] = "hang",
	[OUTCOME_BUSY] = "busy",
	[OUTCOME_LIMIT] = "limit",
	[OUTCOME_DIED] = "died",
};

int scenario_errno(const char *name)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strcmp(errors[i].name, name))
			return errors[i].error;
	return 0;
}

const char *scenario_errno_name(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].error == error)
			return error == EWOULDBLOCK ? "EWOULDBLOCK" : errors[i].name;
	return "an error";
}

const char *scenario_outcome_name(enum outcome outcome)
{
	return outcomes[outcome];
}

/* SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
 * 2014, figure 17), which can begin anywhere. */
uint64_t scenario_random(uint64_t seed, uint64_t n)
{
	uint64_t z = seed + n * 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* --- names -------------------------------------------------------------------------
 */

int reading_find(const char *first, size_t stride, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(first + (size_t)i * stride, name))
			return i;
	return -1;
}

int reading_file_of(const struct scenario *s, const char *name)
{
	return reading_find(s->file[0].name, sizeof(*s->file), s->files, name);
}

int reading_sem_of(const struct scenario *s, const char *name)
{
	return reading_find(s->sem[0].name, sizeof(*s->sem), s->sems, name);
}

/* --- the machine, and what is expected ---------------------------------------------
 */

static void read_seed(struct reading *r)
{
	r->scenario->seed = line_number(&r->line, 1);
}

static void read_cpus(struct reading *r)
{
	r->scenario->cpus = line_number(&r->line, 1);
	if (r->scenario->cpus < 1 || r->scenario->cpus > SCENARIO_CPUS_MAX)
		line_fail(&r->line, "processors are from 1 to %d", SCENARIO_CPUS_MAX);
}

static void read_quantum(struct reading *r)
{
	r->scenario->quantum = line_number(&r->line, 1);
	if (!r->scenario->quantum)
		line_fail(&r->line, "a quantum has a tick or more");
}

static void read_limit(struct reading *r)
{
	r->scenario->limit = line_number(&r->line, 1);
}

static void read_cold(struct reading *r)
{
	r->scenario->cold = line_number(&r->line, 1);
}

static void read_server(struct reading *r)
{
	r->scenario->server = true;
}

static void read_cost(struct reading *r)
{
	const char *name = line_word(&r->line, 1, SCENARIO_WORD_MAX);
	unsigned ticks = line_number(&r->line, 2);
	int op = call_find(name);
	bool all = !strcmp(name, "all");

	if (op < 0 && !all)
		line_fail(&r->line, "there is no call %s", name);
	for (int i = 0; i < VK_OPS; i++)
		if (all || i == op)
			r->scenario->cost[i] = ticks;
}

static void read_fail(struct reading *r)
{
	struct scenario *s = r->scenario;
	struct failure failure;

	failure.op = call_find(line_word(&r->line, 1, SCENARIO_WORD_MAX));
	failure.number = line_number(&r->line, 2);
	failure.error = scenario_errno(line_word(&r->line, 3, SCENARIO_WORD_MAX));
	if (failure.op < 0)
		line_fail(&r->line, "there is no call %s", r->line.word[1]);
	else if (!failure.number)
		line_fail(&r->line, "calls are counted from 1");
	else if (!failure.error)
		line_fail(&r->line, "no errno is called %s", r->line.word[3]);
	else if (s->failures == SCENARIO_FAILURES_MAX)
		line_fail(&r->line, "more than %d failures", SCENARIO_FAILURES_MAX);
	else
		s->failure[s->failures++] = failure;
}

static void read_outcome(struct reading *r)
{
	const char *name = line_word(&r->line, 1, SCENARIO_WORD_MAX);

	for (int i = OUTCOME_ENDED; i < OUTCOMES; i++)
		if (!strcmp(outcomes[i], name)) {
			r->scenario->outcome = (enum outcome)i;
			return;
		}
	line_fail(&r->line, "no run ends as \"%s\"", name);
}

/* expect FACT [OF] COMPARE NUMBER, or expect output FILE "TEXT" */
static void read_expect(struct reading *r)
{
	struct scenario *s = r->scenario;
	struct line *line = &r->line;
	struct expect e = {.line = line->number};
	int n = 1;

	if (s->expects == SCENARIO_EXPECTS_MAX) {
		line_fail(line, "more than %d expectations", SCENARIO_EXPECTS_MAX);
		return;
	}
	snprintf(e.fact, sizeof(e.fact), "%s", line_word(line, n++, sizeof(e.fact)));
	if (facts_of(e.fact) != FACT_OF_NOTHING)
		snprintf(e.of, sizeof(e.of), "%s", line_word(line, n++, sizeof(e.of)));
	if (facts_of(e.fact) == FACT_OF_TEXT) {
		snprintf(e.text, sizeof(e.text), "%s",
			 line_word(line, n, sizeof(e.text)));
	} else {
		snprintf(e.compare, sizeof(e.compare), "%s",
			 line_word(line, n++, sizeof(e.compare)));
		e.number = line_number(line, n);
	}
	if (!*line->error && facts_check(s, &e) < 0)
		line_fail(line, "nobody can tell \"%s %s %s\"", e.fact, e.of,
			  e.compare);
	s->expect[s->expects++] = e;
}

static const struct {
	const char *name;
	void (*read)(struct reading *);
} statements[] = {
	{"arrive", reading_arrive}, {"ask", reading_ask},
	{"client", reading_client}, {"cold", read_cold},
	{"cost", read_cost},        {"cpus", read_cpus},
	{"end", reading_end},       {"event", reading_event},
	{"expect", read_expect},    {"fail", read_fail},
	{"file", reading_file},     {"finish", reading_finish},
	{"limit", read_limit},      {"meet", reading_meet},
	{"outcome", read_outcome},  {"port", reading_port},
	{"quantum", read_quantum},  {"seed", read_seed},
	{"semaphore", reading_sem}, {"server", read_server},
	{"signal", reading_signal}, {"stream", reading_stream},
	{"take", reading_take},     {"tell", reading_tell},
	{"think", reading_think},   {"want", reading_want},
};

static void read_statement(struct reading *r)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
		if (!strcmp(statements[i].name, r->line.word[0])) {
			statements[i].read(r);
			line_end(&r->line);
			return;
		}
	line_fail(&r->line, "no statement is called \"%s\"", r->line.word[0]);
}

static void defaults_set(struct scenario *s)
{
	memset(s, 0, sizeof(*s));
	s->cpus = 1;
	s->quantum = 10;
	s->limit = 100000;
	s->calls_max = 200000;
	for (int op = 0; op < VK_OPS; op++)
		s->cost[op] = 1;
	s->cost[VK_OP_WORK] = s->cost[VK_OP_STAGE] = 0;
}

int scenario_read(struct scenario *scenario, const char *name, const char *text,
		  const char *const *settings)
{
	struct reading *r = calloc(1, sizeof(*r));

	defaults_set(scenario);
	if (!r) {
		snprintf(scenario->error, sizeof(scenario->error), "out of memory");
		return -ENOMEM;
	}
	r->scenario = scenario;
	r->block = -1;
	r->line.name = name;
	r->line.error = scenario->error;
	while (*text && !*scenario->error) {
		text = line_split(&r->line, text, settings);
		if (r->line.words && !*scenario->error)
			read_statement(r);
	}
	if (r->block >= 0)
		line_fail(&r->line, "a client without its end");
	free(r);
	return *scenario->error ? -EINVAL : 0;
}
