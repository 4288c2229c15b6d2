/* SPDX-License-Identifier: BSD-2-Clause */
/* tasks.c - the tasks of task8k, and their queue. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/micro/micro.h"
#include "harness/micro/tasks.h"

enum { TASK_BYTES = 8 << 10, LINE = 64 };

/* A line of the cache, as a request would have at least. */
struct task {
	_Alignas(LINE) off_t offset;
};

/* In memory that processes share.  The queue is a ring: who takes or puts draws the
 * number of a place.  The place may not be ready, where a thread was preempted between
 * the two; then it waits for that one. */
static struct tasks {
	_Atomic(uint64_t) taken, put;
	_Atomic(_Bool) stop, failed;
	unsigned n;
	FILE *file;
	_Atomic(struct task *) *ring;
	char buffer[TASK_BYTES]; /* of all: nobody looks at what was read */
	struct task task[];
} * tasks;

static struct task *task_take(void)
{
	uint64_t place = atomic_fetch_add(&tasks->taken, 1) % tasks->n;
	struct task *t;

	/* pairs with the release in task_put */
	while (!(t = atomic_exchange_explicit(&tasks->ring[place], NULL,
					      memory_order_acquire)))
		sched_yield();
	return t;
}

static void task_put(struct task *t)
{
	uint64_t place = atomic_fetch_add(&tasks->put, 1) % tasks->n;
	struct task *none = NULL;

	while (!atomic_compare_exchange_strong_explicit(&tasks->ring[place], &none, t,
							memory_order_release,
							memory_order_relaxed)) {
		none = NULL;
		sched_yield();
	}
}

void task_perform(void)
{
	struct task *t = task_take();

	if (pread(fileno(tasks->file), tasks->buffer, TASK_BYTES, t->offset) !=
	    TASK_BYTES)
		tasks->failed = 1;
	task_put(t);
}

uint64_t tasks_done(void)
{
	return tasks->put;
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

/* The tasks, then the ring. */
static size_t tasks_size(unsigned n)
{
	return sizeof *tasks + n * (sizeof *tasks->task + sizeof *tasks->ring);
}

void tasks_free(void)
{
	fclose(tasks->file);
	munmap(tasks, tasks_size(tasks->n));
}

double tasks_make(unsigned n)
{
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
	tasks->n = n;
	tasks->ring = (void *)&tasks->task[n];
	for (unsigned i = 0; i < n; i++)
		task_put(&tasks->task[i]);
	return 0;
}

void tasks_stop(void)
{
	tasks->stop = 1;
}

_Bool tasks_stopped(void)
{
	return tasks->stop;
}

double tasks_rate(uint64_t before, double began_ns)
{
	double took_ns = micro_now_ns() - began_ns;
	uint64_t done = tasks_done() - before;

	if (tasks->failed)
		return micro_cannot("the file could not be read");
	if (done == 0)
		return micro_cannot("not one task was done in %.1f s", took_ns / 1e9);
	return (double)done / took_ns * 1e9;
}
