/* SPDX-License-Identifier: BSD-2-Clause */
/* executor.c - a thread that runs modules, one after the other: of those that have
 * something to do the one with the highest priority, and those of the same in turn. */
#include "config.h"

#include "runner.h"
#include "timer_heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A busy executor looks at descriptors and deadlines every so many turns. */
enum { LOOK_TURNS = 32 };

/* Take what others have pended. */
static void pending_gather(struct executor *e)
{
	doorbell_take(&e->station->bell);
	for (int i = 0; i < e->residents; i++) {
		struct resident *s = e->resident[i];
		_Atomic uint64_t *pending = &e->station->pending[s->index];
		uint64_t bits;

		if (!atomic_load_explicit(pending, memory_order_relaxed))
			continue;
		/* pairs with the addition in peer_signal */
		bits = atomic_exchange_explicit(pending, 0, memory_order_acquire);
		s->pending |= bits;
		s->armed &= ~bits;
	}
}

/* Odd while it is in a turn: the watchdog sees one that does not end. */
static void turn_count(struct resident *s)
{
	uint32_t turn = atomic_load_explicit(&s->status->turn, memory_order_relaxed);

	atomic_store_explicit(&s->status->turn, turn + 1, memory_order_relaxed);
}

static void turn_begin(struct resident *s)
{
	fault_current(s);
	turn_count(s);
}

static void turn_over(struct resident *s)
{
	turn_end(s);
	turn_count(s);
	fault_current(NULL);
}

static void resident_turn(struct resident *s)
{
	uint64_t bits = s->pending;

	s->pending = 0;
	s->armed &= ~bits;
	turn_begin(s);
	while (bits && !s->done) {
		unsigned channel = (unsigned)__builtin_ctzll(bits);

		bits &= bits - 1;
		s->module.type->notified(&s->module, channel);
		count_add(&s->status->counts.notified, 1);
	}
	turn_over(s);
}

static struct resident *resident_next(struct executor *e)
{
	struct resident *best = NULL;

	for (int i = 1; i <= e->residents; i++) {
		int at = (e->last + i) % e->residents;
		struct resident *s = e->resident[at];

		if (s->pending && !s->done && (!best || s->priority > best->priority))
			best = s;
	}
	return best;
}

/* The earliest deadline. */
static uint64_t deadline_next(const struct executor *e)
{
	uint64_t due_ns = DOORBELL_FOREVER;

	for (int i = 0; i < e->residents; i++) {
		const struct resident *s = e->resident[i];

		if (s->due_ns && !s->done && s->due_ns < due_ns)
			due_ns = s->due_ns;
	}
	return due_ns;
}

static void deadlines_look(struct executor *e)
{
	uint64_t now_ns = timer_now();

	for (int i = 0; i < e->residents; i++) {
		struct resident *s = e->resident[i];

		if (!s->due_ns || s->due_ns > now_ns)
			continue;
		s->due_ns = 0;
		s->pending |= UINT64_C(1) << CHANNEL_DEADLINE;
	}
}

/* The module an event is for; NULL: for none, it is the doorbell's, or an earlier
 * descriptor's of this number. */
static struct resident *event_resident(struct executor *e,
				       const struct epoll_event *event)
{
	int fd = (int)(event->data.u64 & UINT32_MAX);
	struct watched *w = fd >= 0 && fd < e->watched_most ? &e->watched[fd] : NULL;

	if (!w || !w->resident || w->generation != event->data.u64 >> 32 ||
	    w->resident->done)
		return NULL;
	return w->resident;
}

/* Those of one module that follow each other are one turn. */
static void events_tell(struct executor *e, const struct epoll_event *event, int n)
{
	struct resident *current = NULL;

	for (int i = 0; i < n; i++) {
		struct resident *s = event_resident(e, &event[i]);

		if (!s)
			continue;
		if (s != current && current)
			turn_over(current);
		if (s != current)
			turn_begin(s);
		current = s;
		s->module.type->ready(
			&s->module, e->watched[event[i].data.u64 & UINT32_MAX].pointer,
			event[i].events);
	}
	if (current)
		turn_over(current);
}

