/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - virtual time: what is due, and how far the processors have got by then. */
#include "config.h"

#include "kernel.h"

void kernel_timer(struct kernel *k, uint64_t ticks, enum timer_kind kind, int id)
{
	struct timer *timer = &k->timer[k->timers++];

	timer->due = k->now + ticks;
	timer->order = k->order++;
	timer->kind = kind;
	timer->id = id;
}

static int timer_first(const struct kernel *k)
{
	int first = -1;

	for (int i = 0; i < k->timers; i++) {
		const struct timer *t = &k->timer[i],
				   *f = &k->timer[first < 0 ? i : first];

		if (first < 0 || t->due < f->due ||
		    (t->due == f->due && t->order < f->order))
			first = i;
	}
	return first;
}

uint64_t clock_next(const struct kernel *k)
{
	uint64_t next = KERNEL_NEVER;
	int timer = timer_first(k);

	if (timer >= 0)
		next = k->timer[timer].due;
	if (k->happenings < k->scenario->happenings &&
	    k->scenario->happening[k->happenings].due < next)
		next = k->scenario->happening[k->happenings].due;
	return next;
}

static void happening_fire(struct kernel *k, const struct happening *h)
{
	switch (h->kind) {
	case HAPPENS_EVENT:
		event_happen(k, h->object);
		break;
	case HAPPENS_ARRIVE:
		file_arrive(k, h->object, h->text);
		break;
	case HAPPENS_FINISH:
		file_finish(k, h->object);
		break;
	case HAPPENS_SIGNAL:
		kernel_say(k, "another signals %s", k->sem[h->object].name);
		sem_signal(k, h->object);
		break;
	case HAPPENS_TAKE:
		if (k->sem[h->object].value > 0) {
			kernel_say(k, "another takes %s", k->sem[h->object].name);
			k->sem[h->object].value--;
		}
		break;
	}
}

static void timer_fire(struct kernel *k, const struct timer *t)
{
	switch (t->kind) {
	case TIMER_THREAD:
		if (k->thread[t->id].state == THREAD_BLOCKED)
			file_io_done(k, &k->thread[t->id]);
		break;
	case TIMER_FETCH:
		file_fetched(k, t->id);
		break;
	case TIMER_CLIENT:
		client_go_on(k, t->id);
		break;
	}
}

/* All that is due by now: the scenario's, then timers. */
void clock_fire(struct kernel *k)
{
	while (k->happenings < k->scenario->happenings &&
	       k->scenario->happening[k->happenings].due <= k->now) {
		kernel_progress(k);
		happening_fire(k, &k->scenario->happening[k->happenings++]);
	}
	for (int i = timer_first(k); i >= 0 && k->timer[i].due <= k->now;
	     i = timer_first(k)) {
		struct timer timer = k->timer[i];

		k->timer[i] = k->timer[--k->timers];
		kernel_progress(k);
		timer_fire(k, &timer);
	}
}

/* The tick at which a processor gets done, or its thread's quantum ends. */
static uint64_t processors_next(const struct kernel *k)
{
	uint64_t next = KERNEL_NEVER;

	for (int cpu = 0; cpu < (int)k->scenario->cpus; cpu++) {
		const struct thread *t = &k->thread[k->cpu[cpu]];

		if (!k->cpu[cpu])
			continue;
		if (k->now + t->burst < next)
			next = k->now + t->burst;
		if (t->slice > 0 && k->now + t->slice < next)
			next = k->now + t->slice;
	}
	return next;
}

bool clock_advance(struct kernel *k)
{
	uint64_t next = processors_next(k), due = clock_next(k), ticks;
	bool idle = next == KERNEL_NEVER;

	if (due < next)
		next = due;
	if (next == KERNEL_NEVER)
		return false;
	ticks = next - k->now;
	for (int cpu = 0; cpu < (int)k->scenario->cpus; cpu++) {
		struct thread *t = &k->thread[k->cpu[cpu]];

		if (!k->cpu[cpu])
			continue;
		t->burst -= ticks;
		t->slice -= ticks < t->slice ? ticks : t->slice;
	}
	k->idle += idle ? ticks : 0;
	k->now = next;
	clock_fire(k);
	return true;
}
