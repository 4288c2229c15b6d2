/* SPDX-License-Identifier: BSD-2-Clause */
/* task8k.c - the benchmark of SEDA (Welsh, Culler and Brewer, SOSP 2001, figures 2 and
 * 4) that von Behren, Condit and Brewer repeated (HotOS 2003, figure 2): tasks made
 * internally, each of which reads 8 KiB of a cached file, by a preallocated pool of
 * threads, a thread a task, or by one thread that pulls from a queue.  The papers do not
 * say how tasks follow each other or when threads switch: here a task that is done goes
 * to the queue's end, as a new one, and its thread yields. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/micro/crowd.h"
#include "harness/micro/micro.h"

enum { TASK_BYTES = 8 << 10, LINE = 64, LOOK_EVERY = 64 };

/* A line of the cache each, as a request would have at least. */
struct task {
	_Alignas(LINE) struct task *next;
	off_t offset;
};

/* In memory that processes share.  The mutex is of use where threads preempt. */
static struct tasks {
	pthread_mutex_t mutex;
	struct task *first, *last;
	uint64_t done;
	unsigned begun; /* of the threads */
	_Bool locks;
	_Atomic(_Bool) stop, failed;
	FILE *file;
	char buffer[TASK_BYTES]; /* of all: nobody looks at what was read */
	struct task task[];
} * tasks;

static void lock(void)
{
	if (tasks->locks)
		pthread_mutex_lock(&tasks->mutex);
}

static void unlock(void)
{
	if (tasks->locks)
		pthread_mutex_unlock(&tasks->mutex);
}

static struct task *task_take(void)
{
	lock();
	struct task *t = tasks->first;
	tasks->first = t->next;
	unlock();
	return t;
}

static void task_put(struct task *t)
{
	t->next = NULL;
	lock();
	if (tasks->first)
		tasks->last->next = t;
	else
		tasks->first = t;
	tasks->last = t;
	tasks->done++;
	unlock();
}

static void task_perform(void)
{
	struct task *t = task_take();

	if (pread(fileno(tasks->file), tasks->buffer, TASK_BYTES, t->offset) !=
	    TASK_BYTES)
		tasks->failed = 1;
	task_put(t);
}

static uint64_t tasks_done(void)
{
	lock();
	uint64_t done = tasks->done;
	unlock();
	return done;
}

/* A file without a name, just written: its pages are in memory. */
static FILE *file_make(void)
{
	static const char zeros[TASK_BYTES];
	FILE *file = tmpfile();

	if (file && (fwrite(zeros, sizeof zeros, 1, file) != 1 || fflush(file) != 0)) {
		fclose(file);
		file = NULL;
	}
	return file;
}

static size_t tasks_size(unsigned n)
{
	return sizeof *tasks + n * sizeof *tasks->task;
}

static void tasks_free(unsigned n)
{
	fclose(tasks->file);
	munmap(tasks, tasks_size(n));
}

static double tasks_make(unsigned n, _Bool locks)
{
	pthread_mutexattr_t attr;
	FILE *file = file_make();

	if (!file)
		return micro_cannot("a file of 8 KiB: %s", strerror(errno));
	tasks = mmap(NULL, tasks_size(n), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tasks == MAP_FAILED) {
		fclose(file);
		return micro_cannot("no memory");
	}
	tasks->file = file;
	tasks->locks = locks;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&tasks->mutex, &attr);
	for (unsigned i = 0; i < n; i++)
		task_put(&tasks->task[i]);
	return 0;
}

/* Threads that preempt have to wait for the lock until all were started. */
static void thread_run(unsigned number)
{
	(void)number;
	lock();
	tasks->begun++;
	unlock();
	while (!tasks->stop) {
		task_perform();
		crowd.yield();
	}
}

static double rate(uint64_t before, double began_ns)
{
	double took_ns = micro_now_ns() - began_ns;
	uint64_t done = tasks_done() - before;

	if (tasks->failed)
		return micro_cannot("the file could not be read");
	if (done == 0)
		return micro_cannot("not one task was done in %.1f s", took_ns / 1e9);
	return (double)done / took_ns * 1e9;
}

static unsigned begun(void)
{
	lock();
	unsigned n = tasks->begun;
	unlock();
	return n;
}

/* When each has begun, each task and each stack was touched once. */
static double pool_rate(unsigned n)
{
	if (!crowd_await(n, begun))
		return micro_cannot("only %u of %u had a turn in %d s", begun(), n,
				    CROWD_START_S);
	uint64_t before = tasks_done();
	double began_ns = micro_now_ns();
	do
		crowd.sleep((uint64_t)micro_least_ns());
	while (micro_now_ns() - began_ns < micro_least_ns());
	return rate(before, began_ns);
}

double task8k(unsigned n)
{
	double value = crowd_memory(n, crowd.kib_each);

	if (value == 0)
		value = tasks_make(n, crowd.preempts);
	if (isnan(value))
		return value;
	lock();
	value = crowd_start(n, thread_run);
	unlock();
	if (value == 0)
		value = pool_rate(n);
	tasks->stop = 1;
	crowd_join();
	tasks_free(n);
	return value;
}

double task8k_loop(unsigned n)
{
	double value = tasks_make(n, 0);

	if (isnan(value))
		return value;
	for (unsigned i = 0; i < n; i++)
		task_perform();
	uint64_t before = tasks_done();
	double began_ns = micro_now_ns();
	do
		for (int i = 0; i < LOOK_EVERY; i++)
			task_perform();
	while (micro_now_ns() - began_ns < micro_least_ns());
	value = rate(before, began_ns);
	tasks_free(n);
	return value;
}
