/* SPDX-License-Identifier: BSD-2-Clause */
/* stage.c - the queue of a stage and the threads that serve it. */
#include "config.h"

#include "stage.h"

#include <errno.h>
#include <time.h>

enum { STACK_SIZE = 256 << 10, FOUND_MAX = BATCH_MAX };

/* What a thread took at once. */
struct turn {
	unsigned n;
	uint64_t put_ns; /* sum over the events */
	struct stage_event *event[BATCH_MAX];
};

uint64_t stage_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void append(struct stage *s, struct stage_event *e, uint64_t now_ns)
{
	e->put_ns = now_ns;
	e->next = NULL;
	*s->last = e;
	s->last = &e->next;
	s->length++;
}

/* What a thread has in hand waits too: without it a large batch would empty the queue,
 * and no bound would ever be met. */
int stage_put(struct stage *s, struct stage_event *e)
{
	uint64_t now_ns = stage_now();
	bool full, wake = false;

	pthread_mutex_lock(&s->lock);
	full = s->length + s->taken >= s->shed.bound;
	if (!full) {
		append(s, e, now_ns);
		if (s->waiting > 0)
			pthread_cond_signal(&s->ready);
		else if (s->polling && !s->woken)
			wake = s->woken = true;
	}
	pthread_mutex_unlock(&s->lock);
	if (wake)
		s->plan->source->wake(s->plan->source);
	s->controls->note(full ? STAGE_SHED : STAGE_CROSSED, 1);
	return full ? -ENOBUFS : 0;
}

/* Ask the source, unlocked; what it has is let in, whatever the bound.  An event put
 * meanwhile wakes the poll (woken), once; both are looked at again under the lock.
 * Afterwards this thread handles what it found, so another one is woken to poll in its
 * stead, or to take a part of it. */
static void poll_source(struct stage *s)
{
	struct stage_event *found[FOUND_MAX];
	uint64_t now_ns;
	int n;

	s->polling = true;
	pthread_mutex_unlock(&s->lock);
	n = s->plan->source->poll(s->plan->source, found, FOUND_MAX);
	now_ns = stage_now();
	if (n > 0)
		s->controls->note(STAGE_CROSSED, (uint64_t)n);
	pthread_mutex_lock(&s->lock);
	s->polling = s->woken = false;
	for (int i = 0; i < n; i++)
		append(s, found[i], now_ns);
	if (s->waiting > 0)
		pthread_cond_signal(&s->ready);
}

static void wait_ready(struct stage *s)
{
	if (s->waiting++ == 0)
		s->waiting_since_ns = stage_now();
	pthread_cond_wait(&s->ready, &s->lock);
	if (--s->waiting == 0)
		s->waiting_since_ns = 0;
}

/* The calling thread ends; what woke it may be for another. */
static void leave(struct stage *s)
{
	if (!s->stopping)
		s->superfluous--;
	s->threads--;
	pthread_cond_signal(&s->ready);
	pthread_cond_signal(&s->ended);
}

/* The other threads are left their share. */
static unsigned batch_most(const struct stage *s)
{
	unsigned share = s->length / s->threads + (s->length % s->threads > 0);

	return share < s->batch.factor ? share : s->batch.factor;
}

/* Take a batch, having handled the one before.  Returns false if the thread is to end:
 * it is superfluous and nothing waits, or the stage stops, whose owner has seen to it
 * that nothing waits that matters. */
static bool take(struct stage *s, struct turn *t)
{
	unsigned most;

	pthread_mutex_lock(&s->lock);
	s->taken -= t->n;
	s->handled += t->n;
	s->response_ns += t->n ? t->n * stage_now() - t->put_ns : 0;
	t->n = 0;
	t->put_ns = 0;
	while (s->length == 0 && !s->stopping && s->superfluous == 0) {
		if (s->plan->source && !s->polling)
			poll_source(s);
		else
			wait_ready(s);
	}
	most = batch_most(s);
	while (!s->stopping && s->first && t->n < most) {
		struct stage_event *e = s->first;

		s->first = e->next;
		t->put_ns += e->put_ns;
		t->event[t->n++] = e;
	}
	s->length -= t->n;
	s->taken += t->n;
	if (!s->first)
		s->last = &s->first;
	else if (s->waiting > 0)
		pthread_cond_signal(&s->ready);
	if (t->n == 0)
		leave(s);
	pthread_mutex_unlock(&s->lock);
	return t->n > 0;
}

static void *thread_run(void *arg)
{
	struct stage *s = arg;
	struct turn turn = {.n = 0};

	while (take(s, &turn))
		s->plan->handle(turn.event, turn.n);
	return NULL;
}

int stage_thread_add(struct stage *s)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	pthread_mutex_lock(&s->lock);
	s->threads++;
	pthread_mutex_unlock(&s->lock);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attr, thread_run, s);
	pthread_attr_destroy(&attr);
	if (err) {
		pthread_mutex_lock(&s->lock);
		s->threads--;
		pthread_mutex_unlock(&s->lock);
	}
	return -err;
}

int stage_start(struct stage *s, const struct stage_plan *plan,
		const struct stage_controls *controls, unsigned bound)
{
	*s = (struct stage){.plan = plan, .controls = controls};
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ready, NULL);
	pthread_cond_init(&s->ended, NULL);
	batch_control_init(&s->batch);
	shed_control_init(&s->shed, bound);
	return stage_thread_add(s);
}

void stage_stop(struct stage *s)
{
	bool wake;

	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->ready);
	wake = s->polling;
	pthread_mutex_unlock(&s->lock);
	if (wake)
		s->plan->source->wake(s->plan->source);
	pthread_mutex_lock(&s->lock);
	while (s->threads > 0)
		pthread_cond_wait(&s->ended, &s->lock);
	pthread_mutex_unlock(&s->lock);
}
