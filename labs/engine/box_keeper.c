/* SPDX-License-Identifier: BSD-2-Clause */
/* box_keeper.c - the first process of a box: raises the walls, starts the subject,
   watches what everything below it uses, and leaves nothing alive.  It runs in the
   image of the caller, without exec, and never returns there. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box_inner.h"

enum { LOOK_OWN_MS = 20, LOOK_SHARED_MS = 200 };

struct keep {
	struct box_site *site;
	int proc;
	pid_t subject;
	struct box_end end;
	uint64_t switches;
	struct timespec begun, awake;
};

static _Noreturn void keeper_fail(const struct keep *k, int error)
{
	message_send(k->site->socket,
		     &(struct box_message){.word = BOX_FAILED, .error = error});
	_exit(1);
}

static double seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) +
	       1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

/* What was below it and has been waited for, by it or by others. */
static uint64_t children_cpu_us(void)
{
	struct rusage use;
	getrusage(RUSAGE_CHILDREN, &use);
	return (uint64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

/* Without a namespace of its own the box is held still first, again and again: what
   forks faster than it is killed would never end, and its number of processes is
   limited.  kill(2) with -1 would reach the subjects of others, who may be the same
   user. */
static void others_kill(const struct keep *k)
{
	while (look_kill(k->proc, SIGSTOP) > 0 && look_kill(k->proc, SIGKILL) > 0)
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
}

static void all_kill(const struct keep *k)
{
	if (k->site->walls & BOX_PID_NAMESPACE)
		kill(-1, SIGKILL);
	else
		others_kill(k);
}

/* True if the subject has ended, and how; buries whatever else ended. */
static bool subject_ended(struct keep *k)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid != k->subject)
			continue;
		k->end.how = WIFSIGNALED(status) ? BOX_SIGNALLED : BOX_EXITED;
		k->end.code =
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
		return true;
	}
	return false;
}

static bool idle_too_long(struct keep *k, const struct look *look)
{
	if (!look->asleep || look->switches != k->switches) {
		k->switches = look->switches;
		clock_gettime(CLOCK_MONOTONIC, &k->awake);
		return false;
	}
	return seconds_since(&k->awake) >= k->site->plan->limits.idle_s;
}

/* True if a limit has been passed, and which. */
static bool limit_passed(struct keep *k)
{
	const struct box_limits *most = &k->site->plan->limits;
	struct look look;
	if (look_take(k->proc, most->idle_s > 0, &look) < 0)
		return false;
	if (look.memory_bytes > k->end.memory_bytes)
		k->end.memory_bytes = look.memory_bytes;
	if (look.cpu_us + children_cpu_us() > most->cpu_s * UINT64_C(1000000))
		k->end.how = BOX_CPU;
	else if (most->memory_bytes && look.memory_bytes > most->memory_bytes)
		k->end.how = BOX_MEMORY;
	else if (most->processes && look.threads > most->processes)
		k->end.how = BOX_PROCESSES;
	else if (most->idle_s && idle_too_long(k, &look))
		k->end.how = BOX_IDLE;
	else if (seconds_since(&k->begun) > most->wall_s)
		k->end.how = BOX_WALL;
	else
		return false;
	return true;
}

static bool caller_gave_up(struct keep *k)
{
	char byte;
	if (recv(k->site->socket, &byte, 1, MSG_DONTWAIT) != 0)
		return false;
	k->end.how = BOX_SIGNALLED;
	k->end.code = SIGKILL;
	return true;
}

/* A signal of the kernel's for a limit of setrlimit(2) is that limit. */
static void end_name(struct keep *k)
{
	uint64_t cpu_most_us = k->site->plan->limits.cpu_s * UINT64_C(1000000);
	if (k->end.how != BOX_SIGNALLED)
		return;
	if (k->end.code == SIGXFSZ)
		k->end.how = BOX_FILE_SIZE;
	else if (k->end.code == SIGXCPU ||
		 (k->end.code == SIGKILL && k->end.cpu_us >= cpu_most_us))
		k->end.how = BOX_CPU;
}

static void keeper_watch(struct keep *k)
{
	int look_ms =
		k->site->walls & BOX_MOUNT_NAMESPACE ? LOOK_OWN_MS : LOOK_SHARED_MS;
	const struct timespec wait = {.tv_nsec = look_ms * 1000000};
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &k->begun);
	k->awake = k->begun;
	while (!subject_ended(k) && !limit_passed(k) && !caller_gave_up(k))
		sigtimedwait(&child, NULL, &wait);
	all_kill(k);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
	k->end.cpu_us = children_cpu_us();
	end_name(k);
}

static void signals_reset(void)
{
	sigset_t child;
	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_SETMASK, &child, NULL);
}

static void keeper_prepare(struct keep *k)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NAME, "lab-box-keeper");
	setsid();
	signals_reset();
	int error = walls_raise(k->site);
	if (error < 0)
		keeper_fail(k, error);
	k->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->proc < 0)
		keeper_fail(k, -errno);
}

/* What the subject writes into `failed` is the reason; nothing, when exec has closed
   it, means that it runs. */
static void subject_start(struct keep *k)
{
	int failed[2], error = 0;
	if (pipe2(failed, O_CLOEXEC) != 0)
		keeper_fail(k, -errno);
	k->subject = fork();
	if (k->subject == 0) {
		close(failed[0]);
		subject_run(k->site, failed[1]);
	}
	if (k->subject < 0)
		keeper_fail(k, -errno);
	const int keep[] = {k->site->socket, k->proc, failed[0]};
	descriptors_close(0, keep, 3, false);
	if (read(failed[0], &error, sizeof(error)) == sizeof(error))
		keeper_fail(k, error);
	close(failed[0]);
}

void keeper_run(struct box_site *site)
{
	struct keep k = {.site = site};
	keeper_prepare(&k);
	subject_start(&k);
	message_send(site->socket, &(struct box_message){.word = BOX_RUNNING});
	keeper_watch(&k);
	message_send(site->socket,
		     &(struct box_message){.word = BOX_ENDED, .end = k.end});
	_exit(0);
}
