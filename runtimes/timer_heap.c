/* SPDX-License-Identifier: BSD-2-Clause */
/* timer_heap.c - slot[1..used], each due no earlier than slot[n / 2]. */
#include "config.h"

#include "timer_heap.h"

#include <errno.h>
#include <stdlib.h>

static void place(struct timer_heap *h, size_t at, struct timer *t)
{
	h->slot[at] = t;
	t->slot = at;
}

static void sift_up(struct timer_heap *h, size_t at, struct timer *t)
{
	for (; at > 1 && h->slot[at / 2]->due_ns > t->due_ns; at /= 2)
		place(h, at, h->slot[at / 2]);
	place(h, at, t);
}

static void sift_down(struct timer_heap *h, size_t at, struct timer *t)
{
	for (size_t child; (child = at * 2) <= h->used; at = child) {
		if (child < h->used &&
		    h->slot[child + 1]->due_ns < h->slot[child]->due_ns)
			child++;
		if (h->slot[child]->due_ns >= t->due_ns)
			break;
		place(h, at, h->slot[child]);
	}
	place(h, at, t);
}

/* Put t where it belongs, given that slot `at` is free for it. */
static void settle(struct timer_heap *h, size_t at, struct timer *t)
{
	if (at > 1 && h->slot[at / 2]->due_ns > t->due_ns)
		sift_up(h, at, t);
	else
		sift_down(h, at, t);
}

int timer_arm(struct timer_heap *h, struct timer *t, uint64_t due_ns)
{
	timer_cancel(h, t);
	if (h->used + 1 >= h->size) {
		size_t size = h->size ? h->size * 2 : 64;
		struct timer **slot = realloc(h->slot, size * sizeof *slot);

		if (!slot)
			return -ENOMEM;
		h->slot = slot;
		h->size = size;
	}
	t->due_ns = due_ns;
	sift_up(h, ++h->used, t);
	return 0;
}

void timer_cancel(struct timer_heap *h, struct timer *t)
{
	size_t at = t->slot;
	struct timer *last;

	if (!at)
		return;
	t->slot = 0;
	last = h->slot[h->used--];
	if (last != t)
		settle(h, at, last);
}

struct timer *timer_expired(struct timer_heap *h, uint64_t now_ns)
{
	struct timer *t = h->used ? h->slot[1] : NULL;

	if (!t || t->due_ns > now_ns)
		return NULL;
	timer_cancel(h, t);
	return t;
}

uint64_t timer_next(const struct timer_heap *h)
{
	return h->used ? h->slot[1]->due_ns : UINT64_MAX;
}

uint64_t timer_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

const struct timespec *timer_left(uint64_t due_ns, struct timespec *left)
{
	uint64_t now_ns, left_ns;

	if (due_ns == UINT64_MAX)
		return NULL;
	now_ns = due_ns ? timer_now() : 0;
	left_ns = due_ns > now_ns ? due_ns - now_ns : 0;
	*left = (struct timespec){(time_t)(left_ns / 1000000000),
				  (long)(left_ns % 1000000000)};
	return left;
}

void timer_heap_free(struct timer_heap *h)
{
	free(h->slot);
	*h = (struct timer_heap){.slot = NULL};
}
