/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_process.c - a few hundred processes, by fork(2). */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/micro/crowd.h"

enum { NS_PER_S = 1000000000 };

static int start(void *(*begin)(void *arg), void *arg)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		begin(arg);
		_exit(0);
	}
	return 0;
}

static void join(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
}

static void yield(void)
{
	sched_yield();
}

static void sleep_ns(uint64_t ns)
{
	struct timespec t = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	nanosleep(&t, NULL);
}

const struct crowd crowd = {
	.start = start,
	.join = join,
	.yield = yield,
	.sleep = sleep_ns,
	.kib_each = 400,
	.preempts = 1,
};
