/* SPDX-License-Identifier: BSD-2-Clause */
/* sync.c - mutexes, conditions, semaphores, once and monitors.  With one worker a fiber
 * cannot be interrupted between two lines of these; with several, the guard of the
 * object sees to it. */
#include "config.h"

#include "queue.h"
#include "worker.h"

#include <errno.h>

enum {
	SPINS_MOST = 1000
}; /* looks at a running owner, about the cost of two switches
      and a wake-up across CPUs */

/* The fiber that calls; stays what it is over a switch. */
static inline struct fiber *me_now(void)
{
	return worker_here->current;
}

static bool take_free(struct fiber_mutex *m, struct fiber *me)
{
	struct fiber *nobody = NULL;

	if (several_workers()) { /* pairs with the release in fiber_mutex_unlock */
		if (!atomic_compare_exchange_strong_explicit(&m->owner, &nobody, me,
							     memory_order_acquire,
							     memory_order_relaxed))
			return false;
	} else {
		if (atomic_load_explicit(&m->owner, memory_order_relaxed))
			return false;
		atomic_store_explicit(&m->owner, me, memory_order_relaxed);
	}
	me->held++;
	return true;
}

/* While the owner runs, on another worker, it may soon be done. */
static bool spin(struct fiber_mutex *m, struct fiber *me)
{
	for (unsigned i = 0; several_workers() && i < SPINS_MOST; i++) {
		struct fiber *owner =
			atomic_load_explicit(&m->owner, memory_order_relaxed);

		if (!owner && take_free(m, me))
			return true;
		if (owner &&
		    atomic_load_explicit(&owner->state, memory_order_relaxed) !=
			    FIBER_RUNNING)
			return false;
	}
	return false;
}

int fiber_mutex_lock(struct fiber_mutex *m)
{
	struct fiber *me = me_now();
	bool waited = false;

	if (take_free(m, me))
		return 0;
	if (atomic_load_explicit(&m->owner, memory_order_relaxed) == me)
		return -EDEADLK;
	if (spin(m, me))
		return 0;
	guard_take(&m->guard);
	while (!take_free(m, me)) {
		/* Who was woken and finds another in its place is the next again. */
		if (waited)
			queue_put_first(&m->waiting, me);
		else
			queue_put(&m->waiting, me);
		waited = true;
		wait_for(&m->guard, WAIT_MUTEX, m, FIBER_FOREVER);
		guard_take(&m->guard);
	}
	guard_drop(&m->guard);
	return 0;
}

int fiber_mutex_trylock(struct fiber_mutex *m)
{
	return take_free(m, me_now()) ? 0 : -EBUSY;
}

int fiber_mutex_unlock(struct fiber_mutex *m)
{
	if (atomic_load_explicit(&m->owner, memory_order_relaxed) != me_now())
		return -EPERM;
	me_now()->held--;
	guard_take(&m->guard);
	atomic_store_explicit(&m->owner, NULL, memory_order_release);
	if (m->waiting.head)
		queue_wake(&m->waiting, 0);
	guard_drop(&m->guard);
	return 0;
}

int fiber_cond_wait_until(struct fiber_cond *c, struct fiber_mutex *m,
			  uint64_t deadline_ns)
{
	struct fiber *me = me_now();
	int result;

	if (atomic_load_explicit(&m->owner, memory_order_relaxed) != me)
		return -EPERM;
	guard_take(&c->guard);
	queue_put(&c->waiting, me);
	fiber_mutex_unlock(m);
	result = wait_for(&c->guard, WAIT_COND, c, deadline_ns);
	if (result < 0) {
		guard_take(&c->guard);
		queue_remove(&c->waiting, me);
		guard_drop(&c->guard);
	}
	fiber_mutex_lock(m);
	return result;
}

int fiber_cond_wait(struct fiber_cond *c, struct fiber_mutex *m)
{
	return fiber_cond_wait_until(c, m, FIBER_FOREVER);
}

void fiber_cond_signal(struct fiber_cond *c)
{
	guard_take(&c->guard);
	queue_wake(&c->waiting, 0);
	guard_drop(&c->guard);
}

void fiber_cond_broadcast(struct fiber_cond *c)
{
	guard_take(&c->guard);
	while (queue_wake(&c->waiting, 0))
		;
	guard_drop(&c->guard);
}

void fiber_sem_init(struct fiber_sem *s, uint32_t value)
{
	*s = (struct fiber_sem){.value = value};
}

int fiber_sem_trywait(struct fiber_sem *s)
{
	int result = -EAGAIN;

	guard_take(&s->guard);
	if (s->value > 0) {
		s->value--;
		result = 0;
	}
	guard_drop(&s->guard);
	return result;
}

/* A post hands its unit to the first waiter: nobody else can take it meanwhile. */
int fiber_sem_wait_until(struct fiber_sem *s, uint64_t deadline_ns)
{
	struct fiber *me = me_now();
	int result;

	guard_take(&s->guard);
	if (s->value > 0) {
		s->value--;
		guard_drop(&s->guard);
		return 0;
	}
	queue_put(&s->waiting, me);
	result = wait_for(&s->guard, WAIT_SEM, s, deadline_ns);
	if (result < 0) {
		guard_take(&s->guard);
		queue_remove(&s->waiting, me);
		guard_drop(&s->guard);
	}
	return result;
}

void fiber_sem_wait(struct fiber_sem *s)
{
	fiber_sem_wait_until(s, FIBER_FOREVER);
}

int fiber_sem_post(struct fiber_sem *s)
{
	int result = 0;

	guard_take(&s->guard);
	if (!queue_wake(&s->waiting, 0)) {
		if (s->value == UINT32_MAX)
			result = -EOVERFLOW;
		else
			s->value++;
	}
	guard_drop(&s->guard);
	return result;
}

void fiber_once(struct fiber_once *once, void (*init)(void))
{
	/* pairs with the release below: what init wrote is seen */
	if (atomic_load_explicit(&once->done, memory_order_acquire))
		return;
	if (fiber_mutex_lock(&once->mutex) == -EDEADLK)
		return; /* init itself asks: it is being done */
	if (!atomic_load_explicit(&once->done, memory_order_relaxed)) {
		init();
		atomic_store_explicit(&once->done, true, memory_order_release);
	}
	fiber_mutex_unlock(&once->mutex);
}

void fiber_monitor_enter(struct fiber_monitor *m)
{
	fiber_mutex_lock(&m->mutex); /* -EDEADLK: inside already */
	m->depth++;
}

static bool is_inside(struct fiber_monitor *m)
{
	return atomic_load_explicit(&m->mutex.owner, memory_order_relaxed) == me_now();
}

int fiber_monitor_leave(struct fiber_monitor *m)
{
	if (!is_inside(m))
		return -EPERM;
	return --m->depth ? 0 : fiber_mutex_unlock(&m->mutex);
}

int fiber_monitor_wait(struct fiber_monitor *m)
{
	unsigned depth;

	if (!is_inside(m))
		return -EPERM;
	depth = m->depth;
	m->depth = 0;
	fiber_cond_wait(&m->changed, &m->mutex);
	m->depth = depth;
	return 0;
}

int fiber_monitor_notify(struct fiber_monitor *m, bool all)
{
	if (!is_inside(m))
		return -EPERM;
	if (all)
		fiber_cond_broadcast(&m->changed);
	else
		fiber_cond_signal(&m->changed);
	return 0;
}