/* None of its modules would be told of anything any more: the graph ends. */
static void executor_fail(struct executor *e, int error)
{
	for (int i = 0; i < e->residents; i++)
		module_fail(&e->resident[i]->module, -error,
			    "cannot wait for descriptors");
}

/* Descriptors; waits until the deadline (0: not at all). */
static void descriptors_look(struct executor *e, uint64_t deadline_ns)
{
	struct epoll_event event[EXECUTOR_EVENTS];
	struct timespec left;
	int n = epoll_pwait2(e->epfd, event, EXECUTOR_EVENTS,
			     timer_left(deadline_ns, &left), NULL);

	if (n < 0 && errno != EINTR)
		executor_fail(e, errno); /* ENOSYS: before Linux 5.11 */
	events_tell(e, event, n);
}

/* Nothing is to be done: sleep until there is, or until the deadline. */
static void executor_sleep(struct executor *e)
{
	uint64_t deadline_ns = deadline_next(e);

	for (int i = 0; i < e->residents; i++)
		count_add(&e->resident[i]->status->counts.slept, 1);
	if (e->epfd < 0)
		doorbell_wait(&e->station->bell, deadline_ns);
	else if (doorbell_doze(&e->station->bell))
		descriptors_look(e, deadline_ns);
	pending_gather(e);
	if (deadline_ns != DOORBELL_FOREVER)
		deadlines_look(e);
}

/* In a later life: what the one before was told is forgotten, and it may not have told
 * of what it did, or not have woken whom it told. */
static void resident_revive(struct resident *s)
{
	atomic_store(&s->status->fault_region, 0);
	if (atomic_load(&s->status->turn) % 2)
		turn_count(s);
	for (int i = 0; i < s->channels; i++) {
		enum port_kind kind = s->module.ports[i].kind;

		if (kind == PORT_NONE || kind == PORT_REGION)
			continue;
		s->pending |= UINT64_C(1) << i;
		peer_signal(s, &s->peers[i]);
		if (!s->peers[i].local)
			doorbell_wake(&s->peers[i].caller);
	}
}

/* It is told of all messages from its beginning on, also of those before it. */
static void resident_begin(struct resident *s)
{
	int err;

	for (int i = 0; i < s->channels; i++) {
		const struct port *p = &s->module.ports[i];

		if (p->kind == PORT_IN && p->end.seen == p->end.at)
			s->module.refused |= UINT64_C(1) << i;
		else if (p->kind == PORT_IN)
			s->pending |= UINT64_C(1) << i;
	}
	if (s->module.lives > 0)
		resident_revive(s);
	count_add(&s->status->counts.lives, 1);
	turn_begin(s);
	err = s->module.type->init(&s->module);
	if (err < 0)
		module_fail(&s->module, err, "it cannot begin");
	turn_over(s);
	if (s->done)
		return;
	atomic_store_explicit(&s->status->stage, MODULE_BEGUN, memory_order_release);
	runner_news(s->executor->runner);
}

/* A failure has every executor go: what a module did before it is of no use to the
 * others.
 */
static bool is_abandoned(const struct executor *e)
{
	return atomic_load_explicit(&e->station->abandon, memory_order_relaxed);
}

void executor_run(struct executor *e)
{
	struct resident *s;

	for (int i = 0; i < e->residents; i++)
		resident_begin(e->resident[i]);
	while (e->living > 0 && !is_abandoned(e)) {
		if (atomic_load_explicit(&e->station->bell.word, memory_order_relaxed))
			pending_gather(e);
		if (++e->turns % LOOK_TURNS == 0) {
			if (e->epfd >= 0)
				descriptors_look(e, 0);
			if (deadline_next(e) != DOORBELL_FOREVER)
				deadlines_look(e);
		}
		s = resident_next(e);
		if (!s) {
			executor_sleep(e);
			continue;
		}
		for (e->last = 0; e->resident[e->last] != s;)
			e->last++;
		resident_turn(s);
	}
}
