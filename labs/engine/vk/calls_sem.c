/* SPDX-License-Identifier: BSD-2-Clause */
/* calls_sem.c - semaphores (Jones, lecture 31, section 4): P, which may block, and
 * NonBlockingP, which says that it would have. */
#include "config.h"

#include "kernel.h"

#include <errno.h>
#include <string.h>

static struct semaphore *sem_of(struct kernel *k, const struct thread *t)
{
	if (t->call.object < 0 || t->call.object >= k->sems)
		return NULL;
	k->sem[t->call.object].told = false;
	return &k->sem[t->call.object];
}

void call_sem_create(struct kernel *k, struct thread *t)
{
	if (k->sems == KERNEL_SEMS_MAX) {
		kernel_done(k, t, -ENOSPC);
		return;
	}
	k->sem[k->sems] = (struct semaphore){.value = t->call.ticks};
	kernel_progress(k);
	kernel_done(k, t, k->sems++);
}

void call_sem_find(struct kernel *k, struct thread *t)
{
	for (int i = 0; i < k->scenario->sems; i++)
		if (strlen(k->sem[i].name) == t->call.size &&
		    !memcmp(k->sem[i].name, t->call.data, t->call.size)) {
			kernel_done(k, t, i);
			return;
		}
	kernel_done(k, t, -ENOENT);
}

void call_sem_wait(struct kernel *k, struct thread *t)
{
	struct semaphore *sem = sem_of(k, t);

	if (!sem) {
		kernel_done(k, t, -EINVAL);
	} else if (sem->value == 0) {
		kernel_block(k, t, WAIT_SEM, t->call.object);
	} else {
		sem->value--;
		kernel_progress(k);
		kernel_done(k, t, 0);
	}
}

void call_nb_sem_wait(struct kernel *k, struct thread *t)
{
	struct semaphore *sem = sem_of(k, t);

	if (!sem) {
		kernel_done(k, t, -EINVAL);
	} else if (sem->value == 0) {
		notes_want(k, t->process, VK_SIGNALLED, t->call.object);
		kernel_done(k, t, -EWOULDBLOCK);
	} else {
		sem->value--;
		kernel_progress(k);
		kernel_done(k, t, 0);
	}
}

void sem_signal(struct kernel *k, int sem)
{
	struct thread *t = kernel_waiter(k, WAIT_SEM, sem);

	if (t) {
		kernel_wake(k, t, 0);
		return;
	}
	k->sem[sem].value++;
	notes_tell(k, VK_SIGNALLED, sem, false);
}

void call_sem_signal(struct kernel *k, struct thread *t)
{
	struct semaphore *sem = sem_of(k, t);

	if (!sem) {
		kernel_done(k, t, -EINVAL);
		return;
	}
	kernel_progress(k);
	kernel_done(k, t, 0);
	sem_signal(k, t->call.object);
}
