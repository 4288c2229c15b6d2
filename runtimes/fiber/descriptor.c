/* SPDX-License-Identifier: BSD-2-Clause */
/* descriptor.c - chunks of entries, made when first needed; what is never touched of a
 * chunk is never memory.  Any int has a place. */
#include "config.h"

#include "descriptor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum {
	CHUNK = 1 << 15, /* entries */
	CHUNKS = 1 << 16,
	END = POLLRDHUP | POLLHUP | POLLERR | POLLPRI,
};

static struct descriptor *_Atomic chunks[CHUNKS];

/* Another worker may be doing the same: one chunk stays. */
static struct descriptor *make_chunk(struct descriptor *_Atomic *place)
{
	struct descriptor *made = calloc(CHUNK, sizeof *made), *there = NULL;

	if (!made)
		return NULL;
	/* Pairs with the acquire of those that find it. */
	if (atomic_compare_exchange_strong_explicit(
		    place, &there, made, memory_order_acq_rel, memory_order_acquire))
		return made;
	free(made);
	return there;
}

struct descriptor *descriptor_find(int fd)
{
	struct descriptor *chunk = NULL;

	if (fd >= 0)
		chunk = atomic_load_explicit(&chunks[fd / CHUNK], memory_order_acquire);
	return chunk ? &chunk[fd % CHUNK] : NULL;
}

struct descriptor *descriptor_get(int fd)
{
	struct descriptor *d = descriptor_find(fd), *chunk;

	if (d || fd < 0)
		return d;
	chunk = make_chunk(&chunks[fd / CHUNK]);
	return chunk ? &chunk[fd % CHUNK] : NULL;
}

void waiter_link(struct descriptor *d, struct waiter *w)
{
	w->link = &d->waiting;
	w->next = d->waiting;
	if (w->next)
		w->next->link = &w->next;
	d->waiting = w;
}

void waiter_unlink(struct waiter *w)
{
	if (!w->link)
		return;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->link = NULL;
}

/* Under the guard nobody else counts.  Pairs with the acquire before a call: who sees
 * it counted sees `ended`. */
static void count(struct side *s)
{
	uint32_t n = atomic_load_explicit(&s->told, memory_order_relaxed);

	atomic_store_explicit(&s->told, n + 1, memory_order_release);
}

/* Claimed and off the list, it is ours until it is woken; timed out meanwhile, it takes
 * itself off. */
static void collect(struct fiber **woken, struct waiter *w, intptr_t value)
{
	struct fiber *f = w->fiber;

	if (!wait_claim(f))
		return;
	waiter_unlink(w);
	f->value = value;
	f->next = *woken;
	*woken = f;
}

/* Turned round once by each of two lists: first who came first. */
static int wake(struct fiber *woken)
{
	struct fiber *next;
	int n = 0;

	for (; woken; woken = next, n++) {
		next = woken->next;
		wait_wake(woken);
	}
	return n;
}

int descriptor_tell(struct descriptor *d, short events)
{
	struct fiber *woken = NULL;

	guard_take(&d->guard);
	if (events & END)
		atomic_store_explicit(&d->ended, true, memory_order_relaxed);
	if (events & ~POLLOUT)
		count(&d->in);
	if (events & (POLLOUT | POLLHUP | POLLERR))
		count(&d->out);
	for (struct waiter *w = d->waiting, *next; w; w = next) {
		short mine = (short)(events & (w->events | POLLHUP | POLLERR));

		next = w->next;
		if (mine)
			collect(&woken, w, mine);
	}
	guard_drop(&d->guard);
	return wake(woken);
}

uint32_t descriptor_age(const struct descriptor *d)
{
	return atomic_load_explicit(&d->age, memory_order_relaxed);
}

void descriptor_forget(struct descriptor *d)
{
	struct fiber *woken = NULL;

	guard_take(&d->guard);
	d->stream = false;
	d->watched = 0;
	atomic_store_explicit(&d->file, false, memory_order_relaxed);
	atomic_store_explicit(&d->ended, false, memory_order_relaxed);
	atomic_store_explicit(&d->age, descriptor_age(d) + 1, memory_order_relaxed);
	count(&d->in);
	count(&d->out);
	for (struct waiter *w = d->waiting, *next; w; w = next) {
		next = w->next;
		collect(&woken, w, -EBADF);
	}
	guard_drop(&d->guard);
	wake(woken);
}

void descriptors_free(void)
{
	for (int i = 0; i < CHUNKS; i++)
		if (chunks[i]) {
			free(chunks[i]);
			chunks[i] = NULL;
		}
}
