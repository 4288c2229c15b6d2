/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.c - the scheduler: who is ready stands in a queue, and takes turns. */
#include "thread.h"
#include "base.h"
#include "context.h"

#include <stdlib.h>

/* @solution LAB-SECRET */
enum state { READY, BLOCKED, JOINING, ENDED };

struct thread {
	struct context context;
	struct thread *next;   /* in the queue */
	struct thread *joiner; /* who waits for it to end */
	enum state state;      /* READY also while it runs */
	void *(*run)(void *);
	void *arg, *result;
	void *stack;
};

static struct thread main_thread;
static struct thread *running = &main_thread;
static struct thread *first, **last = &first;
static struct thread *ended; /* whose stack has still to go back */

static void ready_put(struct thread *t)
{
	t->state = READY;
	t->next = NULL;
	*last = t;
	last = &t->next;
}

static struct thread *ready_take(void)
{
	struct thread *t = first;

	if (!t)
		threads_stuck();
	first = t->next;
	if (!first)
		last = &first;
	return t;
}

/* A thread cannot give back the stack it stands on: whoever runs after it does. */
static void ended_bury(void)
{
	if (ended)
		stack_put(ended->stack);
	ended = NULL;
}

static void next_run(void)
{
	struct thread *from = running;

	running = ready_take();
	context_switch(&from->context, &running->context);
	ended_bury();
}

static void thread_begin(void *arg)
{
	struct thread *t = arg;

	ended_bury();
	thread_exit(t->run(t->arg));
}

struct thread *thread_create(void *(*run)(void *), void *arg)
{
	struct thread *t = malloc(sizeof *t);
	void *stack = t ? stack_get() : NULL;

	if (!stack) {
		free(t);
		return NULL;
	}
	*t = (struct thread){.run = run, .arg = arg, .stack = stack};
	context_make(&t->context, (char *)stack + STACK_BYTES, thread_begin, t);
	ready_put(t);
	return t;
}

struct thread *thread_self(void)
{
	return running;
}

void thread_yield(void)
{
	ready_put(running);
	next_run();
}

void thread_block(void)
{
	running->state = BLOCKED;
	next_run();
}

void thread_wake(struct thread *t)
{
	if (t->state == BLOCKED)
		ready_put(t);
}

_Noreturn void thread_exit(void *result)
{
	running->result = result;
	running->state = ENDED;
	if (running->joiner)
		ready_put(running->joiner);
	ended = running;
	next_run();
	abort(); /* nobody has it in a queue any more */
}

void *thread_join(struct thread *t)
{
	if (t->state != ENDED) {
		t->joiner = running;
		running->state = JOINING;
		next_run();
	}
	void *result = t->result;

	free(t);
	return result;
}
/* @starter */
//| struct thread {
//| 	struct context context;
//| 	/* What else does a thread need to be? */
//| };
//|
//| /* main() is a thread too, and has a stack already. */
//| static struct thread main_thread;
//|
//| struct thread *thread_create(void *(*run)(void *), void *arg)
//| {
//| 	(void)run;
//| 	(void)arg;
//| 	return NULL;
//| }
//|
//| struct thread *thread_self(void)
//| {
//| 	return &main_thread;
//| }
//|
//| void thread_yield(void)
//| {
//| }
//|
//| void thread_block(void)
//| {
//| }
//|
//| void thread_wake(struct thread *t)
//| {
//| 	(void)t;
//| }
//|
//| _Noreturn void thread_exit(void *result)
//| {
//| 	(void)result;
//| 	abort();
//| }
//|
//| void *thread_join(struct thread *t)
//| {
//| 	(void)t;
//| 	return NULL;
//| }
/* @end */
