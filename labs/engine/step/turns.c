/* SPDX-License-Identifier: BSD-2-Clause */
/* turns.c - reads and prints schedules. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "turns.h"

struct turn *turns_add(struct turns *turns)
{
	if (turns->n == TURNS_MAX)
		return NULL;
	struct turn *more = realloc(turns->list, (turns->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	turns->list = more;
	more[turns->n] = (struct turn){0};
	return &more[turns->n++];
}

void turns_free(struct turns *turns)
{
	for (unsigned i = 0; i < turns->n; i++)
		free(turns->list[i].variable);
	free(turns->list);
	*turns = (struct turns){0};
}

/* Reads a number and moves on behind it; false: there is none, or it is too large. */
static bool number_read(const char **at, unsigned *number)
{
	if (!isdigit((unsigned char)**at))
		return false;
	char *end;
	errno = 0;
	unsigned long value = strtoul(*at, &end, 10);
	*at = end;
	*number = (unsigned)value;
	return errno == 0 && value <= 1000000000UL;
}

static void blanks_skip(const char **at)
{
	while (**at == ' ' || **at == '\t' || **at == '\r')
		(*at)++;
}

static bool word_skip(const char **at, const char *word)
{
	size_t length = strlen(word);
	if (strncmp(*at, word, length) != 0 || isalnum((unsigned char)(*at)[length]))
		return false;
	*at += length;
	blanks_skip(at);
	return true;
}

/* "load NAME [TIMES]", "store NAME [TIMES]". */
static bool access_read(const char **at, struct turn *turn)
{
	turn->until = word_skip(at, "load") ? TURN_LOAD : TURN_STORE;
	if (turn->until == TURN_STORE && !word_skip(at, "store"))
		return false;
	size_t length =
		strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_.");
	if (length == 0 || length >= TURNS_NAME || isdigit((unsigned char)**at))
		return false;
	turn->variable = strndup(*at, length);
	*at += length;
	blanks_skip(at);
	turn->count = 1;
	return !isdigit((unsigned char)**at) ||
	       (number_read(at, &turn->count) && turn->count > 0);
}

/* One turn, from its first character to its end. */
static bool turn_read(const char **at, struct turn *turn)
{
	if (!number_read(at, &turn->thread) || turn->thread >= TURNS_THREADS)
		return false;
	blanks_skip(at);
	if (**at == ':')
		(*at)++;
	blanks_skip(at);
	if (isdigit((unsigned char)**at)) {
		turn->until = TURN_STEPS;
		if (!number_read(at, &turn->count))
			return false;
		turn->half = **at == '+';
		*at += turn->half;
	} else if (strchr("ls", **at) && **at) {
		if (!access_read(at, turn))
			return false;
	} else {
		word_skip(at, "end");
	}
	blanks_skip(at);
	return **at == '\0' || strchr(",\n#", **at);
}

int turns_parse(struct turns *turns, const char *text, char *wrong, size_t room)
{
	*turns = (struct turns){0};
	const char *at = text;
	while (*at) {
		blanks_skip(&at);
		if (*at == '#')
			at += strcspn(at, "\n");
		if (*at == ',' || *at == '\n') {
			at++;
			continue;
		}
		if (!*at)
			break;
		const char *start = at;
		struct turn *turn = turns_add(turns);
		if (turn && turn_read(&at, turn))
			continue;
		if (turns->n == TURNS_MAX)
			snprintf(wrong, room, "more than %d turns", TURNS_MAX - 1);
		else
			snprintf(wrong, room,
				 "\"%.*s\" is no turn (THREAD, THREAD:COUNT, "
				 "THREAD:load "
				 "NAME, THREAD:store NAME)",
				 (int)strcspn(start, ",\n#"), start);
		turns_free(turns);
		return -EINVAL;
	}
	return 0;
}

int turns_read(struct turns *turns, const char *path, char *wrong, size_t room)
{
	*turns = (struct turns){0};
	FILE *file = fopen(path, "re");
	if (!file) {
		snprintf(wrong, room, "%s", strerror(errno));
		return -EINVAL;
	}
	char *text = calloc(1, TURNS_TEXT);
	size_t length = text ? fread(text, 1, TURNS_TEXT, file) : 0;
	fclose(file);
	int status = -EINVAL;
	if (!text || length == TURNS_TEXT || memchr(text, '\0', length))
		snprintf(wrong, room, "not a schedule: too long, or not text");
	else
		status = turns_parse(turns, text, wrong, room);
	free(text);
	return status;
}

static int turn_print(const struct turn *turn, char *text, size_t room)
{
	switch (turn->until) {
	case TURN_STEPS:
		return snprintf(text, room, "%u:%u%s", turn->thread, turn->count,
				turn->half ? "+" : "");
	case TURN_LOAD:
	case TURN_STORE:
		return snprintf(text, room, "%u:%s %s %u", turn->thread,
				turn->until == TURN_LOAD ? "load" : "store",
				turn->variable, turn->count);
	case TURN_REST:
		break;
	}
	return snprintf(text, room, "%u", turn->thread);
}

void turns_print(const struct turns *turns, char *text, size_t room)
{
	text[0] = '\0';
	size_t used = 0;
	for (unsigned i = 0; i < turns->n && used + TURNS_NAME + 32 < room; i++) {
		const struct turn *turn = &turns->list[i];
		if (i == 0 && turn->thread == 0 && turn->until == TURN_REST &&
		    turns->n > 1)
			continue;
		if (used > 0)
			text[used++] = ',';
		used += (size_t)turn_print(turn, text + used, room - used);
	}
}
