/* SPDX-License-Identifier: BSD-2-Clause */
/* calls_event.c - the calls for time, work, and the scenario's events. */
#include "config.h"

#include "kernel.h"

#include <errno.h>
#include <string.h>

void call_now(struct kernel *k, struct thread *t)
{
	t->turn.value = k->now;
	kernel_done(k, t, 0);
}

void call_work(struct kernel *k, struct thread *t)
{
	k->worked += t->call.ticks;
	t->turn.value = kernel_work(k->scenario, t->call.value, t->call.ticks);
	kernel_progress(k);
	kernel_done(k, t, 0);
}

void call_sleep(struct kernel *k, struct thread *t)
{
	kernel_block(k, t, WAIT_TIMER, -1);
	kernel_timer(k, t->call.ticks, TIMER_THREAD, kernel_thread_id(k, t));
}

void event_happen(struct kernel *k, int occurrence)
{
	struct event_state *e = &k->event[occurrence];
	int source = k->scenario->occurrence[occurrence].source;

	e->happened = true;
	e->due = k->now;
	kernel_say(k, "%s (event %d) is due", k->scenario->source[source],
		   occurrence + 1);
	notes_post(k, 0, VK_SOURCE, occurrence + 1);
}

static void event_return(struct kernel *k, struct thread *t,
			 const struct vk_event *event)
{
	memcpy(t->turn.data, event, sizeof(*event));
	t->turn.size = sizeof(*event);
	kernel_done(k, t, 0);
}

void call_wait_event(struct kernel *k, struct thread *t)
{
	struct vk_event event;

	if (notes_take(k, t->process, &event)) {
		kernel_progress(k);
		event_return(k, t, &event);
	} else {
		kernel_block(k, t, WAIT_EVENT, t->process);
	}
}

void call_poll_event(struct kernel *k, struct thread *t)
{
	struct vk_event event;

	if (!notes_take(k, t->process, &event)) {
		kernel_done(k, t, -EWOULDBLOCK);
		return;
	}
	kernel_progress(k);
	event_return(k, t, &event);
}

/* The event that the call names, if it is in the program's hands. */
static struct event_state *event_of(struct kernel *k, const struct thread *t)
{
	int i = t->call.object - 1;

	if (i < 0 || i >= k->scenario->occurrences ||
	    k->event[i].delivered == KERNEL_NEVER)
		return NULL;
	return &k->event[i];
}

void call_look_event(struct kernel *k, struct thread *t)
{
	struct vk_event event;

	if (!event_of(k, t)) {
		kernel_done(k, t, -EINVAL);
		return;
	}
	notes_event(k, t->call.object, &event);
	event_return(k, t, &event);
}

/* The state after all the work that an event asks for. */
static uint64_t right_answer(const struct kernel *k, int i)
{
	const struct occurrence *o = &k->scenario->occurrence[i];
	uint64_t ticks = o->ticks;

	for (int stage = 0; stage < o->stages; stage++)
		ticks += o->stage[stage].ticks;
	return kernel_work(k->scenario, o->value, ticks);
}

void call_answer(struct kernel *k, struct thread *t)
{
	struct event_state *e = event_of(k, t);

	if (!e || e->answered != KERNEL_NEVER) {
		kernel_done(k, t, e ? -EALREADY : -EINVAL);
		return;
	}
	e->answered = k->now;
	e->given = t->call.value;
	e->right = e->given == right_answer(k, t->call.object - 1);
	kernel_progress(k);
	kernel_done(k, t, 0);
}

unsigned event_stage_ticks(const struct kernel *k, int id, int *place)
{
	const struct occurrence *o;
	int stage;

	if (id < 1 || id > k->scenario->occurrences)
		return 0;
	o = &k->scenario->occurrence[id - 1];
	stage = k->event[id - 1].stage;
	if (stage >= o->stages)
		return 0;
	*place = o->stage[stage].place;
	return o->stage[stage].ticks;
}

void call_stage(struct kernel *k, struct thread *t)
{
	struct event_state *e = event_of(k, t);
	int place = 0;
	unsigned ticks = e ? event_stage_ticks(k, t->call.object, &place) : 0;

	if (!place) {
		kernel_done(k, t, -EINVAL);
		return;
	}
	k->worked += ticks;
	e->stage++;
	t->turn.value = kernel_work(k->scenario, t->call.value, ticks);
	place = 0;
	event_stage_ticks(k, t->call.object, &place);
	kernel_progress(k);
	kernel_done(k, t, place);
}
