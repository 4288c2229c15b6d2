/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.c - the virtual kernel's clock and processors.  A call is first a number of
 * ticks on a processor, then an effect, at once.  Nothing depends on real time or
 * chance: who is ready first runs first, and what is due at the same tick comes in the
 * scenario's order. */
#include "config.h"

#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static kernel_effect *const effects[VK_OPS] = {
	[VK_OP_NOW] = call_now,
	[VK_OP_WORK] = call_work,
	[VK_OP_SLEEP] = call_sleep,
	[VK_OP_WAIT_EVENT] = call_wait_event,
	[VK_OP_POLL_EVENT] = call_poll_event,
	[VK_OP_LOOK_EVENT] = call_look_event,
	[VK_OP_ANSWER] = call_answer,
	[VK_OP_STAGE] = call_stage,
	[VK_OP_OPEN] = call_open,
	[VK_OP_CLOSE] = call_close,
	[VK_OP_READ] = call_read,
	[VK_OP_NB_READ] = call_nb_read,
	[VK_OP_WRITE] = call_write,
	[VK_OP_SEM_CREATE] = call_sem_create,
	[VK_OP_SEM_FIND] = call_sem_find,
	[VK_OP_SEM_WAIT] = call_sem_wait,
	[VK_OP_NB_SEM_WAIT] = call_nb_sem_wait,
	[VK_OP_SEM_SIGNAL] = call_sem_signal,
	[VK_OP_PORT_CREATE] = call_port_create,
	[VK_OP_PORT_FIND] = call_port_find,
	[VK_OP_PORT_DELETE] = call_port_delete,
	[VK_OP_SEND] = call_send,
	[VK_OP_RECEIVE] = call_receive,
	[VK_OP_NB_RECEIVE] = call_nb_receive,
	[VK_OP_THREAD] = call_thread,
	[VK_OP_PROCESS] = call_process,
	[VK_OP_JOIN] = call_join,
	[VK_OP_DETACH] = call_detach,
	[VK_OP_SELF] = call_self,
	[VK_OP_YIELD] = call_yield,
	[VK_OP_THREAD_EXIT] = call_thread_exit,
	[VK_OP_EXIT] = call_exit,
};

uint64_t kernel_work(const struct scenario *scenario, uint64_t state, uint64_t ticks)
{
	while (ticks-- > 0)
		state = scenario_random(scenario->seed ^ state, 1);
	return state;
}

int kernel_thread_id(const struct kernel *k, const struct thread *t)
{
	return (int)(t - k->thread);
}

/* --- threads -----------------------------------------------------------------------
 */

void kernel_progress(struct kernel *k)
{
	k->idle_calls = 0;
}

void kernel_done(struct kernel *k, struct thread *t, int64_t result)
{
	t->answered = true;
	t->turn.result = result;
	if (result < 0 && t->call.op >= 0 && t->call.op < VK_OPS)
		k->failed[t->call.op]++;
	if (t->entry < 0)
		return;
	k->entry[t->entry].result = result;
	k->entry[t->entry].returned = k->now;
}

void kernel_block(struct kernel *k, struct thread *t, enum wait wait, int object)
{
	t->state = THREAD_BLOCKED;
	t->wait = wait;
	t->object = object;
	t->since = k->order++;
	k->cpu[t->cpu] = 0;
}

void kernel_wake(struct kernel *k, struct thread *t, int64_t result)
{
	t->state = THREAD_READY;
	t->since = k->order++;
	kernel_done(k, t, result);
	kernel_progress(k);
}

struct thread *kernel_waiter(struct kernel *k, enum wait wait, int object)
{
	struct thread *first = NULL;

	for (int i = 1; i <= k->threads; i++) {
		struct thread *t = &k->thread[i];

		if (t->state == THREAD_BLOCKED && t->wait == wait &&
		    t->object == object && (!first || t->since < first->since))
			first = t;
	}
	return first;
}

struct thread *kernel_thread_add(struct kernel *k, int process)
{
	struct thread *t;

