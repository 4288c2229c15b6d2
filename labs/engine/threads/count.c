/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c - counts the instructions of each operation, by stepping the subject from one
 * of its marks (int3) to the next, among few threads and among many.  No clock is
 * looked at, and addresses are the same each time, so that the counts are. */
#include "config.h"

#include "challenge.h"
#include "threads.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

enum { FEW = 10, MANY = 10000, ROUNDS = 5, OPERATIONS = 6, STEPS_MAX = 20000 };

static const char *const operations[OPERATIONS] = {"yield",  "block", "wake",
						   "create", "exit",  "join"};

/* Instructions of each operation: the least of its rounds, as a first call also links.
 */
struct counts {
	unsigned least[OPERATIONS], regions;
	unsigned most[OPERATIONS]; /* beyond which there is no more counting */
};

struct stepper {
	pid_t pid;
	bool inside;
	unsigned steps;
	struct counts *counts;
};

static void mark(struct stepper *s)
{
	s->inside = !s->inside;
	if (!s->inside) {
		unsigned *least = &s->counts->least[s->counts->regions++ % OPERATIONS];

		if (!*least || s->steps < *least)
			*least = s->steps;
	}
	s->steps = 0;
}

/* What to hand on to the subject of the signal that stopped it. */
static int stop_look(struct stepper *s, int status)
{
	siginfo_t info;

	if (status >> 16)
		return 0;
	if (WSTOPSIG(status) != SIGTRAP)
		return WSTOPSIG(status);
	if (ptrace(PTRACE_GETSIGINFO, s->pid, NULL, &info) < 0)
		return 0;
	if (info.si_code == SI_KERNEL)
		mark(s);
	else
		s->steps++;
	return 0;
}

static const unsigned *most_of(const struct counts *c)
{
	return &c->most[c->regions % OPERATIONS];
}

/* Steps through what is counted, unless it is already too long, and runs the rest. */
static int steps_take(struct stepper *s)
{
	int signal = 0, status;

	for (;;) {
		bool step = s->inside && s->steps < *most_of(s->counts);

		if (ptrace(step ? PTRACE_SINGLESTEP : PTRACE_CONT, s->pid, NULL,
			   (void *)(intptr_t)signal) < 0 &&
		    errno != ESRCH)
			return -errno;
		if (waitpid(s->pid, &status, __WALL) < 0)
			return errno == ECHILD ? 0 : -errno;
		if (!WIFSTOPPED(status))
			return 0;
		signal = stop_look(s, status);
	}
}

static bool counted_right(struct run *run, const struct counts *c, unsigned threads)
{
	const char *line = run_line(run);
	uint64_t value;

	return line && sscanf(line, "counted %" SCNx64, &value) == 1 &&
	       value == challenge_mix(run->key, CHALLENGE_COUNT, threads, 0) &&
	       c->regions == ROUNDS * OPERATIONS;
}

static void wrong_print(struct run *run, const struct counts *c, unsigned threads)
{
	const char *trouble = run->count ? run_trouble(run->lines[0]) : NULL;

	printf("Among %u threads the operations were not done to the end:\n", threads);
	if (run->count && !strcmp(run->lines[0], "got-none"))
		printf("  thread_create() returned NULL\n");
	if (trouble)
		printf("  %s\n", trouble);
	if (c->regions < ROUNDS * OPERATIONS)
		printf("  it came as far as: %s\n",
		       operations[c->regions % OPERATIONS]);
	printf("  %s\n", run_ending(run));
}

/* Between run_begin() and run_finish() this process is the tracer. */
static enum verdict count(unsigned threads, struct counts *c)
{
	char number[16];
	struct run run = {.machine = "x86_64", .args = {"count", number}};
	struct box box;
	int fds[2];

	snprintf(number, sizeof number, "%u", threads);
	box_plan_init(&run.plan);
	run.plan.traced = true;
	enum verdict verdict = run_begin(&run, &box, fds);

	if (verdict != VERDICT_PASS)
		return verdict;
	int error = steps_take(&(struct stepper){.pid = box.pid, .counts = c});

	if (error < 0)
		box_kill(&box);
	verdict = run_finish(&run, &box, fds);
	if (verdict != VERDICT_PASS || error < 0) {
		fprintf(stderr, "lab-threads: steps: %s\n", strerror(-error));
		return VERDICT_BROKEN;
	}
	if (!counted_right(&run, c, threads)) {
		wrong_print(&run, c, threads);
		verdict = VERDICT_FAIL;
	}
	run_free(&run);
	return verdict;
}

static void number_print(unsigned n, unsigned most)
{
	char text[20];

	snprintf(text, sizeof text, "%s%u", n < most ? "" : "more than ", n);
	printf("%17s", text);
}

/* A tenth more is for an allocator's sake. */
static bool row_judge(unsigned i, const struct counts *few, const struct counts *many)
{
	bool right = few->least[i] < few->most[i] &&
		     10 * (uint64_t)many->least[i] <= 11 * (uint64_t)few->least[i];

	printf("  thread_%-7s", operations[i]);
	number_print(few->least[i], few->most[i]);
	number_print(many->least[i], many->most[i]);
	printf("%s\n", right ? "" : "   grows with the number of threads");
	return right;
}

static bool operation_find(const char *name, unsigned *i)
{
	for (*i = 0; *i < OPERATIONS; ++*i)
		if (!strcmp(name, operations[*i]))
			return true;
	return false;
}

enum verdict count_judge(char *const names[])
{
	struct counts few = {.regions = 0}, many = few;
	unsigned op;

	for (op = 0; op < OPERATIONS; op++)
		few.most[op] = STEPS_MAX;
	enum verdict verdict = count(FEW, &few);

	for (op = 0; op < OPERATIONS; op++)
		many.most[op] = 2 * few.least[op];
	if (verdict == VERDICT_PASS)
		verdict = count(MANY, &many);
	if (verdict != VERDICT_PASS)
		return verdict;
	printf("Instructions, counted one by one, half of the threads being ready and "
	       "half "
	       "blocked:\n\n  among          %10d threads%9d threads\n",
	       FEW, MANY);
	for (; *names; names++) {
		if (!operation_find(*names, &op)) {
			fprintf(stderr, "lab-threads: no operation: %s\n", *names);
			return VERDICT_BROKEN;
		}
		if (!row_judge(op, &few, &many))
			verdict = VERDICT_FAIL;
	}
	if (verdict == VERDICT_FAIL)
		printf("\nAt most a tenth more is allowed among %d.\n", MANY);
	return verdict;
}
