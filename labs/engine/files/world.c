/* SPDX-License-Identifier: BSD-2-Clause */
/* world.c - lines such as `file notes "0123456789"`: what the judge does to the files
 * from outside, and what it sees of them and of the carriers' tables.  The carriers may
 * write to the folder as well, so no link in it is followed. */
#include "config.h"

#include "play.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 4096, FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK };

bool name_is_good(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= NAME_BYTES || !isalnum((unsigned char)name[0]))
		return false;
	for (const char *c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-' && *c != '_')
			return false;
	return true;
}

/* A $ is the turn of the repeat around it, from 1. */
void word_expand(const struct play *play, const char *word, char *text, size_t room)
{
	size_t used = 0;

	text[0] = '\0';
	for (; *word != '\0' && used + 1 < room; word++)
		if (*word == '$')
			used += (size_t)snprintf(text + used, room - used, "%ld",
						 play->turn);
		else
			used += (size_t)snprintf(text + used, room - used, "%c", *word);
}

static int known_add(struct play *play, const char *name, const struct stat *status)
{
	struct known *known = &play->known[play->knowns];

	for (int i = 0; i < play->knowns; i++)
		if (play->known[i].device == status->st_dev &&
		    play->known[i].inode == status->st_ino)
			return i;
	if (play->knowns == TABLES_KNOWN)
		return -1;
	snprintf(known->name, sizeof(known->name), "%s", name);
	known->device = status->st_dev;
	known->inode = status->st_ino;
	return play->knowns++;
}

