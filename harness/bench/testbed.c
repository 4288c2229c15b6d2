/* SPDX-License-Identifier: BSD-2-Clause */
/* testbed.c - starts duality-netns with a command that tells its environment and then
 * waits for the end of a pipe. */
#include "config.h"

#include "harness/bench/testbed.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/sample/cpulist.h"
#include "harness/targets/capture.h"

enum {
	READY_MS = 240000,
	CLOSE_MS = 15000,
	STEP_MS = 10,
	NO_EXEC = 127,
	LINE = 256,
	BIND_MS = 10000
};

/* It ends with its standard input. */
static const char command[] =
	"env | sed -n s/^DUALITY_NETNS_//p && echo ready && exec cat >/dev/null";

/* What the child needs, prepared before the fork. */
struct launch {
	const char *argv[10];
	char kbit[24];
	cpu_set_t cpus;
	int in[2], out[2], log_fd;
};

static int launch_fill(struct launch *l, const struct testbed_spec *spec)
{
	cpu_set_t server, client;
	size_t n = 0;
	if (cpulist_parse(spec->server_cpus, &server) < 0 ||
	    cpulist_parse(spec->client_cpus, &client) < 0)
		return -EINVAL;
	CPU_OR(&l->cpus, &server, &client); /* it calibrates with all there is */
	l->argv[n++] = spec->program;
	l->argv[n++] = "--server-cpus";
	l->argv[n++] = spec->server_cpus;
	if (spec->link_kbit > 0) {
		snprintf(l->kbit, sizeof l->kbit, "%d", spec->link_kbit);
		l->argv[n++] = "--rate";
		l->argv[n++] = l->kbit;
	}
	l->argv[n++] = "sh";
	l->argv[n++] = "-c";
	l->argv[n++] = command;
	l->argv[n] = NULL;
	return 0;
}

