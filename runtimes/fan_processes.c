/* SPDX-License-Identifier: BSD-2-Clause */
/* fan_processes.c - parallel calls as processes have them: fork one a part, and wait(2)
 * for them all.  The exit status is all that a part hands back. */
#include "config.h"

#include "fan_runs.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void part_run(const struct fan *f, unsigned i, pid_t parent)
{
	uint64_t ns = fan_part_ns(f, i);
	struct timespec left = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a part does not outlive its caller */
	if (getppid() == parent)
		while (nanosleep(&left, &left) < 0 && errno == EINTR)
			continue;
	_exit(fan_part_result(f, i) < 0);
}

/* Give up what still runs. */
static void end_all(const pid_t *parts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (parts[i] > 0)
			kill(parts[i], SIGKILL);
}

/* Forget the part that ended.  Returns its number, or n if it is none of them. */
static unsigned part_ended(pid_t *parts, unsigned n, pid_t pid)
{
	unsigned i = 0;

	while (i < n && parts[i] != pid)
		i++;
	if (i < n)
		parts[i] = 0;
	return i;
}

/* Reap them all; the first that failed ends the others. */
static int join_all(const struct fan *f, pid_t *parts, unsigned n, int result)
{
	for (unsigned left = n; left > 0;) {
		int status;
		pid_t pid = wait(&status);
		unsigned i = pid > 0 ? part_ended(parts, n, pid) : n;

		if (pid < 0 && errno != EINTR)
			return -errno;
		left -= i < n;
		if (i == n || result < 0 || status == 0)
			continue;
		result = fan_part_result(f, i) < 0 ? fan_part_result(f, i) : -ECHILD;
		end_all(parts, n);
	}
	return result;
}

int fan_processes(const struct fan *f)
{
	pid_t parts[FAN_MAX], parent = getpid();
	unsigned made = 0;
	int result = 0;

	while (made < f->n && result == 0) {
		pid_t pid = fork();

		if (pid == 0)
			part_run(f, made, parent);
		if (pid < 0)
			result = -errno;
		else
			parts[made++] = pid;
	}
	if (result < 0)
		end_all(parts, made);
	return join_all(f, parts, made, result);
}