	if (k->threads == VK_THREADS_MAX)
		return NULL;
	t = &k->thread[++k->threads];
	t->state = THREAD_READY;
	t->process = process;
	t->entry = -1;
	t->answered = true;
	t->since = k->order++;
	if (++k->threads_live > k->threads_peak)
		k->threads_peak = k->threads_live;
	kernel_progress(k);
	return t;
}

/* --- processors --------------------------------------------------------------------
 */

static struct thread *ready_first(struct kernel *k)
{
	struct thread *first = NULL;

	for (int i = 1; i <= k->threads; i++) {
		struct thread *t = &k->thread[i];

		if (t->state == THREAD_READY && (!first || t->since < first->since))
			first = t;
	}
	return first;
}

/* Takes the processor from who has used up its quantum, if somebody else wants it. */
static void preempt(struct kernel *k, int cpu)
{
	struct thread *t = &k->thread[k->cpu[cpu]];

	if (!k->cpu[cpu] || t->slice > 0 || t->burst == 0)
		return;
	t->slice = k->scenario->quantum;
	if (!ready_first(k))
		return;
	t->state = THREAD_READY;
	t->since = k->order++;
	k->cpu[cpu] = 0;
}

static void processors_fill(struct kernel *k)
{
	for (int cpu = 0; cpu < (int)k->scenario->cpus; cpu++) {
		struct thread *t;

		preempt(k, cpu);
		if (k->cpu[cpu])
			continue;
		t = ready_first(k);
		if (!t)
			continue;
		t->state = THREAD_RUNNING;
		t->slice = k->scenario->quantum;
		t->cpu = cpu;
		k->cpu[cpu] = kernel_thread_id(k, t);
	}
}

/* Who has been ready longest of those that need no more ticks: so a thread goes on
 * before those it has made. */
static struct thread *running_done(struct kernel *k)
{
	struct thread *first = NULL;

	for (int cpu = 0; cpu < (int)k->scenario->cpus; cpu++) {
		struct thread *t = &k->thread[k->cpu[cpu]];

		if (k->cpu[cpu] && t->burst == 0 && (!first || t->since < first->since))
			first = t;
	}
	return first;
}

/* --- how it ends -------------------------------------------------------------------
 */

static bool unfinished(const struct kernel *k)
{
	const struct scenario *s = k->scenario;

	for (int i = 0; i < s->clients; i++)
		if (!client_finished(k, i))
			return true;
	for (int i = 0; i < s->occurrences; i++)
		if ((s->occurrence[i].ticks || s->occurrence[i].stages) &&
		    k->event[i].answered == KERNEL_NEVER)
			return true;
	return false;
}

/* Nobody can go on, or (busy) all who can only ask in vain. */
static void stand_still(struct kernel *k, enum outcome how)
{
	k->outcome = k->scenario->server && !unfinished(k) ? OUTCOME_REST : how;
}

/* Does anybody else still compute? */
static bool somebody_works(const struct kernel *k)
{
	for (int i = 1; i <= k->threads; i++) {
		const struct thread *t = &k->thread[i];

		bool on = t->state == THREAD_READY || t->state == THREAD_RUNNING;

		if (on && !t->answered &&
		    (t->call.op == VK_OP_WORK || t->call.op == VK_OP_STAGE))
			return true;
	}
	return false;
}

static void watch(struct kernel *k)
{
	unsigned calls = 0;

	for (int op = 0; op < VK_OPS; op++)
		calls += k->calls[op];
	if (k->outcome)
		return;
	if (k->threads_live == 0)
		k->outcome = OUTCOME_ENDED;
	else if (k->now >= k->scenario->limit || calls >= k->scenario->calls_max)
		k->outcome = OUTCOME_LIMIT;
	else if (k->idle_calls > KERNEL_IDLE_CALLS_MAX &&
		 clock_next(k) == KERNEL_NEVER && !somebody_works(k))
		stand_still(k, OUTCOME_BUSY);
}

void kernel_died(struct kernel *k, const char *how)
{
	if (k->outcome)
		return;
	k->outcome = OUTCOME_DIED;
	kernel_say(k, "the program %s", how);
}

/* --- calls -------------------------------------------------------------------------
 */

