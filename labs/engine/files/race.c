/* SPDX-License-Identifier: BSD-2-Clause */
/* race.c - blocks that are played under ptrace.  In a race the first line's carrier is
 * stopped at each instruction of the program that it comes through, one in each round;
 * the second line's runs until it is done or waits, and then the first goes on. Nothing
 * is left to chance: every place is tried, and never do two run at a time.  A count
 * adds up system calls. */
#include "config.h"

#include "play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "trace.h"
#include "turns.h"

/* A round counts as so many lines, of those that a script may play. */
enum { STEPS_MAX = 50000, PLACES_MAX = 2000, ROUND_LINES = 10 };

struct race {
	struct asked first, second;
	int body, end; /* lines: what is played after each round */
	struct trace_text code;
	uint64_t place[PLACES_MAX]; /* the program's own code that the first comes
				       through */
	unsigned places;
};

static void place_add(struct race *race, uint64_t where)
{
	if (where < race->code.begin || where >= race->code.end)
		return;
	for (unsigned i = 0; i < race->places; i++)
		if (race->place[i] == where)
			return;
	if (race->places < PLACES_MAX)
		race->place[race->places++] = where;
}

/* Who resumes a thread is past its own loop: swapcontext(3) sets the signal mask, which
 * is a system call. */
static enum subject_state thread_reach(struct subject *subject, int carrier)
{
	bool inside = false;

	for (;;) {
		enum subject_state state = turn_go(subject, carrier, TRACE_TO_CALL);
		pid_t pid = subject->carrier[carrier];

		if (state != SUBJECT_STOPPED ||
		    trace_call_ended(pid, SYS_rt_sigprocmask, &inside) != 0)
			return state;
	}
}

/* One instruction.  One that sleeps in it may wait for what the others have to do: once
 * they had their turns, is it done? */
static enum subject_state step(struct subject *subject, int carrier)
{
	enum subject_state state = turn_go(subject, carrier, TRACE_STEP);

	if (state != SUBJECT_ASLEEP)
		return state;
	subject->held[carrier] = true;
	if (!turns_take(subject, carrier, carrier, CARRIERS))
		return SUBJECT_GONE;
	return turn_await(subject, carrier, TRACE_STEP);
}

/* The first carrier does what it is asked by single steps, so that we see where it
 * comes through.  SUBJECT_BUSY: it is never done. */
static enum subject_state places_find(struct subject *subject, struct race *race)
{
	int carrier = race->first.call.carrier;
	uint64_t where;

	for (int steps = 0; steps < STEPS_MAX; steps++) {
		enum subject_state state = step(subject, carrier);

		if (state != SUBJECT_STOPPED)
			return state;
		if (trace_where(subject->carrier[carrier], &where) < 0)
			return SUBJECT_GONE;
		place_add(race, where);
		if ((where < race->code.begin || where >= race->code.end) &&
		    subject_answered_now(subject, carrier))
			return SUBJECT_ANSWERED;
	}
	return SUBJECT_BUSY;
}

/* The first carrier runs until it comes to a place, if it does.  0 or -errno. */
static int place_reach(struct subject *subject, int carrier, uint64_t place)
{
	pid_t pid = subject->carrier[carrier];
	struct trace_break at;
	enum subject_state state;
	int error = trace_break_set(pid, &at, place);

	if (error < 0)
		return error;
	state = turn_take(subject, carrier);
	if (state == SUBJECT_ASLEEP && !subject_answered_now(subject, carrier)) {
		if (!turns_take(subject, carrier, carrier, CARRIERS))
			return -ESRCH;
		state = turn_take(subject, carrier);
	}
	if (state == SUBJECT_GONE)
		return -ESRCH;
	return trace_break_clear(pid, &at, state == SUBJECT_STOPPED);
}

/* It sleeps in what it was to do, or runs on and on, or ended. */
static enum verdict first_broke(struct play *play, struct race *race,
				enum subject_state state)
{
	struct subject *subject = &play->subject;
	int carrier = race->first.call.carrier;

	if (state == SUBJECT_BUSY)
		return play_fail(play, race->first.line,
				 "it is not done after %d instructions", STEPS_MAX);
	if (state == SUBJECT_ASLEEP)
		subject->held[carrier] = trace_halt(subject->carrier[carrier]) >= 0;
	turns_end(subject);
	return ask_state(play, &race->first, state);
}

/* The first is asked, and stops at a place; 0: at none, but the places are found. */
static enum verdict first_begin(struct play *play, struct race *race, uint64_t place)
{
	struct subject *subject = &play->subject;
	int carrier = race->first.call.carrier, error = 0;
	enum verdict verdict = ask_send(play, &race->first);
	enum subject_state state;

	if (verdict != PASS)
		return verdict;
	subject_settle(subject); /* it is handed on */
	state = thread_reach(subject, carrier);
	if (state == SUBJECT_STOPPED && place == 0)
		state = places_find(subject, race);
	else if (state == SUBJECT_STOPPED)
		error = place_reach(subject, carrier, place);
	if (error == -ESRCH)
		state = SUBJECT_GONE;
	else if (error < 0)
		return play_broken("ptrace", error);
	if (state == SUBJECT_STOPPED || state == SUBJECT_ANSWERED)
		return PASS;
	return first_broke(play, race, state);
}

/* What the first has told the others comes to them before the second is asked.  Who
 * ends meanwhile is found when all go on by themselves. */
static enum verdict both_begin(struct play *play, struct race *race, uint64_t place)
{
	struct subject *subject = &play->subject;
	int first = race->first.call.carrier, second = race->second.call.carrier;
	enum verdict verdict = first_begin(play, race, place);

