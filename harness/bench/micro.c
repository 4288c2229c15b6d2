/* SPDX-License-Identifier: BSD-2-Clause */
/* micro.c - runs duality micro, a round at a time: between rounds the run can be
 * interrupted, and as many are done as there is time for. */
#include "config.h"

#include "harness/bench/micro.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/stats/random.h"
#include "harness/targets/capture.h"
#include "harness/targets/places.h"

enum { ROUND_MS = 600000, WORDS = 64, NUMBER = 24, PATH_TEXT = PATH_MAX + 16 };

static const char header[] = "experiment\tround\tprimitive\truntime\tlive\tunit\tvalue"
			     "\tsteal_share\tnote\n";

static void table_path(const struct run *r, char path[PATH_TEXT])
{
	snprintf(path, PATH_TEXT, "%s/micro.tsv", r->folder);
}

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double micro_fit(struct run *r, struct experiment *e)
{
	(void)r;
	return e->budget_s;
}

/* Cut a text at blanks; the words follow argv[n]. */
static void words_add(char **argv, size_t n, char *text)
{
	char *word;
	while (n + 1 < WORDS && (word = strsep(&text, " \t,"))) {
		if (*word)
			argv[n++] = word;
	}
	argv[n] = NULL;
}

/* One round's rows, as duality micro prints them, to be freed; or its status. */
static int round_capture(const struct run *r, const struct experiment *e, int round,
			 char **out)
{
	char program[PATH_MAX], seed[NUMBER], most[NUMBER], cpu[NUMBER];
	char purpose[EXPERIMENT_NAME + NUMBER], primitives[SETTING_TEXT];
	char runtimes[SETTING_TEXT], least_ms[NUMBER];
	char *argv[WORDS] = {program,  "--rounds",   "1",      "--tsv",      "-",
			     "--seed", seed,         "--most", most,         "--cpu",
			     cpu,      "--runtimes", runtimes, "--least-ms", least_ms};
	snprintf(program, sizeof program, "%s/duality-micro", place_get(PLACE_LIBEXEC));
	snprintf(purpose, sizeof purpose, "%s %d micro", e->name, round);
	snprintf(seed, sizeof seed, "%u",
		 (unsigned)(random_seed(r->seed, purpose) % UINT_MAX));
	snprintf(most, sizeof most, "%d", e->most);
	snprintf(cpu, sizeof cpu, "%d", atoi(r->server_cpus));
	snprintf(least_ms, sizeof least_ms, "%d", e->least_ms);
	strcpy(primitives, e->primitives);
	strcpy(runtimes, e->runtimes);
	words_add(argv, 15, primitives);
	return capture_run(argv, ROUND_MS, out);
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
static int rounds_run(struct run *r, const struct experiment *e, FILE *to)
{
	double began_s = now_s(), took_s = 0;
	int round = 0;
	while (round < e->rounds &&
	       took_s + (round ? took_s / round : 0) <= e->budget_s) {
		char *out = NULL;
		if (is_interrupted(r))
			return -EINTR;
		int status = round_capture(r, e, ++round, &out);
		if (status == 0 || status == 1)
			rows_write(to, e, round, out);
		free(out);
		if (status == 1)
			run_note_once(r, "%s: a program of duality micro failed",
				      e->name);
		if (status != 0 && status != 1) {
			run_note(r, "%s: duality micro failed (%d)", e->name, status);
			r->undrawn = true;
			return -ECANCELED;
		}
		took_s = now_s() - began_s;
	}
	r->spent_s += took_s;
	return round;
}

/* Has a run before this one, that is resumed, come to the experiment's end? */
static bool is_done(const struct run *r, const struct experiment *e)
{
	char path[PATH_TEXT], line[1024];
	bool found = false;
	table_path(r, path);
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
static int rows_append(const struct run *r, const char *rows)
{
	char path[PATH_TEXT];
	table_path(r, path);
	FILE *to = fopen(path, "ae");
	if (!to)
		return -errno;
	if (ftell(to) == 0)
		fputs(header, to);
	fputs(rows, to);
	int failed = ferror(to);
	return fclose(to) != 0 || failed ? -EIO : 0;
}

int micro_run(struct run *r, const struct experiment *e)
{
	char *rows = NULL;
	size_t length;
	if (is_done(r, e))
		return 0;
	FILE *to = open_memstream(&rows, &length);
	if (!to)
		return -errno;
	int rounds = rounds_run(r, e, to);
	fclose(to);
	if (rounds >= 0 && rounds < e->rounds)
		run_note(r, "%s: %d rounds instead of %d, to fit %.0f s", e->name,
			 rounds, e->rounds, e->budget_s);
	int status = rounds > 0 ? rows_append(r, rows) : rounds;
	free(rows);
	return status == -ECANCELED ? 0 : status;
}
