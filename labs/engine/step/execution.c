/* SPDX-License-Identifier: BSD-2-Clause */
/* execution.c - who runs when, in one run of the subject. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "advance.h"
#include "breaks.h"
#include "stops.h"
#include "story.h"
#include "tracee.h"

enum { SPINS_MAX = 32 };

void execution_over(struct execution *x, enum outcome_kind kind, int status,
		    unsigned thread, const char *format, ...)
{
	if (x->outcome.kind != OUTCOME_NONE && x->outcome.kind != OUTCOME_EXIT)
		return;
	x->outcome.kind = kind;
	x->outcome.status = status;
	x->outcome.thread = thread;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(x->outcome.text, sizeof(x->outcome.text), format, arguments);
	va_end(arguments);
}

void execution_name(struct execution *x, uint64_t address, char *text, size_t room)
{
	uint64_t at = address - x->subject->bias;
	const struct symbol *s = symbols_at(&x->subject->program, at);
	if (s && s->address == at)
		snprintf(text, room, "%s", s->name);
	else if (s)
		snprintf(text, room, "%s+%u", s->name, (unsigned)(at - s->address));
	if (s)
		return;
	unsigned i = 0;
	while (i < x->n_unnamed && x->unnamed[i] != address)
		i++;
	if (i == x->n_unnamed && i < EXECUTION_NAMES)
		x->unnamed[x->n_unnamed++] = address;
	snprintf(text, room, i < EXECUTION_NAMES ? "memory #%u" : "memory", i + 1);
}

bool execution_can_run(struct execution *x, const struct thread *t)
{
	(void)x;
	uint32_t word;
	if (t->state != THREAD_BLOCKED)
		return t->state == THREAD_READY;
	if (tracee_read(t->tid, t->futex, &word, sizeof(word)) < 0)
		return false;
	return t->until_free ? (word & FUTEX_TID_MASK) == 0 : word != t->futex_value;
}

static uint32_t others_get(struct execution *x, unsigned than)
{
	uint32_t others = 0;
	for (unsigned i = 0; i < x->threads; i++)
		if (i != than && execution_can_run(x, &x->thread[i]))
			others |= (uint32_t)1 << i;
	return others;
}

static const struct turn *turn_planned(const struct execution *x)
{
	return x->turn >= 0 && (unsigned)x->turn < x->plan->n ? &x->plan->list[x->turn]
							      : NULL;
}

/* Is the variable what the next instruction names? */
static bool names_variable(struct execution *x, const struct thread *t,
			   const char *variable)
{
	const struct symbol *s = symbols_named(&x->subject->program, variable);
	uint64_t at = t->next.address - x->subject->bias;
	return s && t->next.size > 0 && at >= s->address && at - s->address < s->size;
}

/* An access is done when its instruction is, which shows before the next one; the load
   of one that also stores, when half of it is. */
static bool access_reached(struct execution *x, struct thread *t,
			   const struct turn *turn)
{
	bool load = turn->until == TURN_LOAD;
	if (x->due && ++x->seen >= turn->count)
		return true;
	x->due = false;
	if (!names_variable(x, t, turn->variable) ||
	    !(load ? t->next.loads && !t->half : t->next.stores))
		return false;
	x->due = !load || !thread_can_halve(t);
	if (x->due || ++x->seen < turn->count)
		return false;
	thread_halve(x, t);
	return true;
}

/* Is the turn of the thread, that stands before an instruction, over here? */
static bool turn_reached(struct execution *x, struct thread *t, const struct turn *turn)
{
	switch (turn->until) {
	case TURN_STEPS:
		if (t->steps < turn->count)
			return false;
		if (turn->half)
			thread_halve(x, t);
		return true;
	case TURN_LOAD:
	case TURN_STORE:
		return access_reached(x, t, turn);
	case TURN_REST:
		break;
	}
	return false;
}

static int turn_record(struct execution *x, const struct thread *t, bool cut)
{
	struct turn *taken = turns_add(&x->taken);
	if (!taken)
		return x->taken.n == TURNS_MAX ? 0 : -ENOMEM;
	taken->thread = t->number;
	taken->until = cut ? TURN_STEPS : TURN_REST;
	taken->count = cut ? t->steps : 0;
	taken->half = cut && t->half;
	return 0;
}

static void turn_begin(struct execution *x, unsigned thread)
{
	x->current = thread;
	x->seen = 0;
	x->due = false;
	x->thread[thread].turn_steps = x->thread[thread].steps;
	x->thread[thread].jumps_back = 0;
	x->thread[thread].state = THREAD_READY;
}

/* Nobody can run: the first whose wait has a time-out gets it. */
static int time_out_give(struct execution *x)
{
	for (unsigned i = 0; i < x->threads; i++) {
		struct thread *t = &x->thread[i];
		if (t->state != THREAD_BLOCKED || !t->timed)
			continue;
		int status = thread_time_out(t);
		turn_begin(x, i);
		return status;
	}
	execution_over(x, OUTCOME_DEADLOCK, 0, 0, "no thread can go on");
	return 0;
}

/* The next turn: the plan's next whose thread can run; after the plan, the next by
 * number. */
