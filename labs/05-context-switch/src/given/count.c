/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c - does each operation a few times among so many threads, half of them ready
 * and half of them waiting, between two marks.  The judge counts the instructions from
 * mark to mark: yield, block, wake, create, exit, join, and again. */
#include "base.h"
#include "challenge.h"
#include "probe.h"
#include "subject.h"
#include "thread.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

enum { ROUNDS = 5 };

static struct thread **waiting;
static struct thread *mover; /* main(), which does what is counted */
static bool counting, mover_blocked;

static void count_begin(void)
{
	counting = true;
	probe_mark();
}

/* Whoever runs next ends what was counted. */
static void count_end(void)
{
	if (counting)
		probe_mark();
	counting = false;
	if (mover_blocked) {
		mover_blocked = false;
		thread_wake(mover);
	}
}

static void *ready_run(void *arg)
{
	for (;;) {
		count_end();
		thread_yield();
	}
	return arg;
}

static void *waiting_run(void *arg)
{
	for (;;) {
		count_end();
		thread_block();
	}
	return arg;
}

static void *short_run(void *arg)
{
	count_end();
	count_begin();
	return arg;
}

static int threads_make(unsigned count)
{
	waiting = calloc(count / 2, sizeof *waiting);
	if (!waiting)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		struct thread *t = thread_create(i % 2 ? waiting_run : ready_run, NULL);

		if (!t)
			return -1;
		if (i % 2)
			waiting[i / 2] = t;
	}
	return 0;
}

static void operations_count(struct thread *woken)
{
	count_begin();
	thread_yield();
	count_end();

	count_begin();
	mover_blocked = true;
	thread_block();

	count_begin();
	thread_wake(woken);
	count_end();

	count_begin();
	struct thread *t = thread_create(short_run, NULL);

	count_end();
	/* It ends in its turn, just before main() has its own. */
	thread_yield();
	count_end();

	count_begin();
	thread_join(t);
	count_end();
}

int count_run(unsigned threads)
{
	mover = thread_self();
	if (threads < 4 || threads_make(threads) < 0) {
		report("got-none\n");
		return 4;
	}
	thread_yield();
	thread_yield();
	for (unsigned i = 0; i < ROUNDS; i++)
		operations_count(waiting[(threads / 2 - 1) * i / (ROUNDS - 1)]);
	report("counted %" PRIx64 "\n",
	       challenge_mix(subject_key, CHALLENGE_COUNT, threads, 0));
	_Exit(0);
}