static int failure_of(const struct kernel *k, int op)
{
	const struct scenario *s = k->scenario;

	for (int i = 0; i < s->failures; i++)
		if (s->failure[i].op == op && s->failure[i].number == k->calls[op])
			return s->failure[i].error;
	return 0;
}

static void effect_do(struct kernel *k, struct thread *t)
{
	int op = t->call.op, error;

	k->calls[op]++;
	k->idle_calls++;
	error = failure_of(k, op);
	if (error && op != VK_OP_EXIT && op != VK_OP_THREAD_EXIT) {
		kernel_say(k, "%s number %u is made to fail", call_name(op),
			   k->calls[op]);
		kernel_done(k, t, -error);
	} else {
		effects[op](k, t);
	}
	if (t->answered && t->turn.result == -EWOULDBLOCK && call_polls(op))
		k->polls++;
}

/* Until the program has to go on. */
static void kernel_go(struct kernel *k, struct vk_turn *turn)
{
	for (watch(k); !k->outcome; watch(k)) {
		struct thread *t;

		processors_fill(k);
		t = running_done(k);
		if (t && t->answered) {
			k->current = kernel_thread_id(k, t);
			*turn = t->turn;
			turn->thread = k->current;
			turn->over = 0;
			return;
		}
		if (t)
			effect_do(k, t);
		else if (!clock_advance(k))
			stand_still(k, OUTCOME_HANG);
	}
	memset(turn, 0, sizeof(*turn));
	turn->over = 1;
}

static uint64_t burst_of(struct kernel *k, const struct thread *t)
{
	int op = t->call.op, place = t->call.object;
	uint64_t ticks = k->scenario->cost[op];

	if (op == VK_OP_WORK)
		ticks += t->call.ticks;
	else if (op == VK_OP_STAGE)
		ticks += event_stage_ticks(k, t->call.object, &place);
	else
		return ticks;
	if (place && place != k->place[t->cpu]) {
		ticks += k->scenario->cold;
		k->place[t->cpu] = place;
	}
	return ticks;
}

int kernel_call(struct kernel *k, const struct vk_call *call, struct vk_turn *turn)
{
	struct thread *t = &k->thread[k->current];

	if (k->outcome || call->thread != k->current || call->op < 0 ||
	    call->op >= VK_OPS || call->size > VK_DATA_MAX)
		return -EPROTO;
	t->call = *call;
	t->answered = false;
	memset(&t->turn, 0, sizeof(t->turn));
	kernel_log(k, t);
	if (call->depth > k->stack_most)
		k->stack_most = call->depth;
	t->burst = burst_of(k, t);
	kernel_go(k, turn);
	return 0;
}

/* --- a kernel's life ---------------------------------------------------------------
 */

static void objects_set(struct kernel *k)
{
	const struct scenario *s = k->scenario;

	memcpy(k->file, s->file, sizeof(k->file));
	for (int i = 0; i < s->sems; i++) {
		memcpy(k->sem[i].name, s->sem[i].name, VK_NAME_MAX);
		k->sem[i].value = s->sem[i].value;
	}
	k->sems = s->sems;
	for (int i = 0; i < s->ports; i++) {
		k->port[i].number = i + 1;
		memcpy(k->port[i].name, s->port[i], VK_NAME_MAX);
	}
	for (int i = 0; i < s->clients; i++)
		kernel_timer(k, s->client[i].at, TIMER_CLIENT, i);
	for (int i = 0; i < s->occurrences; i++)
		k->event[i].due = k->event[i].delivered = k->event[i].answered =
			KERNEL_NEVER;
}

struct kernel *kernel_new(const struct scenario *scenario)
{
	struct kernel *k = calloc(1, sizeof(*k));
	struct vk_turn turn;

	if (!k)
		return NULL;
	k->scenario = scenario;
	objects_set(k);
	k->processes = 1;
	k->process[0] = (struct process){.first = 1, .parent = -1};
	for (int fd = 0; fd < VK_FILES_MAX; fd++)
		k->process[0].fd[fd] = -1;
	kernel_thread_add(k, 0);
	clock_fire(k);
	kernel_go(k, &turn);
	return k;
}

void kernel_delete(struct kernel *k)
{
	if (k)
		free(k->entry);
	free(k);
}
