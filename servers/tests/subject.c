/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.c - a server under test: how it is started, watched and ended. */
#include "config.h"

#include "subject.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { ARGS = 48, READY_MS = 15000, LEAVE_MS = 3000 };

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void args_fill(const char **args, const struct subject_plan *plan,
		      const char *root, const char *counters)
{
	const char *const usual[] = {"--port", "0",          "--root",
				     root,     "--counters", counters};
	size_t n = 0;

	for (char *const *a = plan->program; *a && n < ARGS - 8; a++)
		args[n++] = *a;
	for (size_t i = 0; i < sizeof usual / sizeof *usual && !plan->bare; i++)
		args[n++] = usual[i];
	for (const char *const *a = plan->extra; a && *a && n < ARGS - 1; a++)
		args[n++] = *a;
	args[n] = NULL;
}

/* The program is opened before privileges are dropped: its folder may be private. */
static void child_run(const struct subject_plan *plan, int out)
{
	char root[PATH_MAX], counters[PATH_MAX], errors[PATH_MAX];
	const char *args[ARGS];
	const struct rlimit nofile = {plan->nofile, plan->nofile};
	const struct rlimit nproc = {plan->nproc, plan->nproc};
	int null, err, program;

	snprintf(root, sizeof root, "%s/tree", plan->top);
	snprintf(counters, sizeof counters, "%s/counters", plan->top);
	snprintf(errors, sizeof errors, "%s/stderr", plan->top);
	args_fill(args, plan, root, counters);
	setpgid(0, 0);
	null = open("/dev/null", O_RDONLY);
	err = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	program = open(plan->program[0], O_PATH);
	dup2(null, 0);
	dup2(out, 1);
	dup2(err, 2);
	dup2(program, 3);
	if (fcntl(3, F_SETFD, FD_CLOEXEC) < 0 || close_range(4, ~0U, 0) < 0)
		_exit(126);
	if ((plan->nofile && setrlimit(RLIMIT_NOFILE, &nofile) < 0) ||
	    (plan->nproc && setrlimit(RLIMIT_NPROC, &nproc) < 0))
		_exit(126);
	if (plan->uid &&
	    (setgroups(0, NULL) < 0 || setgid(plan->uid) < 0 || setuid(plan->uid) < 0))
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* after setuid, which clears it */
	if (plan->preload)
		setenv("LD_PRELOAD", plan->preload, 1);
	fexecve(3, (char *const *)args, environ);
	if (errno == ENOENT) { /* a script: its interpreter must be able to open it */
		fcntl(3, F_SETFD, 0);
		fexecve(3, (char *const *)args, environ);
	}
	dprintf(STDERR_FILENO, "%s: not executed: %s\n", args[0], strerror(errno));
	_exit(127);
}

struct in_addr subject_address(void)
{
	struct in_addr address = {htonl(INADDR_LOOPBACK)};
	const char *told = getenv("CONFORMANCE_ADDRESS");

	if (told && inet_pton(AF_INET, told, &address) != 1) {
		fprintf(stderr, "CONFORMANCE_ADDRESS=%s: not an IPv4 address\n", told);
		exit(2);
	}
	return address;
}

/* The port of a ready line, of this machine or of where servers are; 0: it is none. */
static unsigned ready_port(const char *said)
{
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr address;
	unsigned port;
	int size = 0;

	if (sscanf(said, "ready [::1]:%5u\n%n", &port, &size) != 1 &&
	    (sscanf(said, "ready %15[0-9.]:%5u\n%n", text, &port, &size) != 2 ||
	     inet_pton(AF_INET, text, &address) != 1 ||
	     (strncmp(text, "127.", 4) != 0 &&
	      address.s_addr != subject_address().s_addr)))
		return 0;
	return size > 0 && said[size] == '\0' && said[size - 1] == '\n' && port < 65536
		       ? port
		       : 0;
}