/* Between fork and exec: async-signal-safe calls only. */
static void launch_child(const struct launch *l)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0); /* a terminal's SIGINT is this process's business */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sched_setaffinity(0, sizeof l->cpus, &l->cpus);
	int hold_copy = fcntl(l->in[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int out_copy = fcntl(l->out[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int log_copy = fcntl(l->log_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	dup2(hold_copy, STDIN_FILENO);
	dup2(out_copy, STDOUT_FILENO);
	dup2(log_copy, STDERR_FILENO);
	execv(l->argv[0], (char *const *)(uintptr_t)l->argv);
	_exit(NO_EXEC);
}

static int launch_start(struct launch *l, struct testbed *t, const char *log)
{
	int status = 0;
	l->log_fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (l->log_fd < 0)
		return -errno;
	if (pipe2(l->in, O_CLOEXEC) < 0) {
		status = -errno;
		goto no_in;
	}
	if (pipe2(l->out, O_CLOEXEC) < 0) {
		status = -errno;
		goto no_out;
	}
	t->pid = fork();
	if (t->pid == 0)
		launch_child(l);
	status = t->pid < 0 ? -errno : 0;
	t->pid = t->pid < 0 ? 0 : t->pid;
	close(l->out[1]);
	if (status < 0)
		close(l->out[0]);
no_out:
	close(l->in[0]);
	if (status < 0)
		close(l->in[1]);
no_in:
	close(l->log_fd);
	t->hold_fd = status < 0 ? -1 : l->in[1];
	return status;
}

/* A line of what the command told. */
static void testbed_take(struct testbed *t, const char *line)
{
	char mbps[TESTBED_TEXT];
	sscanf(line, "CLIENT=%40s", t->client);
	sscanf(line, "SERVER=%40s", t->server);
	sscanf(line, "SWITCH=%40s", t->between);
	sscanf(line, "ADDRESS=%63s", t->address);
	sscanf(line, "FREE=%63s", t->vacant);
	sscanf(line, "TAP=%63s", t->tap);
	sscanf(line, "BILLED=%63s", t->billed);
	if (sscanf(line, "MBPS=%63s", mbps) == 1)
		t->mbps = strtod(mbps, NULL);
}

/* ip-netns(8) keeps them there. */
static void path_make(char name[TESTBED_TEXT])
{
	char path[2 * TESTBED_TEXT];
	snprintf(path, sizeof path, "/run/netns/%s", name);
	snprintf(name, TESTBED_TEXT, "%.*s", TESTBED_TEXT - 1, path);
}

/* Read until "ready".  1, 0 at the end of what it says, -EINTR or -ETIMEDOUT. */
static int testbed_read(struct testbed *t, int fd, int interrupt_fd)
{
	char line[LINE];
	size_t used = 0;
	for (;;) {
		struct pollfd wait[] = {{.fd = fd, .events = POLLIN},
					{.fd = interrupt_fd, .events = POLLIN}};
		if (poll(wait, 2, READY_MS) == 0)
			return -ETIMEDOUT;
		if (wait[1].revents)
			return -EINTR;
		ssize_t got = wait[0].revents ? read(fd, line + used, 1) : -1;
		if (got == 0)
			return 0;
		if (got < 0 || (line[used] != '\n' && ++used < sizeof line))
			continue;
		line[used == sizeof line ? used - 1 : used] = '\0';
		used = 0;
		if (strcmp(line, "ready") == 0)
			return 1;
		testbed_take(t, line);
	}
}

/* The last line of its log is why it is not there. */
static void why_read(const char *log, char why[TESTBED_WHY])
{
	char line[LINE];
	FILE *from = fopen(log, "re");
	snprintf(why, TESTBED_WHY, "duality netns said nothing");
	while (from && fgets(line, sizeof line, from)) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(why, TESTBED_WHY, "%.*s", TESTBED_WHY - 1, line);
	}
	if (from)
		fclose(from);
}

/* Its exit status, or -errno, after it was told to end. */
static int testbed_end(struct testbed *t)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
	int status = 0;
	pid_t ended = 0;
	if (t->hold_fd >= 0)
		close(t->hold_fd);
	t->hold_fd = -1;
	for (int waited = 0; ended == 0 && waited < CLOSE_MS; waited += STEP_MS) {
		ended = waitpid(t->pid, &status, WNOHANG);
		if (ended == 0)
			nanosleep(&step, NULL);
	}
	if (ended == 0) {
		kill(-t->pid, SIGKILL); /* the next start removes what it leaves */
		waitpid(t->pid, &status, 0);
	}
	t->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

int testbed_open(struct testbed *t, const struct testbed_spec *spec,
		 char why[TESTBED_WHY])
{
	struct launch l = {.log_fd = -1};
	*t = (struct testbed){.mbps = (double)NAN, .hold_fd = -1};
	int status = launch_fill(&l, spec);
	if (status == 0)
		status = launch_start(&l, t, spec->log);
	if (status < 0)
		return status;
	int ready = testbed_read(t, l.out[0], spec->interrupt_fd);
	close(l.out[0]);
	if (ready == 1) {
		path_make(t->client);
		path_make(t->server);
		path_make(t->between);
		return 0;
	}
	if (ready < 0)
		kill(t->pid, SIGTERM);
	status = testbed_end(t);
	why_read(spec->log, why);
	if (ready < 0)
		return ready;
	return status == 0 ? -EPROTO : status;
}

void testbed_close(struct testbed *t)
{
	if (t->pid > 0)
		testbed_end(t);
}

int testbed_bind(const struct testbed *t, const char *program, const char *cpus)
{
	char *out;
	const char *argv[] = {program, "--bind", cpus, strrchr(t->server, '/') + 1,
			      NULL};
	int status = capture_run((char *const *)(uintptr_t)argv, BIND_MS, &out);
	if (status < 0)
		return status;
	int thread = status == 0 ? atoi(out) : 0;
	free(out);
	return thread > 0 ? thread : -ECHILD;
}
