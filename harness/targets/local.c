/* SPDX-License-Identifier: BSD-2-Clause */
/* local.c - a server on this machine: a process group of its own, in an accounting of
 * its own, bound to its CPUs, ended with everything it started. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/clock.h"
#include "harness/sample/cpulist.h"
#include "harness/sample/live.h"
#include "harness/targets/target.h"

enum { READY_MS = 5000, STOP_MS = 6000, STEP_MS = 2, MOST_ARGS = 64, NO_EXEC = 127 };

struct local {
	struct target base;
	struct sample *sample;
	struct live live;
	bool live_open;
	bool totals; /* its tasks are not looked at one by one: the sample counts
			switches apart by itself, or they are too many */
	pid_t pid;   /* 0: none runs */
	bool reaped;
	int status; /* as waitpid gave it, once reaped */
	int out_fd; /* the server's standard output */
	char counters[PATH_MAX], live_path[PATH_MAX + 8];
};

/* What the child needs, prepared before the fork: after it, only async-signal-safe
 * calls (fork(2): the parent may have threads). */
struct launch {
	char *argv[MOST_ARGS];
	cpu_set_t cpus;
	int out_fd, log_fd;
	int netns_fd; /* -1: stays where it is */
	pid_t parent;
	const struct sample *sample;
};

static void local_child(const struct launch *l)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	/* If the harness is killed its server must not stay behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != l->parent)
		_exit(NO_EXEC);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(l->out_fd, STDOUT_FILENO);
	dup2(l->log_fd, STDERR_FILENO);
	if (l->netns_fd >= 0 && setns(l->netns_fd, CLONE_NEWNET) < 0)
		_exit(NO_EXEC);
	sched_setaffinity(0, sizeof l->cpus, &l->cpus);
	sample_join(l->sample);
	execv(l->argv[0], l->argv);
	_exit(NO_EXEC);
}

static int launch_args(struct launch *l, const struct server_spec *spec)
{
	/* exec takes char *, and does not write. */
	const char *where[][2] = {{"--root", spec->root},
				  {"--port", "0"},
				  {"--counters", spec->counters}};
	size_t n = 0;
	for (char *const *arg = spec->argv; *arg; arg++) {
		if (n + sizeof where / sizeof where[0][0] + 1 >= MOST_ARGS)
			return -E2BIG;
		l->argv[n++] = *arg;
	}
	for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
		if (!where[i][1])
			continue;
		l->argv[n++] = (char *)(uintptr_t)where[i][0];
		l->argv[n++] = (char *)(uintptr_t)where[i][1];
	}
	l->argv[n] = NULL;
	return 0;
}

/* Read the line "ready ADDRESS:PORT" within `left_ms`. */
static int local_ready(struct local *t, int interrupt_fd)
{
	char line[128];
	size_t used = 0;
	int64_t deadline_ms = clock_now_ms() + READY_MS;
	while (used + 1 < sizeof line && !memchr(line, '\n', used)) {
		struct pollfd wait[] = {{.fd = t->out_fd, .events = POLLIN},
					{.fd = interrupt_fd, .events = POLLIN}};
		int64_t left_ms = deadline_ms - clock_now_ms();
		int ready = left_ms > 0 ? poll(wait, 2, (int)left_ms) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready == 0 ? -ETIMEDOUT : -errno;
		if (wait[1].revents)
			return -EINTR;
		ssize_t got = read(t->out_fd, line + used, sizeof line - 1 - used);
		if (got <= 0)
			return -ECHILD;
		used += (size_t)got;
	}
	line[used] = '\0';
	if (sscanf(line, "ready %63s", t->base.address) != 1)
		return -EPROTO;
	return 0;
}

