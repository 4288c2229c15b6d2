/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.c - the scheduler as a loop with a stack of its own, between any two threads;
 * who is ready is in a ring of an array that doubles.  LAB-SECRET */
#include "thread.h"
#include "base.h"
#include "context.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct thread {
	struct context context;
	void *(*run)(void *);
	void *arg, *result, *stack;
	struct thread *waiter;
	bool asleep, over;
};

static struct {
	struct thread **slot;
	size_t size, head, tail; /* size: a power of two; head and tail run freely */
	size_t threads;          /* never more than there is room for */
} ring;

static struct thread initial, *current = &initial, *finished;
static struct context loop;
static bool loop_made;

static bool ring_grow(void)
{
	size_t size = ring.size ? ring.size * 2 : 16;
	struct thread **slot = malloc(size * sizeof *slot);

	if (!slot)
		return false;
	for (size_t i = ring.head; i != ring.tail; i++)
		slot[i & (size - 1)] = ring.slot[i & (ring.size - 1)];
	free(ring.slot);
	ring.slot = slot;
	ring.size = size;
	return true;
}

static void enqueue(struct thread *t)
{
	t->asleep = false;
	ring.slot[ring.tail++ & (ring.size - 1)] = t;
}

/* On its own stack, so that it may give back that of the thread it comes from. */
static void loop_run(void *unused)
{
	(void)unused;
	for (;;) {
		if (finished)
			stack_put(finished->stack);
		finished = NULL;
		if (ring.head == ring.tail)
			threads_stuck();
		current = ring.slot[ring.head++ & (ring.size - 1)];
		context_switch(&loop, &current->context);
	}
}

static bool room_make(void)
{
	if (ring.threads + 2 > ring.size && !ring_grow())
		return false;
	if (loop_made)
		return true;
	char *stack = stack_get();

	if (!stack)
		return false;
	context_make(&loop, stack + STACK_BYTES, loop_run, NULL);
	loop_made = true;
	return true;
}

static void leave(void)
{
	if (!loop_made && !room_make())
		abort();
	context_switch(&current->context, &loop);
}

static void start(void *arg)
{
	struct thread *t = arg;

	thread_exit(t->run(t->arg));
}

struct thread *thread_create(void *(*run)(void *), void *arg)
{
	if (!room_make())
		return NULL;
	struct thread *t = calloc(1, sizeof *t);

	if (!t || !(t->stack = stack_get())) {
		free(t);
		return NULL;
	}
	t->run = run;
	t->arg = arg;
	context_make(&t->context, (char *)t->stack + STACK_BYTES, start, t);
	ring.threads++;
	enqueue(t);
	return t;
}

struct thread *thread_self(void)
{
	return current;
}

void thread_yield(void)
{
	if (ring.head == ring.tail)
		return;
	enqueue(current);
	leave();
}

void thread_block(void)
{
	current->asleep = true;
	leave();
}

void thread_wake(struct thread *t)
{
	if (t->asleep)
		enqueue(t);
}

_Noreturn void thread_exit(void *result)
{
	current->result = result;
	current->over = true;
	if (current->waiter)
		enqueue(current->waiter);
	finished = current;
	leave();
	abort();
}

void *thread_join(struct thread *t)
{
	void *result;

	if (!t->over) {
		t->waiter = current;
		leave();
	}
	result = t->result;
	ring.threads--;
	free(t);
	return result;
}
