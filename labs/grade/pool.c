/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.c - a piece of work that dies takes nothing with it. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/grade/pool.h"

struct place {
	pid_t pid;
	size_t i;
};

unsigned pool_jobs(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned)n : 1;
}

static int place_fill(const struct pool *pool, struct place *places, unsigned slot,
		      size_t i)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		int status = pool->work(pool->context, i, slot);
		fflush(NULL);
		_exit(status);
	}
	places[slot] = (struct place){pid, i};
	return 0;
}

static void place_wait(const struct pool *pool, struct place *places)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);
	for (unsigned slot = 0; pid > 0 && slot < pool->jobs; slot++) {
		if (places[slot].pid != pid)
			continue;
		places[slot].pid = 0;
		pool->done(pool->context, places[slot].i, status);
	}
}

int pool_run(const struct pool *pool)
{
	struct place *places = calloc(pool->jobs, sizeof(*places));
	size_t begun = 0;
	unsigned running;
	int error = places ? 0 : -ENOMEM;
	do {
		running = 0;
		for (unsigned slot = 0; error == 0 && slot < pool->jobs; slot++)
			if (places[slot].pid == 0 && begun < pool->n)
				error = place_fill(pool, places, slot, begun++);
		for (unsigned slot = 0; places && slot < pool->jobs; slot++)
			running += places[slot].pid != 0;
		if (running > 0)
			place_wait(pool, places);
	} while (running > 0);
	free(places);
	return error;
}