int subject_launch(struct subject *s, const struct subject_plan *plan)
{
	char path[PATH_MAX];
	int ends[2];

	*s = (struct subject){.out = -1};
	snprintf(s->top, sizeof s->top, "%s", plan->top);
	snprintf(path, sizeof path, "%s/counters", plan->top);
	unlink(path);
	snprintf(path, sizeof path, "%s/counters.live", plan->top);
	unlink(path);
	/* those that outlive it come to us: init may take its time with the dead, and
	 * until then they count against the next one's RLIMIT_NPROC */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	fflush(stdout);
	s->pid = fork();
	if (s->pid == 0)
		child_run(plan, ends[1]);
	close(ends[1]);
	s->out = ends[0];
	if (s->pid < 0) {
		close(ends[0]);
		return -errno;
	}
	setpgid(s->pid, s->pid);
	return 0;
}

/* One line, without its newline, or what came until the end. */
static void line_read(int fd, char *line, size_t size, double until_s)
{
	size_t at = 0;

	line[0] = '\0';
	while (at < size - 1 && now_s() < until_s) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		if (poll(&p, 1, 100) <= 0)
			continue;
		if (read(fd, line + at, 1) != 1)
			return;
		line[at + 1] = '\0';
		if (line[at] == '\n')
			return;
		at++;
	}
}

int subject_start(struct subject *s, const struct subject_plan *plan)
{
	int error = subject_launch(s, plan);

	if (error)
		return error;
	line_read(s->out, s->said, sizeof s->said, now_s() + READY_MS / 1000.0);
	s->port = (uint16_t)ready_port(s->said);
	if (s->port > 0)
		return 0;
	tap_diag("no ready line but \"%s\"", s->said);
	return -EBADMSG;
}

/* Processes that end with their parent have a moment for it. */
static unsigned group_leaves(const struct subject *s)
{
	unsigned left = subject_holdings(s).processes;

	for (int waited_ms = 0; left && waited_ms < LEAVE_MS; waited_ms += 10) {
		usleep(10000);
		left = subject_holdings(s).processes;
	}
	return left;
}

unsigned subject_patience(void)
{
	const char *told = getenv("CONFORMANCE_PATIENCE");
	const unsigned long times = told ? strtoul(told, NULL, 10) : 1;

	return times >= 1 && times <= 100 ? (unsigned)times : 1;
}

struct subject_end subject_wait(struct subject *s, double seconds)
{
	struct subject_end end = {0};
	double from_s = now_s();
	pid_t got = 0;

	seconds *= subject_patience();
	/* looked for once more after the time is over: we may have been held up */
	for (bool over = false; got == 0 && !over;) {
		over = now_s() >= from_s + seconds;
		got = waitpid(s->pid, &end.status, WNOHANG);
		if (got == 0)
			usleep(2000);
	}
	end.seconds = now_s() - from_s;
	end.exited = got == s->pid;
	if (end.exited)
		end.left = group_leaves(s);
	killpg(s->pid, SIGKILL); /* our own group: helpers that outlived it */
	while (waitpid(-s->pid, NULL, 0) > 0)
		continue;
	return end;
}

bool subject_halt(const struct subject *s)
{
	int status;

	return kill(s->pid, SIGSTOP) == 0 &&
	       waitpid(s->pid, &status, WUNTRACED) == s->pid && WIFSTOPPED(status);
}

struct subject_end subject_stop(struct subject *s, double seconds)
{
	struct subject_end end;

	kill(s->pid, SIGTERM);
	end = subject_wait(s, seconds);
	close(s->out);
	s->out = -1;
	return end;
}

unsigned subject_stderr(const struct subject *s, bool print)
{
	char path[PATH_MAX], line[300];
	unsigned lines = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/stderr", s->top);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f)) {
		lines += strchr(line, '\n') != NULL;
		line[strcspn(line, "\n")] = '\0';
		if (print && lines <= 20)
			tap_diag("stderr: %s", line);
	}
	if (f)
		fclose(f);
	return lines;
}

ssize_t subject_output(const struct subject *s, char *to, size_t size)
{
	ssize_t n = read(s->out, to, size - 1);

	to[n > 0 ? n : 0] = '\0';
	return n;
}
