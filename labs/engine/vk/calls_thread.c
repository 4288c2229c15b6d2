/* SPDX-License-Identifier: BSD-2-Clause */
/* calls_thread.c - kernel threads, and the processes they belong to. */
#include "config.h"

#include "kernel.h"

#include <errno.h>

void call_self(struct kernel *k, struct thread *t)
{
	kernel_done(k, t, kernel_thread_id(k, t));
}

void call_yield(struct kernel *k, struct thread *t)
{
	kernel_done(k, t, 0);
	t->state = THREAD_READY;
	t->since = k->order++;
	k->cpu[t->cpu] = 0;
}

void call_thread(struct kernel *k, struct thread *t)
{
	struct thread *added = kernel_thread_add(k, t->process);

	kernel_done(k, t, added ? kernel_thread_id(k, added) : -EAGAIN);
}

/* As fork(2): the descriptors are copies, what they stand for is not. */
void call_process(struct kernel *k, struct thread *t)
{
	struct process *p = &k->process[k->processes];
	struct thread *added = NULL;

	if (k->processes < KERNEL_PROCESSES_MAX)
		added = kernel_thread_add(k, k->processes);
	if (!added) {
		kernel_done(k, t, -EAGAIN);
		return;
	}
	p->first = kernel_thread_id(k, added);
	p->parent = t->process;
	for (int fd = 0; fd < VK_FILES_MAX; fd++) {
		p->fd[fd] = k->process[t->process].fd[fd];
		if (p->fd[fd] >= 0)
			k->opened[p->fd[fd]].refs++;
	}
	k->processes++;
	kernel_done(k, t, p->first);
}

/* May this thread join or detach that one?  NULL if not. */
static struct thread *joinable(struct kernel *k, const struct thread *t)
{
	int id = t->call.object;
	struct thread *other = &k->thread[id < 1 || id > k->threads ? 0 : id];
	const struct process *p = &k->process[other->process];
	bool own = other->process == t->process;
	bool child = p->first == id && p->parent == t->process;

	if (other->state == THREAD_NONE || other->joined || other->detached)
		return NULL;
	return (own || child) && other != t ? other : NULL;
}

static void join_end(struct kernel *k, struct thread *t, struct thread *other,
		     bool wake)
{
	other->joined = true;
	t->turn.value = other->result;
	if (wake)
		kernel_wake(k, t, 0);
	else
		kernel_done(k, t, 0);
}

void call_join(struct kernel *k, struct thread *t)
{
	struct thread *other = joinable(k, t);

	if (!other) {
		kernel_done(k, t, -ESRCH);
		return;
	}
	kernel_progress(k);
	if (other->state == THREAD_ENDED)
		join_end(k, t, other, false);
	else
		kernel_block(k, t, WAIT_JOIN, t->call.object);
}

void call_detach(struct kernel *k, struct thread *t)
{
	struct thread *other = joinable(k, t);

	if (other)
		other->detached = true;
	kernel_done(k, t, other ? 0 : -ESRCH);
}

static void thread_end(struct kernel *k, struct thread *t, uint64_t result)
{
	struct thread *waiter;

	if (t->state == THREAD_ENDED)
		return;
	if (t->state == THREAD_RUNNING)
		k->cpu[t->cpu] = 0;
	t->state = THREAD_ENDED;
	t->result = result;
	k->threads_live--;
	kernel_progress(k);
	waiter = kernel_waiter(k, WAIT_JOIN, kernel_thread_id(k, t));
	if (waiter)
		join_end(k, waiter, t, true);
}

void call_thread_exit(struct kernel *k, struct thread *t)
{
	thread_end(k, t, t->call.value);
}

void call_exit(struct kernel *k, struct thread *t)
{
	struct process *p = &k->process[t->process];

	for (int i = 1; i <= k->threads; i++) {
		struct thread *other = &k->thread[i];

		if (other->process != t->process || other->state == THREAD_ENDED)
			continue;
		if (i != p->first)
			other->detached = true;
		thread_end(k, other, t->call.value);
	}
	file_close_all(k, p);
	if (p->parent >= 0) {
		kernel_say(k, "process %d has ended", p->first);
		notes_post(k, p->parent, VK_ENDED, p->first);
	}
}