static int local_spawn(struct local *t, struct launch *l,
		       const struct server_spec *spec)
{
	int ends[2] = {-1, -1}, error = 0;
	l->parent = getpid();
	l->sample = t->sample;
	l->log_fd = open(spec->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (l->log_fd < 0)
		return -errno;
	if (spec->netns)
		l->netns_fd = open(spec->netns, O_RDONLY | O_CLOEXEC);
	if ((spec->netns && l->netns_fd < 0) || pipe2(ends, O_CLOEXEC) < 0) {
		error = -errno;
		goto done;
	}
	l->out_fd = ends[1];
	t->pid = fork();
	if (t->pid == 0)
		local_child(l);
	if (t->pid < 0) {
		error = -errno;
		t->pid = 0;
		close(ends[0]);
	} else {
		t->out_fd = ends[0];
		setpgid(t->pid,
			t->pid); /* the child does so too; either may be first */
	}
	close(ends[1]);
done:
	if (l->netns_fd >= 0)
		close(l->netns_fd);
	close(l->log_fd);
	return error;
}

static void local_stop(struct target *base, struct ending *out);

static int local_start(struct target *base, const struct server_spec *spec)
{
	struct local *t = (struct local *)base;
	struct launch l = {.out_fd = -1, .netns_fd = -1};
	int status = cpulist_parse(spec->server_cpus, &l.cpus);
	if (status >= 0)
		status = launch_args(&l, spec);
	if (status >= 0)
		status = sample_open_with(&t->sample, spec->server_cpus,
					  spec->client_cpus,
					  spec->split ? SAMPLE_SPLIT : 0);
	if (status < 0)
		return status;
	t->totals = spec->split || spec->crowded;
	t->reaped = false;
	t->counters[0] = '\0';
	if (spec->counters) {
		snprintf(t->counters, sizeof t->counters, "%s", spec->counters);
		snprintf(t->live_path, sizeof t->live_path, "%s.live", spec->counters);
		/* Nothing of the server before may be taken for this one's. */
		unlink(t->counters);
		unlink(t->live_path);
	}
	status = local_spawn(t, &l, spec);
	if (status == 0) {
		sample_attach(t->sample, t->pid);
		status = local_ready(t, spec->interrupt_fd);
	}
	if (status == 0 && spec->counters) {
		/* Without it the counters are unknown: NAN. */
		t->live_open = live_open(&t->live, t->live_path) == 0;
	}
	if (status < 0) {
		struct ending ignored;
		local_stop(base, &ignored);
	}
	return status;
}

static bool local_ended(struct target *base)
{
	struct local *t = (struct local *)base;
	if (t->pid && !t->reaped)
		t->reaped = waitpid(t->pid, &t->status, WNOHANG) == t->pid;
	return !t->pid || t->reaped;
}

static void local_read(struct target *base, struct reading *out)
{
	struct local *t = (struct local *)base;
	sample_read(t->sample, &out->kernel);
	struct live_value values[COUNTER_SLOTS];
	int n = t->live_open ? live_read(&t->live, values) : 0;
	for (enum reading_counter i = 0; i < READING_COUNTERS; i++)
		out->counter[i] = live_value(values, n, reading_counter_name(i));
	if (!t->totals)
		sample_read_tasks(t->sample, &out->kernel);
}

static void local_read_memory(struct target *base, struct reading *out)
{
	struct local *t = (struct local *)base;
	sample_read_memory(t->sample, &out->kernel.value[METRIC_RSS_PEAK_KIB]);
}

/* Wait for the end, at most so long.  Returns false if it still runs. */
static bool local_wait(struct local *t, int most_ms)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
	int64_t deadline_ms = clock_now_ms() + most_ms;
	while (!local_ended(&t->base)) {
		if (clock_now_ms() >= deadline_ms)
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

static double counter_of(const json_t *counters, enum reading_counter which)
{
	json_t *value = json_object_get(counters, reading_counter_name(which));
	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void counters_read(const char *path, struct ending *out)
{
	json_t *counters = *path ? json_load_file(path, 0, NULL) : NULL;
	out->peak = counter_of(counters, READING_PEAK);
	out->no_buffer = counter_of(counters, READING_NO_BUFFER);
	json_decref(counters);
}

static void local_end(struct local *t, struct ending *out)
{
	out->asked = !local_ended(&t->base);
	if (out->asked) {
		kill(t->pid, SIGTERM);
		out->killed = !local_wait(t, STOP_MS);
	}
	/* Whatever shares its group or its cgroup must not outlive it. */
	kill(-t->pid, SIGKILL);
	out->left_behind = sample_kill(t->sample);
	while (!t->reaped && !local_wait(t, STOP_MS))
		kill(t->pid, SIGKILL);
	out->exit_status = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : -1;
	out->signal = WIFSIGNALED(t->status) ? WTERMSIG(t->status) : 0;
}

static void local_stop(struct target *base, struct ending *out)
{
	struct local *t = (struct local *)base;
	*out = (struct ending){.peak = NAN, .no_buffer = NAN};
	if (t->pid) {
		local_end(t, out);
		counters_read(t->counters, out);
	}
	if (t->live_open)
		live_close(&t->live);
	sample_close(t->sample);
	if (t->out_fd >= 0)
		close(t->out_fd);
	t->live_open = false;
	t->sample = NULL;
	t->out_fd = -1;
	t->pid = 0;
}

static const char *local_source(const struct target *base, enum metric m)
{
	const struct local *t = (const struct local *)base;
	return t->sample ? sample_source(t->sample, m) : "n/a: no server runs";
}

static void local_close(struct target *base)
{
	struct ending ignored;
	if (base)
		local_stop(base, &ignored);
	free(base);
}

struct target *target_local(void)
{
	struct local *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->out_fd = -1;
	t->base = (struct target){.name = "local",
				  .start = local_start,
				  .ended = local_ended,
				  .read = local_read,
				  .read_memory = local_read_memory,
				  .stop = local_stop,
				  .source = local_source,
				  .close = local_close};
	return &t->base;
}
