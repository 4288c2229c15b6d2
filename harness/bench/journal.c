/* SPDX-License-Identifier: BSD-2-Clause */
/* journal.c - trials.tsv, appended, synced, recovered and replayed. */
#include "config.h"

#include "harness/bench/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t put = write(fd, text, length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		text += put;
		length -= (size_t)put;
	}
	return fdatasync(fd) < 0 ? -errno : 0;
}

/* Write a row, or the header if it is NULL, as one piece. */
static int journal_write(int fd, const struct row *r)
{
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);
	if (!to)
		return -errno;
	int status = r ? row_print(r, to) : row_print_header(to);
	if (fclose(to) != 0 && status == 0)
		status = -errno;
	if (status == 0)
		status = write_all(fd, text, length);
	free(text);
	return status;
}

static int journal_keep(struct journal *j, const struct row *r)
{
	struct row *grown = realloc(j->rows, (j->n + 1) * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	j->rows = grown;
	j->rows[j->n++] = *r;
	return 0;
}

static void journal_path(char path[PATH_MAX], const char *folder)
{
	snprintf(path, PATH_MAX, "%s/trials.tsv", folder);
}

int journal_create(struct journal *j, const char *folder)
{
	char path[PATH_MAX];
	memset(j, 0, sizeof *j);
	journal_path(path, folder);
	j->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	if (j->fd < 0 || flock(j->fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	return journal_write(j->fd, NULL);
}

static int header_wrong(const char *line)
{
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);
	if (!to)
		return 1;
	row_print_header(to);
	fclose(to);
	int wrong = strcmp(text, line) != 0;
	free(text);
	return wrong;
}

static int journal_wrong(const char *path, size_t line, const char *what)
{
	fprintf(stderr, "duality bench: %s:%zu: %s\n", path, line, what);
	return -EINVAL;
}

/* Read whole lines; *whole is where the last one ends. */
static int journal_read(struct journal *j, FILE *from, const char *path, off_t *whole)
{
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t length;
	int status = 0;
	*whole = 0;
	while (status == 0 && (length = getline(&line, &room, from)) > 0) {
		struct row r;
		number++;
		if (line[length - 1] != '\n')
			break; /* torn: the machine or the run died while writing it */
		*whole += length;
		if (number == 1) {
			if (header_wrong(line))
				status = journal_wrong(path, 1,
						       "not this version's header");
			continue;
		}
		line[length - 1] = '\0';
		status = row_parse(&r, line);
		if (status < 0)
			journal_wrong(path, number, "not a row of this version");
		else
			status = journal_keep(j, &r);
	}
	free(line);
	return status;
}

int journal_resume(struct journal *j, const char *folder)
{
	char path[PATH_MAX];
	off_t whole;
	memset(j, 0, sizeof *j);
	journal_path(path, folder);
	j->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	/* One run at a time: the lock ends with the process, however it ends. */
	bool mine = j->fd >= 0 && flock(j->fd, LOCK_EX | LOCK_NB) == 0;
	FILE *from = mine ? fopen(path, "re") : NULL;
	if (!from) {
		fprintf(stderr, "duality bench: %s: %s\n", path,
			errno == EWOULDBLOCK ? "a run is still at it"
					     : strerror(errno));
		journal_close(j);
		return -EINVAL;
	}
	int status = journal_read(j, from, path, &whole);
	fclose(from);
	if (status == 0 && ftruncate(j->fd, whole) < 0)
		status = -errno;
	if (status == 0 && whole == 0) /* killed before the header was written */
		status = journal_write(j->fd, NULL);
	if (status < 0)
		journal_close(j);
	return status;
}

int journal_append(struct journal *j, const struct row *r)
{
	off_t whole = lseek(j->fd, 0, SEEK_END);
	int status = journal_write(j->fd, r);
	if (status == 0)
		status = journal_keep(j, r);
	else if (whole > 0 && ftruncate(j->fd, whole) < 0) /* no half row stays */
		return -errno;
	if (status == 0)
		j->replayed = j->n;
	return status;
}

static bool same_load(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fabs(a);
}

/* Of the same trial: all but the attempt. */
static bool row_matches(const struct row *r, const struct row *key)
{
	static const enum column texts[] = {COLUMN_EXPERIMENT, COLUMN_PHASE,
					    COLUMN_VARIANT};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (strcmp(r->text[texts[i]], key->text[texts[i]]) != 0)
			return false;
	}
	return r->number[COLUMN_BLOCK] == key->number[COLUMN_BLOCK] &&
	       same_load(r->number[COLUMN_POINT], key->number[COLUMN_POINT]) &&
	       same_load(r->number[COLUMN_IDLE], key->number[COLUMN_IDLE]) &&
	       same_load(r->number[COLUMN_LOAD_RPS], key->number[COLUMN_LOAD_RPS]);
}

enum replay journal_replay(struct journal *j, const struct row *key, struct row *out)
{
	if (j->replayed == j->n)
		return REPLAY_LIVE;
	const struct row *next = &j->rows[j->replayed];
	if (!row_matches(next, key) ||
	    next->number[COLUMN_ATTEMPT] != key->number[COLUMN_ATTEMPT])
		return REPLAY_SKIP;
	*out = j->rows[j->replayed++];
	return REPLAY_ROW;
}

const struct row *journal_last(const struct journal *j, const struct row *key)
{
	for (size_t i = j->replayed; i-- > 0;) {
		if (row_matches(&j->rows[i], key))
			return &j->rows[i];
	}
	return NULL;
}

size_t journal_known(const struct journal *j)
{
	return j->replayed;
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	free(j->rows);
	*j = (struct journal){.fd = -1};
}
