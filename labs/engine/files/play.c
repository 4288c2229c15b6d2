/* SPDX-License-Identifier: BSD-2-Clause */
/* play.c - plays the lines of a script one after the other, until one is not as
 * expected. */
#include "config.h"

#include "play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A student's script in loops within loops ends, too. */
enum { LINES_PLAYED_MAX = 50000, TURNS_MAX = 10000 };

static enum verdict ask_play(struct play *play, const struct line *line)
{
	enum subject_state state;
	struct asked asked;
	enum verdict verdict = ask_read(play, line, &asked);
	int carrier = asked.call.carrier;

	if (verdict != PASS)
		return verdict;
	/* What the line before has set off is over, so that each run is the same. */
	if (subject_settle(&play->subject) == SUBJECT_GONE)
		return ask_state(play, &asked, SUBJECT_GONE);
	verdict = ask_send(play, &asked);
	if (verdict != PASS)
		return verdict;
	if (asked.later) {
		event_add(play, carrier, "%s ...", asked.text);
		play->later[carrier] = asked;
		play->pending[carrier] = true;
		return PASS;
	}
	state = subject_await(&play->subject, carrier);
	if (state != SUBJECT_ANSWERED)
		return ask_state(play, &asked, state);
	return ask_finish(play, &asked);
}

static enum verdict repeat_play(struct play *play, int first)
{
	const struct line *line = &play->script.line[first];
	long turns = line->words == 2 ? strtol(line->word[1], NULL, 10) : 0;
	long outer = play->turn;
	enum verdict verdict = PASS;

	if (turns < 1 || turns > TURNS_MAX)
		return play_bad(play, line, "not repeat N, up to %d", TURNS_MAX);
	for (play->turn = 1; play->turn <= turns && verdict == PASS; play->turn++)
		verdict = play_lines(play, first + 1, line->end);
	play->turn = outer;
	return verdict;
}

static bool block_is_inner(const struct play *play)
{
	return play->subject.counting || play->racing;
}

static enum verdict line_play(struct play *play, int at)
{
	const struct line *line = &play->script.line[at];
	enum verdict verdict;
	bool mine;

	if (line_asks(line))
		return ask_play(play, line);
	if (strcmp(line->word[0], "repeat") == 0)
		return repeat_play(play, at);
	if (strcmp(line->word[0], "race") == 0)
		return block_is_inner(play)
			       ? play_bad(play, line, "no race within a race or count")
			       : race_play(play, at);
	if (strcmp(line->word[0], "count") == 0)
		return block_is_inner(play)
			       ? play_bad(play, line, "no count within a race or count")
			       : count_play(play, at);
	verdict = world_line(play, line, &mine);
	return mine ? verdict
		    : play_bad(play, line, "%s: no such thing", line->word[0]);
}

enum verdict play_lines(struct play *play, int first, int last)
{
	enum verdict verdict = PASS;

	for (int at = first; at < last && verdict == PASS; at++) {
		if (play->lines_played++ >= LINES_PLAYED_MAX)
			return play_bad(play, &play->script.line[at],
					"more than %d lines played", LINES_PLAYED_MAX);
		verdict = line_play(play, at);
		if (play->script.line[at].end > 0)
			at = play->script.line[at].end;
	}
	return verdict;
}