	if (verdict != PASS)
		return verdict;
	if (place != 0)
		event_add(play, first, "%s ... stopped", race->first.text);
	turns_take(subject, first, first, 1);
	verdict = ask_send(play, &race->second);
	if (verdict != PASS)
		return verdict;
	subject_settle(subject);
	if (turns_take(subject, second, first, 1))
		turns_take(subject, first, -1, 2);
	return PASS;
}

/* Both have been asked, and both go on by themselves now. */
static enum verdict both_finish(struct play *play, struct race *race)
{
	struct asked *both[] = {&race->second, &race->first};
	enum verdict verdict = PASS;

	for (int i = 0; i < 2; i++) {
		enum subject_state state =
			subject_await(&play->subject, both[i]->call.carrier);

		if (state != SUBJECT_ANSWERED)
			return ask_state(play, both[i], state);
	}
	for (int i = 0; i < 2; i++)
		ask_note_close(play, both[i]);
	for (int i = 0; i < 2 && verdict == PASS; i++)
		verdict = ask_finish(play, both[i]);
	return verdict;
}

static enum verdict round_play(struct play *play, struct race *race, uint64_t place)
{
	struct subject *subject = &play->subject;
	enum verdict verdict;
	int error;

	if (subject_settle(subject) == SUBJECT_GONE)
		return ask_state(play, &race->first, SUBJECT_GONE);
	error = turns_begin(subject);
	if (error < 0)
		return play_broken("ptrace", error);
	verdict = both_begin(play, race, place);
	if (verdict != PASS)
		return verdict;
	error = turns_end(subject);
	if (error < 0 && error != -ESRCH)
		return play_broken("ptrace", error);
	return both_finish(play, race);
}

static enum verdict race_read(struct play *play, int first, struct race *race)
{
	const struct line *line = &play->script.line[first];
	enum verdict verdict;

	race->end = line->end;
	race->body = first + 3;
	if (race->end < race->body || !line_asks(line + 1) || !line_asks(line + 2))
		return play_bad(play, line,
				"a race begins with two lines for carriers");
	verdict = ask_read(play, line + 1, &race->first);
	if (verdict == PASS)
		verdict = ask_read(play, line + 2, &race->second);
	if (verdict == PASS && race->first.call.carrier == race->second.call.carrier)
		return play_bad(play, line, "a race is between two carriers");
	return verdict;
}

static void place_print(const struct play *play, const struct race *race,
			uint64_t place)
{
	char where[64];

	trace_line(play->program, place - race->code.base, where, sizeof(where));
	printf("  carrier %d had been stopped before %s, while carrier %d ran\n",
	       race->first.call.carrier, where, race->second.call.carrier);
}

/* Each round begins with the lines read again: the one before has changed the handles.
 */
static enum verdict rounds_play(struct play *play, int first, struct race *race)
{
	enum verdict verdict = PASS;

	for (unsigned i = 0; i <= race->places && verdict == PASS; i++) {
		uint64_t place = i == 0 ? 0 : race->place[i - 1];

		play->lines_played += ROUND_LINES;
		verdict = race_read(play, first, race);
		if (verdict == PASS)
			verdict = round_play(play, race, place);
		if (verdict == PASS)
			verdict = play_lines(play, race->body, race->end);
		if (verdict == FAIL && place != 0)
			place_print(play, race, place);
	}
	return verdict;
}

enum verdict race_play(struct play *play, int first)
{
	struct race *race = calloc(1, sizeof(*race));
	enum verdict verdict;
	int error;

	if (race == NULL)
		return play_broken("race", -ENOMEM);
	verdict = race_read(play, first, race);
	if (verdict == PASS) {
		pid_t pid = play->subject.carrier[race->first.call.carrier];

		error = trace_text_find(&race->code, pid, play->program);
		if (error < 0)
			verdict = play_broken("the program's code", error);
	}
	play->racing = true;
	if (verdict == PASS)
		verdict = rounds_play(play, first, race);
	play->racing = false;
	free(race);
	return verdict;
}

/* `end calls 100 passed 2`: not more than that. */
static enum verdict count_check(struct play *play, const struct line *line,
				unsigned long calls, unsigned long passed)
{
	for (int i = 1; i + 1 < line->words; i += 2) {
		unsigned long most = strtoul(line->word[i + 1], NULL, 10);
		bool all = strcmp(line->word[i], "calls") == 0;

		if (!all && strcmp(line->word[i], "passed") != 0)
			return play_bad(play, line, "not calls N or passed N");
		if ((all ? calls : passed) > most)
			return play_fail(
				play, line,
				all ? "the carriers made more than %lu system calls"
				    : "more than %lu descriptors or messages were "
				      "passed between carriers",
				most);
	}
	return PASS;
}

enum verdict count_play(struct play *play, int first)
{
	int end = play->script.line[first].end;
	unsigned long calls, passed;
	enum verdict verdict;
	int error;

	if (subject_settle(&play->subject) == SUBJECT_GONE)
		return play_fail(play, &play->script.line[first],
				 "a carrier has ended");
	error = trace_count_begin(&play->subject);
	if (error < 0)
		return play_broken("ptrace", error);
	verdict = play_lines(play, first + 1, end);
	if (verdict != PASS)
		return verdict;
	if (subject_settle(&play->subject) == SUBJECT_GONE)
		return play_fail(play, &play->script.line[first],
				 "a carrier has ended");
	error = trace_count_end(&play->subject, &calls, &passed);
	if (error < 0)
		return play_broken("ptrace", error);
	return count_check(play, &play->script.line[end], calls, passed);
}
