/* SPDX-License-Identifier: BSD-2-Clause */
/* rounds.c - runs a program that measures, a round at a time: between rounds the run
 * can be interrupted, and as many are done as there is time for. */
#include "config.h"

#include "harness/bench/rounds.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bench/tsv.h"
#include "harness/clock.h"

enum { PATH_TEXT = PATH_MAX + 32, LINE = 1024, FIELDS_MOST = 16 };

static void table_path(const struct run *r, const char *table, char path[PATH_TEXT])
{
	snprintf(path, PATH_TEXT, "%s/%s", r->folder, table);
}

void rounds_words(char *argv[ROUNDS_WORDS], size_t n, char *text)
{
	char *word;
	while (n + 1 < ROUNDS_WORDS && (word = strsep(&text, " \t,"))) {
		if (*word)
			argv[n++] = word;
	}
	argv[n] = NULL;
}

double rounds_fit(struct run *r, struct experiment *e)
{
	(void)r;
	return e->budget_s;
}

/* Rows of "1<tab>..." become rows of this experiment and round; the first is a header.
 */
static void rows_write(FILE *to, const struct experiment *e, int round, char *text)
{
	char *line = strsep(&text, "\n");
	while ((line = strsep(&text, "\n"))) {
		char *rest = strchr(line, '\t');
		if (rest)
			fprintf(to, "%s\t%d%s\n", e->name, round, rest);
	}
}

static bool is_interrupted(const struct run *r)
{
	struct pollfd wait = {.fd = r->interrupt_fd, .events = POLLIN};
	return poll(&wait, 1, 0) > 0;
}

/* The rounds there is time for, into `to`.  How many, -EINTR, or -ECANCELED: noted. */
static int rounds_do(struct run *r, const struct experiment *e,
		     const struct rounds *what, FILE *to)
{
	double began_s = clock_now_s(), took_s = 0;
	int round = 0;
	while (round < e->rounds &&
	       took_s + (round ? took_s / round : 0) <= e->budget_s) {
		char *out = NULL;
		if (is_interrupted(r))
			return -EINTR;
		int status = what->capture(r, e, ++round, &out);
		if (status == 0 || status == 1)
			rows_write(to, e, round, out);
		free(out);
		if (status == 1)
			run_note_once(r, "%s: a program of %s failed", e->name,
				      what->program);
		if (status != 0 && status != 1) {
			run_note(r, "%s: %s failed (%d)", e->name, what->program,
				 status);
			r->undrawn = true;
			return -ECANCELED;
		}
		took_s = clock_now_s() - began_s;
	}
	r->spent_s += took_s;
	return round;
}

/* Has a run before this one, that is resumed, come to the experiment's end? */
static bool is_done(const struct run *r, const struct experiment *e, const char *table)
{
	char path[PATH_TEXT], line[LINE];
	bool found = false;
	table_path(r, table, path);
	FILE *from = fopen(path, "re");
	while (from && fgets(line, sizeof line, from)) {
		size_t length = strcspn(line, "\t");
		found |= strncmp(line, e->name, length) == 0 && !e->name[length];
	}
	if (from)
		fclose(from);
	return found;
}

/* All rows of an experiment at once, so that those there are are all. */
static int rows_append(const struct run *r, const struct rounds *what, const char *rows)
{
	char path[PATH_TEXT];
	table_path(r, what->table, path);
	FILE *to = fopen(path, "ae");
	if (!to)
		return -errno;
	if (ftell(to) == 0)
		fputs(what->header, to);
	fputs(rows, to);
	return tsv_end(to);
}

int rounds_run(struct run *r, const struct experiment *e, const struct rounds *what)
{
	char *rows = NULL;
	size_t length;
	if (is_done(r, e, what->table))
		return 0;
	FILE *to = open_memstream(&rows, &length);
	if (!to)
		return -errno;
	int rounds = rounds_do(r, e, what, to);
	fclose(to);
	if (rounds >= 0 && rounds < e->rounds)
		run_note(r, "%s: %d rounds instead of %d, to fit %.0f s", e->name,
			 rounds, e->rounds, e->budget_s);
	int status = rounds > 0 ? rows_append(r, what, rows) : rounds;
	free(rows);
	return status == -ECANCELED ? 0 : status;
}

void rounds_read(const struct run *r, const struct experiment *e, const char *table,
		 int fields, void (*take)(void *to, char *const *field), void *to)
{
	char path[PATH_TEXT], line[LINE];
	table_path(r, table, path);
	FILE *from = fopen(path, "re");
	while (from && fgets(line, sizeof line, from)) {
		char *field[FIELDS_MOST], *rest = line;
		int n = 0;
		line[strcspn(line, "\n")] = '\0';
		while (n < fields && rest)
			field[n++] = strsep(&rest, "\t");
		if (n == fields && strcmp(field[0], e->name) == 0)
			take(to, field);
	}
	if (from)
		fclose(from);
}