int known_find_name(struct play *play, const char *name)
{
	struct stat status;

	if (fstatat(play->folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return known_add(play, name, &status);
}

/* Made under another name and then renamed: what is open already stays what it was. */
static enum verdict file_make(struct play *play, const struct line *line)
{
	const char *text = line->words > 2 ? line->word[2] : "";
	char fresh[32];
	bool written;
	int fd;

	snprintf(fresh, sizeof(fresh), ".made-%u", play->files_made++);
	fd = openat(play->folder_fd, fresh, O_WRONLY | O_CREAT | O_EXCL | FLAGS, 0666);
	if (fd < 0)
		return play_broken(fresh, -errno);
	text += text[0] == '"';
	written = write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
		  fchmod(fd, 0666) == 0;
	close(fd);
	if (!written ||
	    renameat(play->folder_fd, fresh, play->folder_fd, line->word[1]) < 0 ||
	    known_find_name(play, line->word[1]) < 0)
		return play_broken(fresh, -EIO);
	return PASS;
}

static enum verdict fifo_make(struct play *play, const struct line *line)
{
	struct fifo *fifo = &play->fifo[play->fifos];
	struct stat status;

	if (play->fifos == FIFOS)
		return play_bad(play, line, "more than %d pipes", FIFOS);
	if (mkfifoat(play->folder_fd, line->word[1], 0666) < 0)
		return play_bad(play, line, "%s: %s", line->word[1], strerror(errno));
	fifo->fd = openat(play->folder_fd, line->word[1], O_RDONLY | FLAGS);
	if (fifo->fd < 0 || fstat(fifo->fd, &status) < 0 || !S_ISFIFO(status.st_mode) ||
	    fchmod(fifo->fd, 0666) < 0)
		return play_broken(line->word[1], -EIO);
	snprintf(fifo->name, sizeof(fifo->name), "%s", line->word[1]);
	play->fifos++;
	return known_add(play, fifo->name, &status) < 0 ? BROKEN : PASS;
}

static enum verdict file_remove(struct play *play, const struct line *line)
{
	if (unlinkat(play->folder_fd, line->word[1], 0) < 0)
		return play_fail(play, line, "%s", strerror(errno));
	return PASS;
}

static enum verdict file_holds(struct play *play, const struct line *line)
{
	const char *wanted = line->words > 2 ? line->word[2] : "";
	char bytes[FILE_BYTES];
	ssize_t got = -1;
	int fd = openat(play->folder_fd, line->word[1], O_RDONLY | FLAGS);

	if (fd >= 0) {
		got = read(fd, bytes, sizeof(bytes));
		close(fd);
	}
	wanted += wanted[0] == '"';
	if (got < 0)
		return play_fail(play, line, "%s cannot be read", line->word[1]);
	if ((size_t)got == strlen(wanted) && memcmp(bytes, wanted, (size_t)got) == 0)
		return PASS;
	for (ssize_t i = 0; i < got; i++)
		if (!isprint((unsigned char)bytes[i]))
			bytes[i] = '.';
	return play_fail(play, line, "it holds \"%.*s\"", got < 60 ? (int)got : 60,
			 bytes);
}

static enum verdict fifo_feed(struct play *play, const struct line *line)
{
	const char *text = line->words > 2 ? line->word[2] : "";
	int fd = openat(play->folder_fd, line->word[1], O_WRONLY | FLAGS);
	ssize_t wrote;

	text += text[0] == '"';
	if (fd < 0)
		return play_bad(play, line, "%s: %s", line->word[1], strerror(errno));
	wrote = write(fd, text, strlen(text));
	close(fd);
	return wrote == (ssize_t)strlen(text) ? PASS : play_broken("feed", -EIO);
}

/* The reader of a pipe is told the end when the last writer is gone, not before:
 * read(2) says EAGAIN as long as somebody holds the writing end. */
static enum verdict fifo_eof(struct play *play, const struct line *line)
{
	char bytes[FILE_BYTES];
	int fd = -1;

	for (int i = 0; i < play->fifos; i++)
		if (strcmp(play->fifo[i].name, line->word[1]) == 0)
			fd = play->fifo[i].fd;
	if (fd < 0)
		return play_bad(play, line, "%s: no pipe", line->word[1]);
	if (subject_settle(&play->subject) == SUBJECT_GONE)
		return play_fail(play, line, "a carrier has ended");
	for (;;) {
		ssize_t got = read(fd, bytes, sizeof(bytes));

		if (got == 0)
			return PASS;
		if (got < 0)
			return play_fail(
				play, line,
				"the pipe's reader waits for ever: all carriers sleep, "
				"and one still holds the writing end");
	}
}

/* The line that began it is waited for. */
static enum verdict wait_for(struct play *play, const struct line *line)
{
	int carrier = line->word[1][0] - '0';
	struct asked *asked = &play->later[carrier & 3];
	enum subject_state state;

	if (carrier < 0 || carrier >= CARRIERS || !play->pending[carrier])
		return play_bad(play, line, "carrier %s is not away", line->word[1]);
	state = subject_await(&play->subject, carrier);
	play->pending[carrier] = false;
	if (state != SUBJECT_ANSWERED)
		return ask_state(play, asked, state);
	return ask_finish(play, asked);
}

/* How many open files there have to be of a file: its handles that are open. */
static int handles_open(const struct play *play, int known)
{
	int open = 0;

	for (int i = 0; i < play->handles; i++)
		if (play->handle[i].open &&
		    (known < 0 || play->handle[i].known == known))
			open++;
	return open;
}

/* Two files that are open under one handle: nobody could tell them apart. */
static enum verdict look_at_handles(struct play *play, const struct line *line)
{
	const struct handle *handle = play->handle;

	for (int i = 0; i < play->handles; i++)
		for (int j = 0; j < i; j++)
			if (handle[i].open && handle[j].open &&
			    handle[i].file == handle[j].file)
				return play_fail(
					play, line,
					"%s and %s are both open, and have the same "
					"handle, %d",
					handle[j].name, handle[i].name, handle[i].file);
	return PASS;
}

static enum verdict look_at_files(struct play *play, const struct line *line)
{
	const struct tables *tables = &play->tables;

	for (int known = 0; known < play->knowns; known++) {
		int rows = 0, open = handles_open(play, known);

		for (int row = 0; row < tables->rows; row++)
			rows += tables->row[row].known == known;
		if (rows > open)
			return play_fail(play, line,
					 "%s: %d open here, but the kernel has %d open "
					 "files of it",
					 play->known[known].name, open, rows);
		if (rows < open)
			return play_fail(play, line,
					 "%s: %d open here, but the kernel has only %d "
					 "open files "
					 "of it",
					 play->known[known].name, open, rows);
	}
	return PASS;
}

static enum verdict look_at_counts(struct play *play, const struct line *line)
{
	const struct tables *tables = &play->tables;
	int open = handles_open(play, -1);
	bool more;

	for (int i = 0; i < CARRIERS; i++) {
		for (int row = 0; row < tables->rows; row++) {
			tables_find(tables, row, i, &more);
			if (more)
				return play_fail(play, line,
						 "carrier %d has several descriptors "
						 "of one open "
						 "file, #%d",
						 i, row + 1);
		}
		if (tables->count[i] > play->at_start[i] + open)
			return play_fail(play, line,
					 "carrier %d has %d descriptors; it began with "
					 "%d, and %d "
					 "files are open",
					 i, tables->count[i], play->at_start[i], open);
	}
	return PASS;
}

enum verdict look(struct play *play, const struct line *line)
{
	enum verdict verdict;
	int error;

	for (int i = 0; i < CARRIERS; i++)
		if (play->pending[i])
			return play_bad(play, line, "carrier %d has not come back yet",
					i);
	if (subject_settle(&play->subject) == SUBJECT_GONE)
		return play_fail(play, line, "a carrier has ended");
	error = tables_read(&play->tables, play->subject.carrier, play->known,
			    play->knowns);
	if (error < 0)
		return play_broken("the carriers' tables", error);
	verdict = look_at_handles(play, line);
	if (verdict == PASS)
		verdict = look_at_files(play, line);
	return verdict == PASS ? look_at_counts(play, line) : verdict;
}

enum verdict distinct_check(struct play *play, const struct line *line)
{
	int answer = tables_distinct(play->subject.carrier);

	if (answer < 0)
		return play_broken("kcmp", answer);
	if (answer == 0)
		return play_fail(
			play, line,
			"the carriers are not processes apart: two share their memory "
			"or their table of descriptors");
	return PASS;
}

static const struct deed {
	const char *name;
	enum verdict (*run)(struct play *, const struct line *);
	bool file; /* its first word is a name */
} deeds[] = {
	{"file", file_make, true},     {"pipe", fifo_make, true},
	{"remove", file_remove, true}, {"holds", file_holds, true},
	{"feed", fifo_feed, true},     {"eof", fifo_eof, true},
	{"wait", wait_for, false},
};

enum verdict world_line(struct play *play, const struct line *line, bool *mine)
{
	char words[EVENT_BYTES];

	*mine = true;
	if (strcmp(line->word[0], "look") == 0)
		return look(play, line);
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(deeds[i].name, line->word[0]) != 0)
			continue;
		if (line->words < 2 || (deeds[i].file && !name_is_good(line->word[1])))
			return play_bad(play, line, "not %s NAME", line->word[0]);
		line_write(line, 0, line->words, words, sizeof(words));
		if (deeds[i].file)
			event_add(play, -1, "%s", words);
		return deeds[i].run(play, line);
	}
	*mine = false;
	return PASS;
}
