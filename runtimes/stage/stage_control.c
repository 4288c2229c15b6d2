/* SPDX-License-Identifier: BSD-2-Clause */
/* stage_control.c - the controllers of a stage at work: look at it, decide (the pure
 * functions of *_control.c), and carry that out. */
#include "config.h"

#include "stage.h"

static bool is_due(uint64_t *due_ns, uint64_t now_ns, uint64_t period_ns)
{
	bool first = *due_ns == 0;

	if (now_ns < *due_ns)
		return false;
	*due_ns = now_ns + period_ns;
	return !first; /* there is no period to judge yet */
}

static void note(const struct stage *s, int decision, enum stage_note raised,
		 enum stage_note lowered)
{
	if (decision != 0)
		s->controls->note(decision > 0 ? raised : lowered, 1);
}

static void threads_control(struct stage *s, uint64_t now_ns)
{
	struct threads_seen seen = {
		.long_queue = s->plan->long_queue ? s->plan->long_queue : THREADS_QUEUE,
	};
	int decision;

	pthread_mutex_lock(&s->lock);
	seen.threads = s->threads - s->superfluous;
	seen.queue = s->length + s->taken;
	if (s->waiting_since_ns && s->waiting_since_ns < now_ns)
		seen.idle_ns = now_ns - s->waiting_since_ns;
	decision = threads_decide(&seen);
	if (decision < 0) {
		s->superfluous++;
		pthread_cond_signal(&s->ready);
	}
	pthread_mutex_unlock(&s->lock);
	if (decision > 0 && stage_thread_add(s) < 0)
		decision = 0; /* there is none to be had: perhaps the next time */
	note(s, decision, STAGE_THREAD_ADDED, STAGE_THREAD_DROPPED);
}

static void batch_control(struct stage *s)
{
	uint64_t handled;
	int decision;

	pthread_mutex_lock(&s->lock);
	handled = s->handled - s->batch_handled;
	s->batch_handled = s->handled;
	decision = batch_decide(&s->batch, handled, BATCH_PERIOD_NS);
	pthread_mutex_unlock(&s->lock);
	note(s, decision, STAGE_BATCH_RAISED, STAGE_BATCH_LOWERED);
}

static void shed_control(struct stage *s, uint64_t now_ns)
{
	struct shed_seen seen = {.handled = 0};
	int decision;

	pthread_mutex_lock(&s->lock);
	seen.handled = s->handled - s->shed_handled;
	seen.response_ns = s->response_ns - s->shed_response_ns;
	if (s->first && s->first->put_ns < now_ns)
		seen.oldest_ns = now_ns - s->first->put_ns;
	seen.backlog = s->length + s->taken;
	s->shed_handled = s->handled;
	s->shed_response_ns = s->response_ns;
	decision = shed_decide(&s->shed, &seen, s->controls->target_ns);
	pthread_mutex_unlock(&s->lock);
	note(s, decision, STAGE_BOUND_RAISED, STAGE_BOUND_LOWERED);
}

void stage_control(struct stage *s, uint64_t now_ns)
{
	const struct stage_controls *c = s->controls;

	if (c->threads && is_due(&s->threads_due_ns, now_ns, THREADS_PERIOD_NS))
		threads_control(s, now_ns);
	if (c->batch && is_due(&s->batch_due_ns, now_ns, BATCH_PERIOD_NS))
		batch_control(s);
	if (c->shed && s->plan->sheds &&
	    is_due(&s->shed_due_ns, now_ns, SHED_PERIOD_NS))
		shed_control(s, now_ns);
}
