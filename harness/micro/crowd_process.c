/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_process.c - some hundreds of processes, by fork(2). */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/micro/crowd_kernel.h"

enum { ROOM_FIRST = 64 };

static pid_t *children;
static unsigned children_n, children_room;

static _Bool room_make(void)
{
	unsigned room = children_room ? 2 * children_room : ROOM_FIRST;
	pid_t *grown = children;

	if (children_n < children_room)
		return 1;
	grown = realloc(children, room * sizeof *grown);
	if (!grown)
		return 0;
	children = grown;
	children_room = room;
	return 1;
}

static int start(void *(*begin)(void *arg), void *arg)
{
	pid_t child = room_make() ? fork() : -1;

	if (child < 0)
		return -errno;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		begin(arg);
		_exit(0);
	}
	children[children_n++] = child;
	return 0;
}

static void join(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
	children_n = 0;
}

/* Of those that have not been waited for. */
static double children_cpu_ns(void)
{
	double sum_ns = 0;
	clockid_t clock;
	struct timespec t;

	for (unsigned i = 0; i < children_n; i++) {
		if (clock_getcpuclockid(children[i], &clock) == 0 &&
		    clock_gettime(clock, &t) == 0)
			sum_ns += (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
	}
	return sum_ns;
}

const struct crowd crowd = {
	.start = start,
	.join = join,
	.yield = kernel_yield,
	.sleep = kernel_sleep,
	.others_cpu_ns = children_cpu_ns,
	.open = kernel_open,
	.read = kernel_read,
	.write = kernel_write,
	.close = kernel_close,
	.kib_each = 400,
	.preempts = 1,
};
