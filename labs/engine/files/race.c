/* SPDX-License-Identifier: BSD-2-Clause */
/* race.c - blocks that are played under ptrace.  In a race the first line's carrier is
 * stopped at each instruction of the program that it comes through, one in each round;
 * the second line's runs until it is done or waits, and then the first goes on. Nothing
 * is left to chance: every place is tried.  A count adds up system calls. */
#include "config.h"

#include "play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

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

/* The first carrier does what it is asked by single steps, so that we see where it
 * comes through.  0 or -errno. */
static int places_find(struct play *play, struct race *race)
{
	struct subject *subject = &play->subject;
	int carrier = race->first.call.carrier;
	uint64_t where;

	for (int steps = 0; steps < STEPS_MAX; steps++) {
		int error = trace_step(subject->carrier[carrier], &where);

		if (error < 0)
			return error;
		place_add(race, where);
		if ((where < race->code.begin || where >= race->code.end) &&
		    subject_answered_now(subject, carrier))
			return 0;
	}
	return -ELOOP;
}

/* The first carrier runs until it comes to a place.  0 or -errno. */
static int place_reach(struct play *play, struct race *race, uint64_t place)
{
	struct subject *subject = &play->subject;
	int carrier = race->first.call.carrier;
	pid_t pid = subject->carrier[carrier];
	struct trace_break at;
	enum subject_state state;
	int error = trace_break_set(pid, &at, place);

	if (error < 0)
		return error;
	error = trace_go(pid);
	subject->breaking = true;
	state = error == 0 ? subject_await(subject, carrier) : SUBJECT_GONE;
	subject->breaking = false;
	if (state == SUBJECT_GONE)
		return error < 0 ? error : -ESRCH;
	return trace_break_clear(pid, &at, state == SUBJECT_STOPPED);
}

static enum verdict first_broke(struct play *play, struct race *race, int error)
{
	play->subject.held = -1;
	if (error == -ELOOP)
		return play_fail(play, race->first.line,
				 "it is not done after %d instructions", STEPS_MAX);
	if (error == -ESRCH)
		return ask_state(play, &race->first, SUBJECT_GONE);
	return play_broken("ptrace", error);
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

/* The first is asked, and stops at a place; 0: at none, but the places are found.  0 or
 * -errno. */
static int first_begin(struct play *play, struct race *race, uint64_t place)
{
	pid_t pid = play->subject.carrier[race->first.call.carrier];
	int error = trace_hold(pid);

	if (error < 0)
		return error;
	play->subject.held = race->first.call.carrier;
	error = subject_send(&play->subject, &race->first.call);
	if (error == 0)
		error = trace_to_thread(pid);
	play->subject.held = -1;
	if (error == 0)
		error = place == 0 ? places_find(play, race)
				   : place_reach(play, race, place);
	return error;
}

static enum verdict round_play(struct play *play, struct race *race, uint64_t place)
{
	struct subject *subject = &play->subject;
	int carrier = race->first.call.carrier;
	enum verdict verdict;
	int error;

	if (subject_settle(subject) == SUBJECT_GONE)
		return ask_state(play, &race->first, SUBJECT_GONE);
	error = first_begin(play, race, place);
	if (error < 0)
		return first_broke(play, race, error);
	if (place != 0)
		event_add(play, carrier, "%s ... stopped", race->first.text);
	subject->held = carrier;
	verdict = ask_send(play, &race->second);
	if (verdict == PASS)
		subject_await(subject, race->second.call.carrier);
	subject->held = -1;
	error = trace_release(subject->carrier[carrier]);
	if (error < 0)
		return first_broke(play, race, error);
	return verdict == PASS ? both_finish(play, race) : verdict;
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
