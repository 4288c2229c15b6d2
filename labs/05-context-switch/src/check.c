/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c - your test of the package: ends with status 0 if all is as context.h and
 * thread.h promise, and with 1 if not.  It is run with packages that are right, written
 * by others, and with packages that are each wrong in one way. */
#include "base.h"
#include "context.h"
#include "thread.h"

#include <fenv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* @solution LAB-SECRET */
static void must(int right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "check: %s\n", what);
	exit(1);
}

/* --- registers: what is alive over a call is in those that the call keeps --- */

static struct context here, there;

__attribute__((noinline)) static int
values_kept(const volatile uint64_t *v, struct context *from, struct context *to)
{
	uint64_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5];

	context_switch(from, to);
	return a == v[0] && b == v[1] && c == v[2] && d == v[3] && e == v[4] &&
	       f == v[5];
}

static void other_run(void *arg)
{
	static const volatile uint64_t values[] = {1, 2, 3, 4, 5, 6};

	for (;;)
		must(values_kept(values, &there, &here), arg);
}

static void registers_check(void)
{
	static const volatile uint64_t values[] = {11, 12, 13, 14, 15, 16};
	static char lost[] = "a register was lost";
	char *stack = stack_get();

	must(stack != NULL, "no stack");
	context_make(&there, stack + STACK_BYTES, other_run, lost);
	for (int i = 0; i < 3; i++)
		must(values_kept(values, &here, &there), lost);
	stack_put(stack);
}

/* --- floating-point modes, alignment --- */

static double third(void)
{
	volatile double one = 1, three = 3;

	return one / three;
}

static void *downward_run(void *arg)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

	must(frame % 16 == 0, "a thread begins with a stack that is not aligned");
	must(third() == *(double *)arg,
	     "a thread does not begin with its maker's modes");
	fesetround(FE_UPWARD);
	double up = third();

	thread_yield();
	must(third() == up && fegetround() == FE_UPWARD, "a rounding mode was lost");
	return NULL;
}

static void modes_check(void)
{
	double nearest = third();
	struct thread *t = thread_create(downward_run, &nearest);

	for (int i = 0; i < 3; i++) {
		thread_yield();
		must(third() == nearest && fegetround() == FE_TONEAREST,
		     "the rounding mode of another thread is here");
	}
	thread_join(t);
}

/* --- order --- */

static char trace[100];

static void note(char c)
{
	size_t n = strlen(trace);

	if (n + 1 < sizeof trace)
		trace[n] = c;
}

static void trace_must(const char *expected, const char *what)
{
	must(!strcmp(trace, expected), what);
	memset(trace, 0, sizeof trace);
}

static void *turns_run(void *arg)
{
	for (int i = 0; i < 3; i++) {
		note(*(char *)arg);
		thread_yield();
	}
	return arg;
}

static void order_check(void)
{
	static char names[] = "abc";
	struct thread *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = thread_create(turns_run, &names[i]);
	thread_wake(t[0]); /* who is ready already is not put in anew */
	for (int i = 0; i < 3; i++)
		must(thread_join(t[i]) == &names[i], "a result was lost");
	trace_must("abcabcabc", "the threads did not run in turn");
}

/* --- block and wake --- */

static void *sleeper_run(void *arg)
{
	note('s');
	thread_block();
	note('w');
	thread_yield();
	note('e');
	return arg;
}

static void wake_check(void)
{
	struct thread *t = thread_create(sleeper_run, NULL);

	thread_wake(t);
	thread_yield();
	note('m');
	thread_yield();
	note('m');
	thread_wake(t);
	thread_wake(t);
	thread_yield();
	note('m');
	thread_yield();
	note('m');
	thread_join(t);
	trace_must("smmwmem", "block and wake are not as thread.h says");
}

static struct thread *joiner;

static void *waker_run(void *arg)
{
	thread_wake(joiner);
	thread_yield();
	note('b');
	return arg;
}

static void join_check(void)
{
	joiner = thread_self();
	struct thread *t = thread_create(waker_run, &joiner);

	must(thread_join(t) == &joiner,
	     "a join returned too early, or a result was lost");
	note('j');
	trace_must("bj", "a join ended before its thread");
}

/* --- exit, and stacks --- */

static void *exit_run(void *arg)
{
	static void (*volatile end)(void *) = thread_exit;

	end(arg);
	must(0, "thread_exit() returned");
	return NULL;
}

static void *return_run(void *arg)
{
	return arg;
}

static void stacks_check(void)
{
	enum { THREADS = 20 };
	struct thread *t[THREADS];
	size_t before = stacks_live();

	for (int i = 0; i < THREADS; i++)
		must((t[i] = thread_create(i % 2 ? exit_run : return_run, &t[i])) !=
			     NULL,
		     "no thread");
	for (int i = 0; i < 3; i++)
		thread_yield();
	must(stacks_live() <= before + 2, "threads that have ended keep their stacks");
	for (int i = 0; i < THREADS; i++)
		must(thread_join(t[i]) == &t[i], "a result was lost");
}

int main(void)
{
	registers_check();
	modes_check();
	order_check();
	wake_check();
	join_check();
	stacks_check();
	return 0;
}
/* @starter */
//| int main(void)
//| {
//| 	/* What could be wrong, and how would you notice? */
//| 	return 0;
//| }
/* @end */
