/* SPDX-License-Identifier: BSD-2-Clause */
/* ask.c - lines such as `1 a read f 4 = "0123"`: carrier 1 resumes user thread a, which
 * reads 4 bytes of the file that the script calls f, and these are to come. */
#include "config.h"

#include "play.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct verb {
	const char *name;
	int call;
	int words; /* of the line, up to its expectation */
} verbs[] = {
	{"open", CALL_OPEN, 6}, {"close", CALL_CLOSE, 4},
	{"read", CALL_READ, 5}, {"write", CALL_WRITE, 5},
	{"seek", CALL_SEEK, 5}, {"truncate", CALL_TRUNCATE, 5},
};

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

bool line_asks(const struct line *line)
{
	return isdigit((unsigned char)line->word[0][0]);
}

static struct handle *handle_find(struct play *play, const char *name)
{
	for (int i = 0; i < play->handles; i++)
		if (strcmp(play->handle[i].name, name) == 0)
			return &play->handle[i];
	return NULL;
}

/* r, w or rw, then c: create, x: only if new, t: truncate, a: append.  -1: none of
 * these. */
static int mode_read(const char *mode)
{
	size_t access = strspn(mode, "rw");
	bool reads = memchr(mode, 'r', access) != NULL;
	bool writes = memchr(mode, 'w', access) != NULL;
	int flags = reads && writes ? O_RDWR : writes ? O_WRONLY : O_RDONLY;

	if (access == 0)
		return -1;
	for (const char *letter = mode + access; *letter != '\0'; letter++) {
		switch (*letter) {
		case 'c':
			flags |= O_CREAT;
			break;
		case 'x':
			flags |= O_CREAT | O_EXCL;
			break;
		case 't':
			flags |= O_TRUNC;
			break;
		case 'a':
			flags |= O_APPEND;
			break;
		default:
			return -1;
		}
	}
	return flags;
}

static enum verdict open_read(struct play *play, struct asked *asked)
{
	const struct line *line = asked->line;

	word_expand(play, line->word[4], asked->opens, sizeof(asked->opens));
	asked->call.flags = mode_read(line->word[5]);
	if (!name_is_good(asked->opens))
		return play_bad(play, line, "%s: not the name of a file here",
				asked->opens);
	if (asked->call.flags < 0)
		return play_bad(play, line, "%s: not a mode (r, w, rw, then c x t a)",
				line->word[5]);
	snprintf(asked->call.bytes, sizeof(asked->call.bytes), "%s", asked->opens);
	return PASS;
}

static enum verdict arguments_read(struct play *play, struct asked *asked)
{
	const struct line *line = asked->line;
	struct handle *handle;
	char *end;

	word_expand(play, line->word[3], asked->handle, sizeof(asked->handle));
	if (asked->call.name == CALL_OPEN)
		return open_read(play, asked);
	handle = handle_find(play, asked->handle);
	if (handle == NULL)
		return play_bad(play, line, "%s: no such file was opened before",
				asked->handle);
	asked->call.file = handle->file;
	if (asked->call.name == CALL_CLOSE)
		return PASS;
	if (asked->call.name == CALL_WRITE) {
		const char *text = line->word[4] + (line->word[4][0] == '"');

		asked->call.number = (long)strnlen(text, CALL_BYTES);
		memcpy(asked->call.bytes, text, (size_t)asked->call.number);
		return PASS;
	}
	asked->call.number = strtol(line->word[4], &end, 10);
	if (*end != '\0' || asked->call.number < 0)
		return play_bad(play, line, "%s: not a number", line->word[4]);
	return PASS;
}

/* What stands behind the verb's own words: &, and = with what is expected. */
static bool rest_read(struct asked *asked, int word)
{
	const struct line *line = asked->line;

	if (word < line->words && strcmp(line->word[word], "&") == 0) {
		asked->later = true;
		word++;
	}
	if (word == line->words)
		return true;
	if (strcmp(line->word[word], "=") != 0 || word + 1 == line->words)
		return false;
	asked->expected = word + 1;
	for (word += 2; word < line->words; word += 2)
		if (strcmp(line->word[word], "or") != 0 || word + 1 == line->words)
			return false;
	return true;
}

enum verdict ask_read(struct play *play, const struct line *line, struct asked *asked)
{
	const struct verb *verb = line->words > 2 ? verb_find(line->word[2]) : NULL;
	char words[EVENT_BYTES], expanded[EVENT_BYTES];

	*asked = (struct asked){.line = line};
	if (verb == NULL || line->words < verb->words || !rest_read(asked, verb->words))
		return play_bad(play, line,
				"not CARRIER THREAD VERB FILE ... [&] [= RESULT]");
	asked->call.name = verb->call;
	asked->call.carrier = line->word[0][0] - '0';
	asked->call.thread = line->word[1][0] - 'a';
	if (asked->call.carrier >= CARRIERS || line->word[0][1] != '\0')
		return play_bad(play, line, "carriers are 0 to %d", CARRIERS - 1);
	if (asked->call.thread < 0 || asked->call.thread >= THREADS ||
	    line->word[1][1] != '\0')
		return play_bad(play, line, "user threads are a to %c",
				'a' + THREADS - 1);
	line_write(line, 2, verb->words, words, sizeof(words));
	word_expand(play, words, expanded, sizeof(expanded));
	snprintf(asked->text, sizeof(asked->text), "%c: %.70s", line->word[1][0],
		 expanded);
	return arguments_read(play, asked);
}

