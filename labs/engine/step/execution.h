/* SPDX-License-Identifier: BSD-2-Clause */
/* execution.h - one run of the subject under one schedule.  Exactly one thread runs at
   a time; after the schedule's turns each runs until it ends, blocks or yields, then
   the next by number.  Nothing depends on time: that a thread blocks is seen at its
   futex(2), sleeps and time-outs pass at once when nobody else can run. */
#ifndef LAB_STEP_EXECUTION_H
#define LAB_STEP_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "cpu.h"
#include "mutexes.h"
#include "subject.h"
#include "turns.h"

enum thread_state { THREAD_READY, THREAD_BLOCKED, THREAD_ENDED };

struct thread {
	pid_t tid;
	unsigned number;
	enum thread_state state;
	bool inside; /* before an instruction of the code under test; then these hold:
		      */
	uint64_t at; /* where, as the program numbers it */
	struct user_regs_struct registers;
	struct cpu_instruction next;
	bool visible; /* the next instruction may matter to others */
	bool half; /* it has loaded `stale`, and will store as if it were still there */
	uint64_t stale;
	unsigned steps,
		turn_steps;  /* instructions executed, and when this turn began */
	unsigned jumps_back; /* within this turn, without a call */
	uint64_t stack_start;
	bool timed; /* blocked, but with a time-out */
	uint64_t futex;
	uint32_t futex_value; /* until it is another one, or: */
	bool until_free;      /* until nobody's thread number stands there */
	bool skipped;         /* its system call was made none, and shall return: */
	int64_t skip_result;
	bool watched; /* in a library function that spins without a system call */
	struct {
		const char *function;
		uint64_t argument[2], back;
	} call; /* out of the code under test */
};

struct breakpoint {
	uint64_t address;
	unsigned char bytes[CPU_BREAK_MAX];
};

/* A place where the search may switch. */
struct point {
	unsigned taken; /* turns before this one */
	unsigned thread, steps;
	bool half;
	uint32_t others; /* threads that could run instead, as bits */
};

enum outcome_kind {
	OUTCOME_NONE,
	OUTCOME_EXIT,     /* status: the exit status; nothing else is wrong yet */
	OUTCOME_SIGNAL,   /* status: the signal */
	OUTCOME_DEADLOCK, /* all threads wait */
	OUTCOME_ENDLESS,
	OUTCOME_MUTEX,  /* unlocked by a thread that does not hold it */
	OUTCOME_ESCAPE, /* it made a process, or became another program */
	OUTCOME_CHECK,  /* it ended, with what it should not have */
	OUTCOME_KILLED, /* from outside: the box's limits */
};

struct outcome {
	enum outcome_kind kind;
	int status;
	unsigned thread;
	char text[400];
};

enum { EXECUTION_BREAKS = 1024, EXECUTION_NAMES = 32, EXECUTION_CALLS = 64 };

/* How often the code under test has called a function that is not. */
struct calls {
	const char *function;
	unsigned times;
};

struct story;

struct execution {
	struct subject *subject;
	const struct turns *plan;
	unsigned steps_max;
	bool every;          /* each instruction is a point */
	struct story *story; /* is told what happens, or NULL */

	pid_t pid;
	struct thread thread[TURNS_THREADS];
	unsigned threads, current;
	int turn;      /* of the plan; -1: before its first */
	bool due;      /* the instruction that was executed last is one of those: */
	unsigned seen; /* loads or stores that this turn waits for */
	unsigned not_taken; /* turns of the plan whose thread could not run */
	unsigned ticks;
	struct turns taken; /* the turns as they were */
	struct point *points;
	unsigned n_points, room_points;
	struct breakpoint breaks[EXECUTION_BREAKS];
	unsigned n_breaks;
	struct mutexes mutexes;
	struct calls calls[EXECUTION_CALLS];
	uint64_t unnamed[EXECUTION_NAMES]; /* addresses that have no name, as they came
					      up */
	unsigned n_unnamed;
	struct outcome outcome;
};

/* Called at the end of the program, its memory still there: may make the outcome
 * another. */
typedef void execution_judge(struct execution *x, void *argument);

/* Runs it once, to an outcome.  `x` must be zero but for its first five members; the
   caller frees it with execution_free().  0 or -errno: it could not be run to its end.
 */
int execution_run(struct execution *x, execution_judge *judge, void *argument);
void execution_free(struct execution *x);

/* What a thread could do next, seen now. */
bool execution_can_run(struct execution *x, const struct thread *t);

/* The name of what is at an address: "hits", "accounts+16", "memory #1". */
void execution_name(struct execution *x, uint64_t address, char *text, size_t room);

/* Says how it ended: the first outcome counts. */
void execution_over(struct execution *x, enum outcome_kind kind, int status,
		    unsigned thread, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
