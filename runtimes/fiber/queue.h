/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.h - queues of fibers, first in, first out, by links in the fibers: none of this
 * needs memory or grows with the queue.  list_: of those that are ready, taken from the
 * front alone.  queue_: of those that wait for something, also taken out of the middle.
 */
#ifndef DUALITY_FIBER_QUEUE_H
#define DUALITY_FIBER_QUEUE_H

#include "worker.h"

static inline void list_put(struct fiber_queue *q, struct fiber *f)
{
	f->next_ready = NULL;
	if (q->head)
		q->tail->next_ready = f;
	else
		q->head = f;
	q->tail = f;
}

/* NULL: it is empty. */
static inline struct fiber *list_take(struct fiber_queue *q)
{
	struct fiber *f = q->head;

	if (f)
		q->head = f->next_ready;
	return f;
}

static inline void queue_put(struct fiber_queue *q, struct fiber *f)
{
	f->next = NULL;
	f->prev = q->tail;
	f->queue = q;
	if (q->tail)
		q->tail->next = f;
	else
		q->head = f;
	q->tail = f;
}

static inline void queue_put_first(struct fiber_queue *q, struct fiber *f)
{
	f->next = q->head;
	f->prev = NULL;
	f->queue = q;
	if (q->head)
		q->head->prev = f;
	else
		q->tail = f;
	q->head = f;
}

/* NULL: it is empty. */
static inline struct fiber *queue_take(struct fiber_queue *q)
{
	struct fiber *f = q->head;

	if (!f)
		return NULL;
	q->head = f->next;
	if (f->next)
		f->next->prev = NULL;
	else
		q->tail = NULL;
	f->queue = NULL;
	return f;
}

/* Fine if f is not in q. */
static inline void queue_remove(struct fiber_queue *q, struct fiber *f)
{
	if (f->queue != q)
		return;
	if (f == q->head) {
		queue_take(q);
		return;
	}
	f->prev->next = f->next;
	if (f->next)
		f->next->prev = f->prev;
	else
		q->tail = f->prev;
	f->queue = NULL;
}
#endif