enum verdict ask_send(struct play *play, struct asked *asked)
{
	int error;

	if (play->pending[asked->call.carrier])
		return play_bad(play, asked->line, "carrier %d has not come back yet",
				asked->call.carrier);
	error = subject_send(&play->subject, &asked->call);
	if (error == 0 || error == -EPIPE || error == -ECONNRESET)
		return PASS; /* one that has ended is found when it does not answer */
	return play_broken("send", error);
}

/* It did not answer: why not? */
enum verdict ask_state(struct play *play, const struct asked *asked,
		       enum subject_state state)
{
	char how[128];
	int error;

	if (state == SUBJECT_ASLEEP) {
		event_add(play, asked->call.carrier, "%s -> never", asked->text);
		return play_fail(
			play, asked->line,
			"carrier %d does not come back: all carriers sleep, and "
			"nobody is left to wake one",
			asked->call.carrier);
	}
	event_add(play, asked->call.carrier, "%s -> ended", asked->text);
	error = subject_end(&play->subject, how, sizeof(how));
	if (error < 0)
		return play_broken("the end of the carriers", error);
	return play_fail(play, asked->line,
			 "the program, or one of its carriers, ended (%s)", how);
}

static void result_describe(const struct call *call, char *text, size_t room)
{
	if (call->result < 0) {
		const char *name = strerrorname_np((int)-call->result);

		snprintf(text, room, "%s", name == NULL ? "an unknown error" : name);
	} else if (call->name == CALL_READ) {
		int bytes = call->result < CALL_BYTES ? (int)call->result : CALL_BYTES;

		snprintf(text, room, "\"%.*s\"", bytes, call->bytes);
		for (char *c = text; *c != '\0'; c++)
			if (!isprint((unsigned char)*c))
				*c = '.';
	} else {
		snprintf(text, room, "%ld", call->result);
	}
}

static bool word_is_met(const char *word, const struct call *answer)
{
	const char *name;

	if (strcmp(word, "any") == 0)
		return true;
	if (word[0] == '"')
		return answer->result == (long)strlen(word + 1) &&
		       answer->result <= CALL_BYTES &&
		       memcmp(word + 1, answer->bytes, (size_t)answer->result) == 0;
	if (isdigit((unsigned char)word[0]))
		return answer->result == strtol(word, NULL, 10);
	name = answer->result < 0 ? strerrorname_np((int)-answer->result) : NULL;
	return name != NULL && strcmp(name, word) == 0;
}

static bool expectation_is_met(const struct asked *asked, const struct call *answer)
{
	if (asked->expected == 0)
		return answer->result >= 0;
	for (int i = asked->expected; i < asked->line->words; i += 2)
		if (word_is_met(asked->line->word[i], answer))
			return true;
	return false;
}

static enum verdict handle_add(struct play *play, const struct asked *asked, int file)
{
	struct handle *handle = handle_find(play, asked->handle);

	if (handle != NULL && handle->open)
		return play_bad(play, asked->line, "%s is open already", asked->handle);
	if (handle == NULL && play->handles == HANDLES)
		return play_bad(play, asked->line, "more than %d names of open files",
				HANDLES);
	if (handle == NULL)
		handle = &play->handle[play->handles++];
	snprintf(handle->name, sizeof(handle->name), "%s", asked->handle);
	handle->file = file;
	handle->known = known_find_name(play, asked->opens);
	handle->open = true;
	if (handle->known < 0)
		return play_fail(play, asked->line,
				 "it was opened, but there is no file %s",
				 asked->opens);
	return PASS;
}

void ask_note_close(struct play *play, const struct asked *asked)
{
	if (asked->call.name == CALL_CLOSE &&
	    play->subject.answer[asked->call.carrier].result >= 0)
		handle_find(play, asked->handle)->open = false;
}

/* The answer has come: is it what the line expects?  Then it is noted. */
enum verdict ask_finish(struct play *play, struct asked *asked)
{
	const struct call *answer = &play->subject.answer[asked->call.carrier];
	char got[CALL_BYTES + 8], wanted[CALL_BYTES + 80] = "success";

	result_describe(answer, got, sizeof(got));
	event_add(play, asked->call.carrier, "%s -> %s", asked->text, got);
	if (!expectation_is_met(asked, answer)) {
		if (asked->expected > 0)
			line_write(asked->line, asked->expected, asked->line->words,
				   wanted, sizeof(wanted));
		return play_fail(play, asked->line, "expected %s, got %s", wanted, got);
	}
	if (answer->result < 0)
		return PASS;
	if (asked->call.name == CALL_OPEN)
		return handle_add(play, asked, (int)answer->result);
	ask_note_close(play, asked);
	return PASS;
}
