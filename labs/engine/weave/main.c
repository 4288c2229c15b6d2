/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - lab-weave: every way a program's threads can run, under one model of memory
 * after the other.  Exit status: 0 nothing found in all there is, 1 a finding, 2 bad
 * usage or a bound that was hit, 3 it could not be tried. */
#include "config.h"

#include "history.h"
#include "options.h"
#include "picture.h"
#include "schedule.h"
#include "search.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FOUND = 1,
	BOUNDED = 2,
	FAILED = 3,
	DETOURS_MOST = 8,
	SHORTER_MOST = 12,
	SIMPLER_STATES = 300000
};

struct run {
	struct options options;
	struct program program;
	struct history history;
	struct machine machine;
};

/* Judge and program take turns: on one CPU a turn is a switch, not a wake-up elsewhere.
 */
static void pin(void)
{
	cpu_set_t all, one;

	if (sched_getaffinity(0, sizeof all, &all) < 0)
		return;
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_SET(cpu, &one);
		break;
	}
	sched_setaffinity(0, sizeof one, &one);
}

/* The program is gone, or talks nonsense, or we have no memory. */
static int trouble(struct run *run, int status)
{
	struct box_end end;
	char text[128];

	if (status == -EILSEQ)
		printf("the program found the same and did not do the same: does it "
		       "use "
		       "time or chance?\n");
	else if (status == -EPROTO)
		printf("the program says what makes no sense to lab-weave\n");
	else if (status == -E2BIG)
		printf("a thread asks for more than %d things\n", PAGE_ANSWERS);
	if (status == -EILSEQ || status == -EPROTO)
		return FOUND;
	if (status == -E2BIG)
		return BOUNDED;
	if (status != -ECHILD) {
		fprintf(stderr, "lab-weave: %s\n", strerror(-status));
		return FAILED;
	}
	run->program.started = false;
	if (box_wait(&run->program.box, &end) < 0)
		return FAILED;
	box_end_describe(&end, &run->program.limits, text, sizeof text);
	printf("the program ended before its time: %s\n", text);
	return end.how == BOX_WALL ? FAILED : FOUND;
}

static int begin(struct run *run)
{
	struct box_end end;
	char text[128];
	int status = program_start(&run->program, run->options.program, &end);

	if (status == 0)
		return history_open(&run->history, &run->program) < 0 ? FAILED : 0;
	if (status == -ECHILD) {
		box_end_describe(&end, &run->program.limits, text, sizeof text);
		printf("the program ended before its threads began: %s\n", text);
		return end.how == BOX_WALL ? FAILED : FOUND;
	}
	if (status == -EPROTO)
		return trouble(run, status);
	fprintf(stderr, "lab-weave: %s: %s\n", run->options.program[0],
		strerror(-status));
	return FAILED;
}

static void command_print(const struct run *run, const struct choice *path, uint32_t n)
{
	const struct options *o = &run->options;

	printf("replay: lab-weave --model %s", model_name[run->machine.memory.model]);
	if (o->input_text)
		printf(" --input %s", o->input_text);
	if (o->expect)
		printf(" --expect '%s'", o->expect);
	if (o->signals)
		printf(" --signals");
	printf(" --replay ");
	schedule_print(path, n);
	printf(" --");
	for (char **word = o->program; *word; word++)
		printf(" %s", *word);
	printf("\n");
}

/* Does the steps once more, and shows them. */
static int show(struct run *run, const struct search *s)
{
	char outcome[SEARCH_OUTCOME];
	struct trace trace = {.event = NULL};
	struct picture picture = {.machine = &run->machine,
				  .trace = &trace,
				  .program = run->options.program[0],
				  .outcome = outcome,
				  .expect = run->options.expect};
	int status;

	run->machine.trace = &trace;
	status = search_replay(s, outcome);
	run->machine.trace = NULL;
	if (status == 0) {
		printf("%s: ", model_name[run->machine.memory.model]);
		picture_print(&picture);
	}
	free(trace.event);
	return status;
}

