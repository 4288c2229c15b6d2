/* SPDX-License-Identifier: BSD-2-Clause */
/* search.c - tries schedules in the order of their switches: none, then one at each
   place, then two (iterative context bounding: Musuvathi and Qadeer, PLDI 2007). */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "execution.h"
#include "step.h"
#include "story.h"

/* A schedule to be tried. */
struct attempt {
	struct turns turns;
	unsigned switches;
};

struct search {
	const struct step_options *options;
	struct subject subject;
	struct attempt *queue;
	size_t n, room, next;
	bool complete;
	FILE *out;
};

void step_options_init(struct step_options *options)
{
	memset(options, 0, sizeof(*options));
	options->switches = 2;
	options->schedules = 20000;
	options->steps = 50000;
	box_plan_init(&options->box);
	options->box.limits.cpu_s = 600; /* of all runs together */
	options->box.limits.wall_s = 600;
	options->box.in = options->box.out = options->box.err = -1;
}

static int attempt_add(struct search *s, const struct turns *turns, unsigned switches)
{
	if (s->n == s->room) {
		size_t room = s->room * 2 + 256;
		struct attempt *more = realloc(s->queue, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->queue = more;
		s->room = room;
	}
	s->queue[s->n++] = (struct attempt){*turns, switches};
	return 0;
}

/* The turns as they were up to the point, cut there, and the other thread's. */
static int child_add(struct search *s, const struct execution *x,
		     const struct point *point, unsigned other, unsigned switches)
{
	struct turns turns = {malloc((point->taken + 2) * sizeof(struct turn)),
			      point->taken + 2};
	if (!turns.list)
		return -ENOMEM;
	if (point->taken > 0)
		memcpy(turns.list, x->taken.list, point->taken * sizeof(struct turn));
	turns.list[point->taken] = (struct turn){point->thread, TURN_STEPS,
						 point->steps, point->half, NULL};
	turns.list[point->taken + 1] = (struct turn){.thread = other};
	int status = attempt_add(s, &turns, switches);
	if (status < 0)
		turns_free(&turns);
	return status;
}

static int children_add(struct search *s, const struct execution *x, unsigned switches)
{
	int status = 0;
	for (unsigned i = 0; status == 0 && i < x->n_points; i++)
		for (unsigned other = 0; status == 0 && other < x->threads; other++) {
			if (!(x->points[i].others >> other & 1))
				continue;
			if (s->n >= s->options->schedules) {
				s->complete = false;
				return 0;
			}
			status = child_add(s, x, &x->points[i], other, switches);
		}
	return status;
}

static struct execution *execution_new(struct search *s, const struct turns *turns,
				       struct story *story)
{
	struct execution *x = calloc(1, sizeof(*x));
	if (!x)
		return NULL;
	x->subject = &s->subject;
	x->plan = turns;
	x->steps_max = s->options->steps;
	x->every = s->options->every;
	x->story = story;
	return x;
}

static void execution_drop(struct execution *x)
{
	if (x)
		execution_free(x);
	free(x);
}

static int attempt_run(struct search *s, struct execution *x)
{
	int status = x ? execution_run(x, checks_judge, (void *)(uintptr_t)s->options)
		       : -ENOMEM;
	if (status == 0 && x->outcome.kind == OUTCOME_KILLED)
		status = -ECANCELED;
	return status;
}

static void schedule_print(const struct search *s, const struct turns *turns)
{
	char *text = malloc(TURNS_TEXT);
	if (!text)
		return;
	turns_print(turns, text, TURNS_TEXT);
	const char *shown = *text ? text : "0";
	fprintf(s->out, "\nschedule: %s\n", shown);
	if (s->options->again)
		fprintf(s->out, "replay:   %s%s%s\n", s->options->again, shown,
			s->options->behind);
	free(text);
}

static void outcome_print(const struct search *s, const struct outcome *outcome)
{
	if (outcome->kind == OUTCOME_EXIT)
		fprintf(s->out, "held: %s, and all that was to be checked\n",
			outcome->text);
	else
		fprintf(s->out, "broken: %s\n", outcome->text);
}

/* Runs it again, now with a story, and tells it.  A program that does otherwise this
   time depends on more than its schedule. */
static int outcome_tell(struct search *s, const struct turns *turns,
			const struct outcome *before)
{
	struct story *story = story_new();
	struct execution *x = execution_new(s, turns, story);
	int status = story ? attempt_run(s, x) : -ENOMEM;
	if (status == 0 && before && strcmp(before->text, x->outcome.text) != 0) {
		fprintf(stderr,
			"lab-step: %s: the same schedule ended otherwise: \"%s\", then "
			"\"%s\"\n",
			s->options->argv[0], before->text, x->outcome.text);
		status = -EPROTO;
	}
	if (status == 0) {
		fputc('\n', s->out);
		story_print(story, s->options->argv[0], s->out);
		if (x->not_taken > 0)
			fprintf(s->out,
				"\n%u turns of the schedule were not taken: their "
				"thread "
				"could not run\n",
				x->not_taken);
		schedule_print(s, turns);
		status = x->outcome.kind != OUTCOME_EXIT;
	}
	execution_drop(x);
	story_free(story);
	return status;
}

static int broken_tell(struct search *s, const struct attempt *attempt,
		       const struct outcome *outcome)
{
	outcome_print(s, outcome);
	if (attempt->switches == 0)
		fprintf(s->out, "without a switch from a thread that could go on\n");
	else
		fprintf(s->out, "by %u switch%s, in schedule %zu of the search\n",
			attempt->switches, attempt->switches > 1 ? "es" : "", s->next);
	return outcome_tell(s, &attempt->turns, outcome);
}

/* Tries the queue's next: 1 if it breaks the program, 0, or -errno. */
static int next_try(struct search *s)
{
	struct attempt attempt = s->queue[s->next++];
	struct execution *x = execution_new(s, &attempt.turns, NULL);
	int status = attempt_run(s, x);
	if (status == 0 && x->outcome.kind != OUTCOME_EXIT)
		status = broken_tell(s, &attempt, &x->outcome);
	else if (status == 0 && attempt.switches < s->options->switches)
		status = children_add(s, x, attempt.switches + 1);
	execution_drop(x);
	turns_free(&s->queue[s->next - 1].turns);
	return status;
}

static void held_tell(const struct search *s)
{
	if (s->complete)
		fprintf(s->out, "held: all %zu schedules of at most %u switches\n",
			s->next, s->options->switches);
	else
		fprintf(s->out,
			"held: the first %zu schedules; there are more of at most %u "
			"switches\n",
			s->next, s->options->switches);
}

static int search_start(struct search *s, const struct step_options *options, FILE *out)
{
	char wrong[512] = "";
	*s = (struct search){.options = options, .out = out, .complete = true};
	int status = strchr(options->argv[0], '/') ? 0 : -EINVAL;
	if (status < 0)
		snprintf(wrong, sizeof(wrong), "no path: say ./%s", options->argv[0]);
	else
		status = subject_start(&s->subject, options->argv, options->names,
				       options->objects, &options->box, wrong,
				       sizeof(wrong));
	if (status == 0)
		status = checks_validate(options, &s->subject.program, wrong,
					 sizeof(wrong));
	if (status == -ECANCELED) {
		fprintf(out, "broken: %s\n", wrong);
		return 1;
	}
	if (status < 0)
		fprintf(stderr, "lab-step: %s: %s\n", options->argv[0], wrong);
	return status;
}

/* Says what could not be done, and how the box saw it. */
static void failure_tell(struct search *s, int status, const struct box_end *end)
{
	char text[256] = "";
	if (status == -ECANCELED)
		box_end_describe(end, &s->options->box.limits, text, sizeof(text));
	fprintf(stderr, "lab-step: %s: %s%s%s\n", s->options->argv[0],
		status == -ECANCELED ? "it was ended from outside" : strerror(-status),
		*text ? ": " : "", text);
}

/* Ended for taking too much of what a box has: that is the program's fault. */
static bool took_too_much(enum box_how how)
{
	return how == BOX_MEMORY || how == BOX_PROCESSES || how == BOX_FILE_SIZE;
}

static int search_end(struct search *s, int status, bool told)
{
	struct box_end end = {0};
	char text[256];
	while (s->next < s->n)
		turns_free(&s->queue[s->next++].turns);
	free(s->queue);
	bool ended = subject_end(&s->subject, &end) == 0;
	if (ended && (status == -ECANCELED || status == -ESRCH) &&
	    took_too_much(end.how)) {
		box_end_describe(&end, &s->options->box.limits, text, sizeof(text));
		fprintf(s->out, "broken: %s\n", text);
		return 1;
	}
	if (status < 0 && !told)
		failure_tell(s, status, &end);
	return status;
}

int step_search(const struct step_options *options, FILE *out)
{
	struct search s;
	int status = search_start(&s, options, out);
	if (status != 0)
		return search_end(&s, status, true);
	status = attempt_add(&s, &(struct turns){0}, 0);
	while (status == 0 && s.next < s.n)
		status = next_try(&s);
	if (status == 0)
		held_tell(&s);
	return search_end(&s, status, status == -EPROTO);
}

int step_replay(const struct step_options *options, const struct turns *turns,
		FILE *out)
{
	struct search s;
	int status = search_start(&s, options, out);
	if (status != 0)
		return search_end(&s, status, true);
	struct execution *x = execution_new(&s, turns, NULL);
	status = attempt_run(&s, x);
	if (status == 0) {
		outcome_print(&s, &x->outcome);
		status = outcome_tell(&s, turns, &x->outcome);
	}
	execution_drop(x);
	return search_end(&s, status, status == -EPROTO);
}
