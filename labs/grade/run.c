/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c - starts trusted programs, keeps what they print, and ends those that do not.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "labs/grade/run.h"

enum { TOOL_TEXT = 16384, LONGEST = 4 };

/* How many bytes the character at s has: 0 if they are no UTF-8 (RFC 3629, section 4;
   overlong forms and surrogates are what jansson would refuse as well). */
static size_t character_length(const unsigned char *s)
{
	static const struct {
		unsigned char from, to, second_from, second_to;
		size_t length;
	} kinds[] = {{0x20, 0x7e, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
		     {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		     {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		     {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		     {0xf4, 0xf4, 0x80, 0x8f, 4}};
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (s[0] < kinds[k].from || s[0] > kinds[k].to)
			continue;
		if (kinds[k].length > 1 &&
		    (s[1] < kinds[k].second_from || s[1] > kinds[k].second_to))
			return 0;
		for (size_t i = 2; i < kinds[k].length; i++)
			if ((s[i] & 0xc0) != 0x80)
				return 0;
		return kinds[k].length;
	}
	return s[0] == '\n' || s[0] == '\t';
}

void text_clean(char *text)
{
	for (unsigned char *s = (unsigned char *)text; *s;) {
		size_t length = character_length(s);
		if (length == 0)
			*s = '?';
		s += length ? length : 1;
	}
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static _Noreturn void child_run(const struct run *run, int out)
{
	int nothing = open("/dev/null", O_RDONLY);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	dup2(nothing, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (run->folder && chdir(run->folder) != 0)
		goto fail;
	for (const char *const *s = run->settings; s && *s; s++)
		putenv((char *)*s);
	execvp(run->argv[0], (char *const *)run->argv);
fail:
	dprintf(STDERR_FILENO, "%s: %s\n", run->argv[0], strerror(errno));
	_exit(127);
}

/* Keeps the first bytes; a NUL among them is replaced with all else that is no text. */
static void text_add(struct run_end *end, size_t *length, size_t most, const char *more,
		     size_t n)
{
	if (n > most - *length)
		n = most - *length;
	for (size_t i = 0; i < n; i++)
		end->text[(*length)++] = more[i] ? more[i] : '?';
}

/* Reads until the program and all who share its output have closed it, or time is up.
 */
static void output_read(const struct run *run, int fd, struct run_end *end)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int64_t until_ms = now_ms() + (int64_t)run->wall_s * 1000;
	size_t length = 0;
	char some[8192];
	for (;;) {
		int64_t left_ms = run->wall_s ? until_ms - now_ms() : 3600000;
		if (left_ms <= 0)
			break;
		if (poll(&ready, 1, (int)left_ms) <= 0)
			continue;
		ssize_t n = read(fd, some, sizeof(some));
		if (n == 0)
			return;
		if (n > 0)
			text_add(end, &length, run->text_most, some, (size_t)n);
	}
	end->late = true;
}

int run_program(const struct run *run, struct run_end *end)
{
	int ends[2];
	*end = (struct run_end){.text = calloc(1, run->text_most + LONGEST)};
	if (!end->text)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC) != 0)
		goto fail;
	pid_t pid = fork();
	if (pid == 0)
		child_run(run, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		goto fail;
	}
	output_read(run, ends[0], end);
	if (end->late)
		kill(-pid, SIGKILL);
	close(ends[0]);
	while (waitpid(pid, &end->status, 0) < 0 && errno == EINTR)
		continue;
	kill(-pid, SIGKILL);
	text_clean(end->text);
	return 0;
fail:
	free(end->text);
	end->text = NULL;
	return -errno;
}

bool run_tool(const char *const *argv, const char *folder, const char *const *settings)
{
	const struct run run = {.argv = argv,
				.folder = folder,
				.settings = settings,
				.text_most = TOOL_TEXT};
	struct run_end end;
	int error = run_program(&run, &end);
	bool good = error == 0 && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0;
	if (!good && end.text)
		end.text[strcspn(end.text, "\n")] = '\0';
	if (!good)
		fprintf(stderr, "duality lab: %s: %s\n", argv[0],
			error < 0 ? strerror(-error) : end.text);
	free(end.text);
	return good;
}
