/* SPDX-License-Identifier: BSD-2-Clause */
/* context_test.c - the switch keeps what lives across it.  Without cmocka, so that it
 * can be built alone, with any flags and for another machine: context.sh.  And without
 * sanitizers, which would have to be told of each switch. */
#include "context.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

enum { STACK = 64 << 10, SMALL = 16 << 10, TURNS = 1000, MANY = 100000, TINY = 1024 };

static _Alignas(16) char stack[STACK];
static struct context outside, inside;

static void begin(void (*run)(void *), void *arg)
{
	context_make(&inside, stack + sizeof stack, run, arg);
	context_switch(&outside, &inside);
}

/* --- back and forth --------------------------------------------------------------- */

static void count_twice(void *arg)
{
	long *count = arg;

	for (;;) {
		*count += 1;
		context_switch(&inside, &outside);
		*count += 2;
		context_switch(&inside, &outside);
	}
}

static bool check_ping_pong(void)
{
	long count = 0;

	begin(count_twice, &count);
	for (int i = 1; i < TURNS; i++) {
		if (count != i / 2 * 3 + i % 2)
			return false;
		context_switch(&outside, &inside);
	}
	return count == TURNS / 2 * 3;
}

/* --- registers -------------------------------------------------------------------- */

/* How many of the registers that a call preserves differ after call(arg). */
int registers_lost(void (*call)(void *), void *arg, long seed);

static void go_inside(void *arg)
{
	(void)arg;
	context_switch(&outside, &inside);
}

static void go_outside(void *arg)
{
	(void)arg;
	context_switch(&inside, &outside);
}

static void lose_inside(void *arg)
{
	int *lost = arg;

	for (;;)
		*lost += registers_lost(go_outside, NULL, 0x11111111);
}

static bool check_preserved(void)
{
	int lost_inside = 0, lost = 0;

	begin(lose_inside, &lost_inside);
	for (int i = 0; i < TURNS; i++)
		lost += registers_lost(go_inside, NULL, 0x22222222);
	return lost == 0 && lost_inside == 0;
}

/* A few of each kind are enough: a register that the switch does not name is where the
 * compiler would keep one.  Read twice, as the compiler cannot know that they stay. */
typedef double wide __attribute__((vector_size(64)));
static volatile long longs[] = {1, 2, 3, 4};
static volatile double doubles[] = {1, 2, 3, 4};
static volatile long double extended[] = {1, 2};
static volatile wide wides[] = {{1, 2, 3, 4, 5, 6, 7, 8}, {8, 7, 6, 5, 4, 3, 2, 1}};

static bool numbers_live(struct context *from, struct context *to, int seed)
{
	const long a = longs[0] + seed, b = longs[1] + seed, c = longs[2] + seed,
		   d = longs[3] + seed;
	const double e = doubles[0] + seed, f = doubles[1] + seed,
		     g = doubles[2] + seed, h = doubles[3] + seed;
	const long double i = extended[0] + seed, j = extended[1] + seed;

	context_switch(from, to);
	return a == longs[0] + seed && b == longs[1] + seed && c == longs[2] + seed &&
	       d == longs[3] + seed && e == doubles[0] + seed &&
	       f == doubles[1] + seed && g == doubles[2] + seed &&
	       h == doubles[3] + seed && i == extended[0] + seed &&
	       j == extended[1] + seed;
}

static bool wides_live(struct context *from, struct context *to, int seed)
{
	const wide a = wides[0] + seed, b = wides[1] + seed;
	wide difference;
	double sum = 0;

	context_switch(from, to);
	difference = (a - wides[0]) * (b - wides[1]);
	for (int i = 0; i < 8; i++)
		sum += difference[i];
	return sum == 8.0 * seed * seed;
}

static void live_inside(void *arg)
{
	bool *right = arg;

	for (;;) {
		*right &= numbers_live(&inside, &outside, 99);
		*right &= wides_live(&inside, &outside, 99);
	}
}

static bool check_live(void)
{
	bool right_inside = true, right = true;

	begin(live_inside, &right_inside);
	for (int i = 0; i < TURNS; i++) {
		right &= numbers_live(&outside, &inside, i);
		right &= wides_live(&outside, &inside, i);
	}
	return right && right_inside;
}

/* --- the stack ---------------------------------------------------------------------
 */

