/* SPDX-License-Identifier: BSD-2-Clause */
/* report.c - what a student sees: the line that failed, what was done on which carrier,
 * and what the kernel says is open.  The same in every run. */
#include "config.h"

#include "play.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { COLUMN = 29 };

void event_add(struct play *play, int carrier, const char *format, ...)
{
	struct event *event = &play->event[play->events++ % EVENTS];
	va_list arguments;

	event->carrier = carrier;
	va_start(arguments, format);
	vsnprintf(event->text, sizeof(event->text), format, arguments);
	va_end(arguments);
}

void line_write(const struct line *line, int first, int last, char *text, size_t room)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = first; i < last && used < room; i++) {
		const char *word = line->word[i];
		int wrote = snprintf(text + used, room - used, "%s%s%s",
				     i > first ? " " : "", word,
				     word[0] == '"' ? "\"" : "");

		used += (size_t)wrote;
	}
}

static void events_print(const struct play *play)
{
	unsigned first = play->events > EVENTS ? play->events - EVENTS : 0;

	printf("  what was done%s:\n", first > 0 ? ", at last" : "");
	printf("    %-*s%-*s%s\n", COLUMN, "carrier 0", COLUMN, "carrier 1",
	       "carrier 2");
	for (unsigned i = first; i < play->events; i++) {
		const struct event *event = &play->event[i % EVENTS];

		if (event->carrier < 0)
			printf("    -- %s\n", event->text);
		else
			printf("    %*s%s\n", event->carrier * COLUMN, "", event->text);
	}
}

static void tables_show(struct play *play)
{
	if (!play->subject.running ||
	    subject_settle(&play->subject) != SUBJECT_ASLEEP ||
	    tables_read(&play->tables, play->subject.carrier, play->known,
			play->knowns) < 0)
		return;
	printf("  what the kernel has open, a line for each open file (kcmp(2)):\n");
	tables_print(&play->tables, play->known);
}

enum verdict play_fail(struct play *play, const struct line *line, const char *format,
		       ...)
{
	char words[160];
	va_list arguments;

	if (line != NULL) {
		line_write(line, 0, line->words, words, sizeof(words));
		printf("%s:%d: %s\n", play->script.name, line->number, words);
	} else {
		printf("%s:\n", play->script.name);
	}
	printf("  ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	if (play->events > 0)
		events_print(play);
	tables_show(play);
	return FAIL;
}

enum verdict play_bad(const struct play *play, const struct line *line,
		      const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s:%d: ", play->script.name, line->number);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	return BAD_SCRIPT;
}

enum verdict play_broken(const char *what, int error)
{
	if (error == -EPERM || error == -ENOSYS) {
		printf("%s: %s: this machine does not let a judge look into its "
		       "subject\n",
		       what, strerror(-error));
		return NOT_RUN;
	}
	fprintf(stderr, "lab-files: %s: %s\n", what, strerror(-error));
	return BROKEN;
}
