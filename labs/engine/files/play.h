/* SPDX-License-Identifier: BSD-2-Clause */
/* play.h - a script being played against a student's carriers: what the parts of the
 * judge share. */
#ifndef FILES_PLAY_H
#define FILES_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script.h"
#include "subject.h"
#include "tables.h"

/* The judge's exit status. */
enum verdict {
	PASS = 0,
	FAIL = 1,
	BAD_SCRIPT = 2,
	BROKEN = 3,   /* our own side failed */
	NOT_RUN = 77, /* the kernel does not let us look */
};

enum { NAME_BYTES = 16, HANDLES = 256, FIFOS = 8, EVENTS = 14, EVENT_BYTES = 80 };

struct handle {
	char name[NAME_BYTES];
	int file;  /* the student's */
	int known; /* index of what was opened */
	bool open;
};

struct fifo {
	char name[NAME_BYTES];
	int fd; /* its reading end */
};

/* For the picture of what was done: in a carrier's column, or across (-1). */
struct event {
	int carrier;
	char text[EVENT_BYTES];
};

/* A line that asks a user thread for something. */
struct asked {
	const struct line *line;
	struct call call;
	char handle[NAME_BYTES];
	char opens[NAME_BYTES]; /* the file, of an open */
	char text[EVENT_BYTES];
	int expected; /* index of the word after =, 0: success */
	bool later;   /* & */
};

struct play {
	struct script script;
	const char *program;
	char folder[512]; /* the carriers' current folder: the files are in it */
	int folder_fd;
	struct subject subject;
	struct known known[TABLES_KNOWN];
	int knowns;
	struct handle handle[HANDLES];
	int handles;
	struct fifo fifo[FIFOS];
	int fifos;
	int at_start[CARRIERS]; /* descriptors */
	bool pending[CARRIERS];
	struct asked later[CARRIERS];
	long turn; /* of the innermost repeat: $ in a word */
	unsigned files_made;
	struct event event[EVENTS];
	unsigned events;
	unsigned long lines_played;
	bool racing;
	struct tables tables;
};

/* Plays lines from first to last - 1. */
enum verdict play_lines(struct play *play, int first, int last);

/* report.c: a finding, with pictures; each returns the verdict it is. */
__attribute__((format(printf, 3, 4))) enum verdict
play_fail(struct play *play, const struct line *line, const char *format, ...);
__attribute__((format(printf, 3, 4))) enum verdict
play_bad(const struct play *play, const struct line *line, const char *format, ...);
enum verdict play_broken(const char *what, int error);
__attribute__((format(printf, 3, 4))) void event_add(struct play *play, int carrier,
						     const char *format, ...);
/* The words of a line as they were written. */
void line_write(const struct line *line, int first, int last, char *text, size_t room);

/* ask.c: a user thread is asked, and has answered. */
bool line_asks(const struct line *line);
enum verdict ask_read(struct play *play, const struct line *line, struct asked *asked);
enum verdict ask_send(struct play *play, struct asked *asked);
enum verdict ask_finish(struct play *play, struct asked *asked);
/* A handle is free from when it was closed, if others are told before who closed it. */
void ask_note_close(struct play *play, const struct asked *asked);
enum verdict ask_state(struct play *play, const struct asked *asked,
		       enum subject_state state);

/* world.c: what the judge itself does to files, and sees. */
bool name_is_good(const char *name);
int known_find_name(struct play *play, const char *name);
enum verdict world_line(struct play *play, const struct line *line, bool *mine);
enum verdict look(struct play *play, const struct line *line);
enum verdict distinct_check(struct play *play, const struct line *line);
void word_expand(const struct play *play, const char *word, char *text, size_t room);

/* race.c */
enum verdict race_play(struct play *play, int first);
enum verdict count_play(struct play *play, int first);

#endif
