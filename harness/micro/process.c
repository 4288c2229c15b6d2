/* SPDX-License-Identifier: BSD-2-Clause */
/* process.c - what processes cost: fork(2), and the calls of thread.c in memory that
 * they share.  By the clock, as CPU time would be of one. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FAR_AWAY_S = 3600, TEXT = 128 };

static struct shared {
	_Atomic(unsigned) runs; /* who, of those that take turns */
	_Atomic(uint64_t) switches;
	sem_t there, back;
	pthread_mutex_t mutex;
} * shared;

static pid_t *children;
static unsigned started;

/* Start n more, that run until they are killed.  0, or after micro_cannot NAN. */
static double children_start(unsigned n, void (*run)(unsigned number))
{
	started = 0;
	children = calloc(n + 1, sizeof *children);
	for (; children && started < n; started++) {
		pid_t child = fork();
		if (child < 0)
			return micro_cannot("fork: %s after %u processes",
					    strerror(errno), started);
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				run(started + 1);
		}
		children[started] = child;
	}
	return children ? 0 : micro_cannot("no memory");
}

static void children_end(void)
{
	for (unsigned i = 0; i < started; i++)
		kill(children[i], SIGKILL);
	for (unsigned i = 0; i < started; i++)
		waitpid(children[i], NULL, 0);
	free(children);
}

static uint64_t create_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		pid_t child = fork();
		if (child == 0)
			_exit(0);
		if (child < 0) {
			micro_cannot("fork: %s", strerror(errno));
			return 0;
		}
		waitpid(child, NULL, 0);
	}
	return n;
}

static double create(unsigned live)
{
	(void)live;
	return micro_ns(create_loop);
}

/* As in thread.c. */
static void turn_take(unsigned me)
{
	if (atomic_load_explicit(&shared->runs, memory_order_relaxed) != me) {
		uint64_t n =
			atomic_load_explicit(&shared->switches, memory_order_relaxed);
		atomic_store_explicit(&shared->runs, me, memory_order_relaxed);
		atomic_store_explicit(&shared->switches, n + 1, memory_order_relaxed);
	}
	sched_yield();
}

static uint64_t switch_loop(uint64_t n)
{
	uint64_t before = shared->switches;
	for (uint64_t i = 0; i < n; i++)
		turn_take(0);
	return shared->switches - before;
}

static double switch_between(unsigned live)
{
	double value = children_start(live - 1, turn_take);
	if (value == 0) {
		switch_loop(2);
		value = micro_ns(switch_loop);
	}
	children_end();
	return value;
}

static uint64_t mutex_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		pthread_mutex_lock(&shared->mutex);
		pthread_mutex_unlock(&shared->mutex);
	}
	return n;
}

static double mutex_free(unsigned live)
{
	(void)live;
	return micro_ns(mutex_loop);
}

static void echo(unsigned number)
{
	(void)number;
	sem_wait(&shared->there);
	sem_post(&shared->back);
}

static uint64_t wake_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		sem_post(&shared->there);
		sem_wait(&shared->back);
	}
	return 2 * n;
}

static struct timespec far_away(void)
{
	struct timespec far;
	clock_gettime(CLOCK_REALTIME, &far);
	far.tv_sec += FAR_AWAY_S;
	return far;
}

static void echo_timed(unsigned number)
{
	struct timespec far = far_away();
	(void)number;
	for (;;) {
		while (sem_timedwait(&shared->there, &far) < 0)
			continue;
		sem_post(&shared->back);
	}
}

static uint64_t timer_loop(uint64_t n)
{
	struct timespec far = far_away();
	for (uint64_t i = 0; i < n; i++) {
		sem_post(&shared->there);
		while (sem_timedwait(&shared->back, &far) < 0)
			continue;
	}
	return 2 * n;
}

static double ping_pong(void (*partner)(unsigned number), uint64_t (*loop)(uint64_t n))
{
	double value = children_start(1, partner);
	if (value == 0)
		value = micro_ns(loop);
	children_end();
	return value;
}

static double wake(unsigned live)
{
	(void)live;
	return ping_pong(echo, wake_loop);
}

static double timer(unsigned live)
{
	(void)live;
	return ping_pong(echo_timed, timer_loop);
}

/* What a process has written to, and so has alone: smaps_rollup, proc(5). */
static double private_kib(pid_t process)
{
	char path[TEXT], line[TEXT];
	double kib = NAN;
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)process);
	FILE *from = fopen(path, "re");
	if (!from)
		return micro_cannot("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof line, from)) {
		if (sscanf(line, "Private_Dirty: %lf", &kib) == 1)
			break;
	}
	fclose(from);
	return kib;
}

static void idle(unsigned number)
{
	(void)number;
	sem_post(&shared->back);
	pause();
}

static double memory(unsigned live)
{
	double sum_kib = children_start(live, idle);
	for (unsigned i = 0; i < started; i++)
		sem_wait(&shared->back);
	for (unsigned i = 0; i < started; i++)
		sum_kib += private_kib(children[i]);
	children_end();
	return sum_kib / live;
}

static const struct micro_case cases[] = {
	{"create", "ns", NULL, create, {0}, 0},
	{"switch", "ns", NULL, switch_between, {2, 10, 1000}, 1},
	{"jump", "ns", "switching is the kernel's", NULL, {0}, 0},
	{"mutex", "ns", NULL, mutex_free, {0}, 0},
	{"wake", "ns", NULL, wake, {0}, 0},
	{"timer", "ns", NULL, timer, {0}, 0},
	{"memory", "KiB", NULL, memory, {100}, 1},
	{"task8k", "1/s", NULL, task8k, {1, 8, 64, 512}, CROWD_IS},
	BUSYWAIT_CASES,
	{0},
};

/* Everything the processes share, in one page that outlives no one. */
static struct shared *shared_make(void)
{
	pthread_mutexattr_t attr;
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	sem_init(&s->there, 1, 0);
	sem_init(&s->back, 1, 0);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->mutex, &attr);
	return s;
}

int main(int argc, char **argv)
{
	shared = shared_make();
	if (!shared) {
		perror("micro-process: mmap");
		return EXIT_FAILURE;
	}
	return micro_main(argc, argv, &(struct micro){"process", cases});
}