/* printf keeps vector registers where only an aligned stack lets it. */
static void align_inside(void *arg)
{
	bool *right = arg;
	char text[64];

	*right = (uintptr_t)__builtin_frame_address(0) % 16 == 0;
	snprintf(text, sizeof text, "%.3f %.2Lf", doubles[2], extended[1]);
	*right = *right && strcmp(text, "3.000 2.00") == 0;
	context_switch(&inside, &outside);
}

static bool check_alignment(void)
{
	for (int i = 0; i < 32; i++) {
		bool right = false;

		context_make(&inside, stack + sizeof stack - i, align_inside, &right);
		context_switch(&outside, &inside);
		if (!right)
			return false;
	}
	return true;
}

struct dive {
	char *deepest;
	long depth, sum;
};

__attribute__((noinline)) static long dive_down(struct dive *d, long depth)
{
	volatile long here = depth;

	if ((char *)__builtin_frame_address(0) < d->deepest)
		d->depth = depth;
	else
		d->sum += dive_down(d, depth + 1);
	context_switch(&inside, &outside);
	return here;
}

static void dive_inside(void *arg)
{
	struct dive *d = arg;

	dive_down(d, 1);
	d->sum = -d->sum;
	context_switch(&inside, &outside);
}

/* Down the stack and up again, a switch in every frame. */
static bool check_recursion(void)
{
	struct dive d = {.deepest = stack + STACK - SMALL * 3 / 4};
	long switches = 0;

	memset(stack, 'x', STACK - SMALL);
	for (begin(dive_inside, &d); d.sum >= 0; switches++)
		context_switch(&outside, &inside);
	for (int i = 0; i < STACK - SMALL; i++)
		if (stack[i] != 'x')
			return false;
	return d.depth > 10 && switches == d.depth &&
	       -d.sum == d.depth * (d.depth + 1) / 2 - 1;
}

/* --- unwinding ----------------------------------------------------------------------
 */

struct trace {
	int frames;
	uintptr_t last;
	_Unwind_Reason_Code end;
};

static _Unwind_Reason_Code trace_frame(struct _Unwind_Context *c, void *arg)
{
	struct trace *t = arg;

	if (_Unwind_GetIP(c) != 0) /* some unwinders show the end as a frame */
		t->last = _Unwind_GetIP(c);
	return ++t->frames < 100 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

__attribute__((noinline)) static int trace_deep(struct trace *t, int depth)
{
	if (depth > 0)
		return trace_deep(t, depth - 1) + 1;
	t->end = _Unwind_Backtrace(trace_frame, t);
	return 0;
}

static void trace_inside(void *arg)
{
	trace_deep(arg, 5);
	context_switch(&inside, &outside);
}

/* The outermost frame is the entry's, and the unwinder knows. */
static bool check_unwinding(void)
{
	const uintptr_t entry = (uintptr_t)context_entry;
	struct trace t = {0};

	begin(trace_inside, &t);
	return t.end == _URC_END_OF_STACK && t.frames >= 3 && t.frames < 20 &&
	       t.last > entry && t.last < entry + 64;
}

/* --- many ---------------------------------------------------------------------------
 */

struct one {
	struct context context;
	long turns;
};

static void one_inside(void *arg)
{
	struct one *o = arg;

	for (;;) {
		o->turns++;
		context_switch(&o->context, &outside);
	}
}

static bool check_many(void)
{
	struct one *all = calloc(MANY, sizeof *all);
	char *stacks = malloc((size_t)MANY * TINY);
	bool right = all && stacks;

	for (int i = 0; right && i < MANY; i++)
		context_make(&all[i].context, stacks + (size_t)(i + 1) * TINY,
			     one_inside, &all[i]);
	for (int i = 0; right && i < 3 * MANY; i++)
		context_switch(&outside, &all[i % MANY].context);
	for (int i = 0; right && i < MANY; i++)
		right = all[i].turns == 3;
	free(stacks);
	free(all);
	return right;
}

int main(void)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} checks[] = {
		{"back and forth", check_ping_pong},
		{"registers that calls preserve are preserved", check_preserved},
		{"what lives across a switch stays", check_live},
		{"the stack is aligned at the entry", check_alignment},
		{"a switch in every frame of a recursion", check_recursion},
		{"unwinding ends at the entry", check_unwinding},
		{"100,000 contexts", check_many},
	};
	const int n = sizeof checks / sizeof checks[0];
	int failed = 0;

	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		const bool right = checks[i].run();

		printf("%sok %d - %s\n", right ? "" : "not ", i + 1, checks[i].name);
		failed += !right;
	}
	return failed != 0;
}