static int turn_next(struct execution *x)
{
	x->turn++;
	if (!others_get(x, TURNS_THREADS))
		return time_out_give(x);
	for (; turn_planned(x); x->turn++) {
		unsigned thread = turn_planned(x)->thread;
		if (thread < x->threads && execution_can_run(x, &x->thread[thread])) {
			turn_begin(x, thread);
			return 0;
		}
		x->not_taken++;
	}
	for (unsigned i = 1; i <= x->threads; i++) {
		unsigned thread = (x->current + i) % x->threads;
		if (execution_can_run(x, &x->thread[thread])) {
			turn_begin(x, thread);
			break;
		}
	}
	return 0;
}

/* Where the search may switch, unless the plan's own turns stand before it. */
static int point_note(struct execution *x, const struct thread *t)
{
	if (!(t->visible || x->every) || t->half || x->turn < (int)x->plan->n - 1 ||
	    (x->turn == (int)x->plan->n - 1 && t->steps == t->turn_steps) ||
	    x->taken.n + 2 > TURNS_MAX)
		return 0;
	uint32_t others = others_get(x, t->number);
	if (!others)
		return 0;
	if (x->n_points + 2 > x->room_points) {
		unsigned room = x->room_points * 2 + 64;
		struct point *more = realloc(x->points, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		x->points = more;
		x->room_points = room;
	}
	struct point point = {x->taken.n, t->number, t->steps, false, others};
	x->points[x->n_points++] = point;
	point.half = true;
	if (thread_can_halve(t))
		x->points[x->n_points++] = point;
	return 0;
}

static int thread_turn_over(struct execution *x, struct thread *t, int advance)
{
	if (advance == ADVANCE_INSIDE)
		story_switch(x->story, t);
	else
		story_pause(x->story, t, advance);
	int status = turn_record(x, t, advance == ADVANCE_INSIDE);
	return status ? status : turn_next(x);
}

static int execution_step(struct execution *x)
{
	struct thread *t = &x->thread[x->current];
	const struct turn *planned = turn_planned(x);
	if (x->ticks > x->steps_max) {
		execution_over(x, OUTCOME_ENDLESS, 0, t->number,
			       "no end after %u instructions and system calls",
			       x->steps_max);
		return 0;
	}
	if (t->inside && planned && turn_reached(x, t, planned))
		return thread_turn_over(x, t, ADVANCE_INSIDE);
	if (t->inside) {
		int status = point_note(x, t);
		if (status < 0)
			return status;
	}
	int advance = thread_advance(x, t);
	if (advance == ADVANCE_ENDED)
		t->state = THREAD_ENDED;
	if (advance == ADVANCE_INSIDE && t->jumps_back > SPINS_MAX &&
	    others_get(x, t->number)) {
		t->jumps_back = 0;
		advance = ADVANCE_YIELDED;
	}
	if (advance < 0 || advance == ADVANCE_INSIDE || advance == ADVANCE_OVER)
		return advance < 0 ? advance : 0;
	return thread_turn_over(x, t, advance);
}

static void deadlock_describe(struct execution *x)
{
	char *text = x->outcome.text, name[TURNS_NAME];
	size_t room = sizeof(x->outcome.text), used = 0;
	used += (size_t)snprintf(text, room, "deadlock:");
	for (unsigned i = 0; i < x->threads && used < room - 128; i++) {
		const struct thread *t = &x->thread[i];
		if (t->state != THREAD_BLOCKED)
			continue;
		used += (size_t)snprintf(text + used, room - used, "%sthread %u waits",
					 text[used - 1] == ':' ? " " : "; ", i);
		if (!t->call.function || used >= room - 128)
			continue;
		execution_name(x, t->call.argument[0], name, sizeof(name));
		used += (size_t)snprintf(text + used, room - used, " in %s(%s)",
					 t->call.function, name);
		int owner = mutexes_owner(&x->mutexes, t->call.argument[0]);
		if (owner >= 0)
			used += (size_t)snprintf(text + used, room - used,
						 ", locked by thread %d", owner);
	}
}

static void thread_reap(pid_t tid)
{
	int wait_status = 0, status;
	do
		status = tracee_wait(tid, &wait_status);
	while (status == -EINTR || (status == 0 && WIFSTOPPED(wait_status)));
}

/* Kills the copy and waits for all its threads, also one that was just being made; the
   first one last. */
static void execution_kill(struct execution *x)
{
	char path[64];
	tracee_kill(x->pid);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)x->pid);
	DIR *threads = opendir(path);
	for (struct dirent *e = threads ? readdir(threads) : NULL; e;
	     e = readdir(threads)) {
		pid_t tid = (pid_t)atoi(e->d_name);
		if (tid > 0 && tid != x->pid)
			thread_reap(tid);
	}
	if (threads)
		closedir(threads);
	if (x->thread[0].tid > 0)
		thread_reap(x->pid);
}

int execution_run(struct execution *x, execution_judge *judge, void *argument)
{
	pid_t pid = subject_copy(x->subject);
	if (pid < 0)
		return pid;
	x->pid = pid;
	int status = thread_add(x, pid);
	status = status ? status : breaks_plant(x);
	x->turn = x->plan->n == 0 || x->plan->list[0].thread == 0 ? 0 : -1;
	while (status == 0 && x->outcome.kind == OUTCOME_NONE)
		status = execution_step(x);
	if (status == 0 && x->outcome.kind == OUTCOME_DEADLOCK)
		deadlock_describe(x);
	if (status == 0)
		status = turn_record(x, &x->thread[x->current], false);
	if (status == 0 && x->outcome.kind == OUTCOME_EXIT && judge)
		judge(x, argument);
	execution_kill(x);
	return status;
}

void execution_free(struct execution *x)
{
	turns_free(&x->taken);
	free(x->points);
}
