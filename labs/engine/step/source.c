/* SPDX-License-Identifier: BSD-2-Clause */
/* source.c - asks addr2line(1) of the binutils; without it, functions and offsets. */
#include "config.h"

#include <ctype.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source.h"
#include "symbols.h"

enum { NAME_MAX_BYTES = 200, TEXT_MAX_BYTES = 200, ADDRESSES_MAX = 4000 };

struct source_line {
	char place[NAME_MAX_BYTES];
	char text[TEXT_MAX_BYTES];
};

struct source {
	uint64_t *address; /* sorted, each once */
	size_t *line_of;   /* of the address */
	struct source_line *line;
	size_t n, lines;
};

static int address_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static size_t addresses_unique(uint64_t *address, size_t n)
{
	size_t unique = 0;
	qsort(address, n, sizeof(*address), address_compare);
	for (size_t i = 0; i < n; i++)
		if (unique == 0 || address[unique - 1] != address[i])
			address[unique++] = address[i];
	return unique;
}

/* The text of a line of a file, without blanks before and after. */
static void text_find(const char *path, unsigned long number, char *text, size_t room)
{
	char line[TEXT_MAX_BYTES * 2];
	const char *name = strrchr(path, '/');
	FILE *file = fopen(path, "re");
	if (!file && name)
		file = fopen(name + 1, "re");
	text[0] = '\0';
	while (file && number > 0 && fgets(line, sizeof(line), file))
		number -= strchr(line, '\n') != NULL;
	if (file && number == 0) {
		char *start = line + strspn(line, " \t");
		size_t length = strcspn(start, "\n");
		while (length > 0 && isspace((unsigned char)start[length - 1]))
			length--;
		snprintf(text, room, "%.*s", (int)length, start);
		for (char *at = text; *at; at++)
			if (iscntrl((unsigned char)*at))
				*at = ' ';
	}
	if (file)
		fclose(file);
}

/* One of addr2line's answers, "PATH:LINE" or "??:0", for an address. */
static void answer_take(char *answer, struct source_line *line)
{
	char *colon = strrchr(answer, ':');
	unsigned long number = colon ? strtoul(colon + 1, NULL, 10) : 0;
	if (number == 0)
		return;
	*colon = '\0';
	const char *name = strrchr(answer, '/');
	snprintf(line->place, sizeof(line->place), "%.150s:%lu",
		 name ? name + 1 : answer, number);
	text_find(answer, number, line->text, sizeof(line->text));
}

static void fallback_take(const struct symbols *symbols, uint64_t address,
			  struct source_line *line)
{
	const struct symbol *s = symbols_at(symbols, address);
	if (s)
		snprintf(line->place, sizeof(line->place), "%.150s+%u", s->name,
			 (unsigned)(address - s->address));
	else
		snprintf(line->place, sizeof(line->place), "?");
}

/* Starts addr2line with its output in a pipe: a file to read, or NULL. */
static FILE *asker_start(const char *program, const uint64_t *address, size_t n,
			 pid_t *pid)
{
	extern char **environ;
	char(*numbers)[24] = calloc(n, sizeof(*numbers));
	const char **argv = calloc(n + 5, sizeof(*argv));
	posix_spawn_file_actions_t actions;
	int pipes[2] = {-1, -1};
	FILE *answers = NULL;
	if (numbers && argv && pipe(pipes) == 0 &&
	    posix_spawn_file_actions_init(&actions) == 0) {
		argv[0] = "addr2line";
		argv[1] = "-e";
		argv[2] = program;
		for (size_t i = 0; i < n; i++) {
			snprintf(numbers[i], sizeof(*numbers), "0x%llx",
				 (unsigned long long)address[i]);
			argv[3 + i] = numbers[i];
		}
		posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
		posix_spawn_file_actions_addclose(&actions, pipes[0]);
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
						 1, 0);
		if (posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)argv,
				 environ) == 0)
			answers = fdopen(pipes[0], "r");
		posix_spawn_file_actions_destroy(&actions);
		close(pipes[1]);
		if (!answers)
			close(pipes[0]);
	}
	free(argv);
	free(numbers);
	return answers;
}

static void answers_read(const char *program, const uint64_t *address, size_t n,
			 struct source_line *lines)
{
	char answer[1024];
	pid_t pid = 0;
	if (n == 0 || n > ADDRESSES_MAX)
		return;
	sigset_t timer, before; /* a timer of the caller's must not cut a read short */
	sigemptyset(&timer);
	sigaddset(&timer, SIGALRM);
	sigprocmask(SIG_BLOCK, &timer, &before);
	FILE *answers = asker_start(program, address, n, &pid);
	for (size_t i = 0; answers && i < n && fgets(answer, sizeof(answer), answers);
	     i++)
		answer_take(answer, &lines[i]);
	if (answers)
		fclose(answers);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Addresses of the same place share a line. */
static void lines_share(struct source *source)
{
	for (size_t i = 0; i < source->n; i++) {
		size_t same = 0;
		while (same < i &&
		       strcmp(source->line[same].place, source->line[i].place) != 0)
			same++;
		source->line_of[i] = same;
	}
}

struct source *source_new(const char *program, uint64_t *addresses, size_t n)
{
	struct source *source = calloc(1, sizeof(*source));
	struct symbols symbols;
	if (!source)
		return NULL;
	source->n = addresses_unique(addresses, n);
	source->address = calloc(source->n + 1, sizeof(*source->address));
	source->line_of = calloc(source->n + 1, sizeof(*source->line_of));
	source->line = calloc(source->n + 1, sizeof(*source->line));
	if (!source->address || !source->line_of || !source->line ||
	    symbols_read(&symbols, program) < 0) {
		source_free(source);
		return NULL;
	}
	memcpy(source->address, addresses, source->n * sizeof(*addresses));
	answers_read(program, source->address, source->n, source->line);
	for (size_t i = 0; i < source->n; i++)
		if (!source->line[i].place[0])
			fallback_take(&symbols, source->address[i], &source->line[i]);
	symbols_free(&symbols);
	lines_share(source);
	return source;
}

void source_free(struct source *source)
{
	if (!source)
		return;
	free(source->address);
	free(source->line_of);
	free(source->line);
	free(source);
}

const struct source_line *source_at(const struct source *source, uint64_t address)
{
	size_t low = 0, high = source->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (source->address[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == source->n || source->address[low] != address)
		return NULL;
	return &source->line[source->line_of[low]];
}

void source_print(const struct source_line *line, char *text, size_t room)
{
	if (line)
		snprintf(text, room, "%s  %s", line->place, line->text);
	else
		snprintf(text, room, "?");
}