/* A shorter one, as long as one is found. */
static int shorten(struct search *s)
{
	for (uint32_t i = 0; i < SHORTER_MOST && s->path_length > 1; i++) {
		int status;

		s->limits.length = s->path_length - 1;
		status = search_run(s);
		if (status <= 0)
			return status < 0 ? status : 1;
	}
	return 1;
}

/* The finding's execution, or one with as few detours as there is, and rather short. */
static int report(struct run *run, struct search *s)
{
	struct search simple = {
		.machine = &run->machine, .expect = s->expect, .limits = s->limits};
	int status = run->machine.finding.kind == FINDING_ENDLESS;

	simple.limits.states = SIMPLER_STATES;
	for (uint16_t n = 0; status == 0 && n <= DETOURS_MOST; n++) {
		simple.limits.detours = n;
		status = search_run(&simple);
	}
	if (status == 1 && simple.path)
		status = shorten(s = &simple);
	if (status >= 0)
		status = show(run, s);
	if (status >= 0)
		command_print(run, s->path, s->path_length);
	search_close(&simple);
	return status < 0 ? trouble(run, status) : FOUND;
}

static void outcomes_print(const struct search *s)
{
	for (uint32_t i = 0; i < s->outcomes; i++)
		printf("  %s\n", s->outcome[i].text[0] ? s->outcome[i].text : "-");
}

/* All executions under one model. */
static int explore(struct run *run)
{
	const struct options *o = &run->options;
	const char *name = model_name[run->machine.memory.model];
	struct search s = {.machine = &run->machine,
			   .expect = o->expect,
			   .limits = {.states = o->states,
				      .steps = o->steps,
				      .detours = SEARCH_NO_BOUND}};
	int status;

	if (o->outcomes)
		s.outcome = calloc(SEARCH_OUTCOMES, sizeof *s.outcome);
	status = search_run(&s);
	if (status < 0) {
		status = trouble(run, status);
	} else if (status == 1) {
		status = report(run, &s);
		if (run->machine.finding.kind == FINDING_ENDLESS ||
		    run->machine.finding.kind == FINDING_LARGE)
			status = BOUNDED;
	} else if (s.full) {
		printf("%s: nothing found in %" PRIu64
		       " states, but there are more: no verdict (--states)\n",
		       name, s.states);
		status = BOUNDED;
	} else {
		printf("%s: nothing found in all there is: %" PRIu64 " states, %" PRIu64
		       " steps, %" PRIu64 " ends, the longest after %" PRIu32
		       " steps\n",
		       name, s.states, s.steps, s.ends, s.longest - 1);
		outcomes_print(&s);
	}
	search_close(&s);
	free(s.outcome);
	return status;
}

static int replay(struct run *run)
{
	const struct options *o = &run->options;
	const struct search s = {.machine = &run->machine,
				 .expect = o->expect,
				 .limits = {.steps = o->steps},
				 .path = o->replay,
				 .path_length = o->replays};
	int status = show(run, &s);

	if (status == -EINVAL) {
		fprintf(stderr, "lab-weave: --replay: a step that cannot be done\n");
		return BOUNDED;
	}
	if (status < 0)
		return trouble(run, status);
	return run->machine.finding.kind ? FOUND : 0;
}

int main(int argc, char **argv)
{
	static struct run run;
	int status = options_parse(&run.options, argc, argv);

	if (status != 0)
		return status < 0 ? 2 : 0;
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	pin();
	status = begin(&run);
	run.machine.history = &run.history;
	run.machine.signals = run.options.signals;
	memcpy(run.machine.input, run.options.input, sizeof run.machine.input);
	for (uint32_t i = 0; i < run.options.models && status == 0; i++) {
		run.machine.memory.model = run.options.model[i];
		status = run.options.replay ? replay(&run) : explore(&run);
	}
	program_end(&run.program);
	history_close(&run.history);
	free(run.options.replay);
	return status;
}
