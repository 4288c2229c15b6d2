/* SPDX-License-Identifier: BSD-2-Clause */
/* capture.c - run a program and keep what it prints, within a time. */
#include "config.h"

#include "harness/targets/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/clock.h"

enum { CAPTURE_MOST = 1 << 20, NO_EXEC = 127 };

/* Between fork and exec: async-signal-safe calls only. */
static void capture_child(char *const *argv, int out)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(argv[0], argv);
	_exit(NO_EXEC);
}

/* Read to the end of file.  Returns 0, -ETIMEDOUT or -errno. */
static int capture_read(int fd, int64_t deadline_ms, char *text, size_t room)
{
	size_t used = 0;
	text[0] = '\0';
	while (used + 1 < room) {
		int64_t left = deadline_ms - clock_now_ms();
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready == 0 ? -ETIMEDOUT : -errno;
		ssize_t got = read(fd, text + used, room - 1 - used);
		if (got <= 0)
			return got == 0 ? 0 : -errno;
		used += (size_t)got;
		text[used] = '\0';
	}
	return -EMSGSIZE;
}

/* Standard output is at its end, so the program is ending too, or else is made to. */
static int capture_wait(pid_t child, int64_t deadline_ms)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int status;
	while (waitpid(child, &status, WNOHANG) == 0) {
		if (clock_now_ms() >= deadline_ms) {
			kill(-child, SIGKILL);
			kill(child, SIGKILL); /* if it died before its setpgid */
			while (waitpid(child, &status, 0) < 0 && errno == EINTR)
				continue;
			return -ETIMEDOUT;
		}
		nanosleep(&pause, NULL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

int capture_run(char *const *argv, int timeout_ms, char **out)
{
	int ends[2];
	*out = malloc(CAPTURE_MOST);
	if (!*out)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC) < 0)
		goto fail;
	pid_t child = fork();
	if (child == 0)
		capture_child(argv, ends[1]);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		goto fail;
	}
	int64_t deadline_ms = clock_now_ms() + timeout_ms;
	int read_status = capture_read(ends[0], deadline_ms, *out, CAPTURE_MOST);
	close(ends[0]);
	int status = capture_wait(child, read_status < 0 ? 0 : deadline_ms);
	if (read_status == 0 && status >= 0)
		return status;
	free(*out);
	*out = NULL;
	return read_status < 0 ? read_status : status;
fail:
	free(*out);
	*out = NULL;
	return -errno;
}
