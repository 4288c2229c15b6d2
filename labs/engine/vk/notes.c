/* SPDX-License-Identifier: BSD-2-Clause */
/* notes.c - who wants to know that a call would not fail any more, and what there is to
 * tell them.  One note for each call that failed, so that none is lost; a descriptor's
 * is one for all of a process, as one read may take all there is. */
#include "config.h"

#include "kernel.h"

#include <string.h>

static bool same(const struct interest *i, int process, enum vk_kind kind, int id)
{
	return i->process == process && i->kind == kind && i->id == id;
}

static void take_out(struct interest *list, int *n, int at)
{
	--*n;
	memmove(&list[at], &list[at + 1], (size_t)(*n - at) * sizeof(*list));
}

void notes_want(struct kernel *k, int process, enum vk_kind kind, int id)
{
	struct interest wanted = {.process = process, .kind = kind, .id = id};

	for (int i = 0; i < k->interests && kind == VK_READABLE; i++)
		if (same(&k->interest[i], process, kind, id))
			return;
	/* Who asks so often does not wait for an answer. */
	if (k->interests == KERNEL_INTERESTS_MAX)
		take_out(k->interest, &k->interests, 0);
	k->interest[k->interests++] = wanted;
}

void notes_post(struct kernel *k, int process, enum vk_kind kind, int id)
{
	struct thread *t = kernel_waiter(k, WAIT_EVENT, process);
	struct vk_event event;

	/* Nor does who lets so many lie; the judge goes on. */
	if (k->notes == KERNEL_NOTES_MAX)
		take_out(k->note, &k->notes, 0);
	k->note[k->notes++] =
		(struct interest){.process = process, .kind = kind, .id = id};
	if (!t)
		return;
	if (!notes_take(k, process, &event))
		return;
	memcpy(t->turn.data, &event, sizeof(event));
	t->turn.size = sizeof(event);
	kernel_wake(k, t, 0);
}

void notes_tell(struct kernel *k, enum vk_kind kind, int id, bool all)
{
	for (int i = 0; i < k->interests;) {
		struct interest wanted = k->interest[i];

		if (wanted.kind != kind || wanted.id != id) {
			i++;
			continue;
		}
		take_out(k->interest, &k->interests, i);
		notes_post(k, wanted.process, kind, id);
		if (!all)
			return;
	}
}

/* Marks the object as one whose completion is in somebody's hands; the next call on it
 * takes the mark away. */
static void hand_over(struct kernel *k, int process, struct vk_event *event)
{
	const int *fd = k->process[process].fd;
	int opened = event->id;

	if (event->kind == VK_SIGNALLED)
		k->sem[event->id].told = true;
	if (event->kind == VK_MESSAGE)
		k->port[event->id].told = true;
	if (event->kind == VK_MESSAGE)
		event->id = k->port[event->id].number;
	if (event->kind != VK_READABLE)
		return;
	k->opened[opened].told = true;
	for (event->id = 0; event->id < VK_FILES_MAX - 1; event->id++)
		if (fd[event->id] == opened)
			return;
}

void notes_event(const struct kernel *k, int id, struct vk_event *event)
{
	const struct scenario *s = k->scenario;
	int i = id - 1;
	const struct occurrence *o = &s->occurrence[i];

	memset(event, 0, sizeof(*event));
	event->kind = VK_SOURCE;
	event->id = id;
	event->place =
		o->stages > k->event[i].stage ? o->stage[k->event[i].stage].place : 0;
	event->ticks = o->ticks;
	event->due = k->event[i].due;
	event->value = o->value;
	memcpy(event->source, s->source[o->source], VK_NAME_MAX);
}

bool notes_take(struct kernel *k, int process, struct vk_event *event)
{
	for (int i = 0; i < k->notes; i++) {
		struct interest note = k->note[i];

		if (note.process != process)
			continue;
		take_out(k->note, &k->notes, i);
		memset(event, 0, sizeof(*event));
		event->kind = (int)note.kind;
		event->id = note.id;
		if (note.kind == VK_SOURCE) {
			notes_event(k, note.id, event);
			k->event[note.id - 1].delivered = k->now;
		} else {
			hand_over(k, process, event);
		}
		return true;
	}
	return false;
}
