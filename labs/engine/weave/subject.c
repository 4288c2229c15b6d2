/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.c - a program under lab-weave: prepares itself, and then makes a child of
 * itself for each thread that the judge wants to hear about (page.h). */
#include "config.h"

#include "subject.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_NS = 50000000, ENDLESS_S = 1 };

static struct wire wire = {.fd = -1};
static struct page *page;
static const struct weave_model *subject;
static bool busy;             /* in here: what is copied is ours */
static struct lane *lane;     /* NULL: not one of the threads */
static const char *stack_top; /* of this thread */
static uint32_t asked, told;  /* told since it asked last */
static uint64_t trail;
/* A plain write that has been announced; size 0: none has. */
static struct {
	const volatile char *at;
	size_t size;
	void *pc;
} writing;

/* Nothing is assumed about where it is, or how it is aligned. */
uint64_t subject_peek(const volatile void *at, size_t size)
{
	const volatile unsigned char *from = at;
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		((unsigned char *)&value)[i] = from[i];
	return value;
}

void subject_poke(volatile void *at, size_t size, uint64_t value)
{
	volatile unsigned char *to = at;

	for (size_t i = 0; i < size; i++)
		to[i] = ((unsigned char *)&value)[i];
}

bool subject_shares(const volatile void *at)
{
	const char *here = __builtin_frame_address(0);

	return lane && !busy &&
	       ((const volatile char *)at < here ||
		(const volatile char *)at >= stack_top);
}

/* Until the judge answers. */
static void answer_await(void)
{
	int status;

	wire_give(&lane->turn, WIRE_JUDGE);
	do
		status = wire_await(&lane->turn, WIRE_SUBJECT, LOOK_NS);
	while (status < 0);
	if (!lane->leave)
		return;
	wire_give(&lane->turn, WIRE_JUDGE);
	_exit(0);
}

static void op_put(const struct op *op)
{
	lane->op[lane->ops++] = *op;
}

static uint64_t ask(const struct op *op)
{
	told = 0;
	if (asked < lane->answers) {
		trail = page_trail(trail, op);
		return lane->old[asked++];
	}
	lane->trail = trail;
	trail = page_trail(trail, op);
	op_put(op);
	answer_await();
	asked++;
	lane->ops = 0;
	return lane->answer;
}

static void tell(const struct op *op)
{
	const struct op more = {.kind = OP_MORE};

	if (told == PAGE_OPS - 1)
		ask(&more);
	told++;
	if (asked >= lane->answers)
		op_put(op);
}

/* As much as is within one aligned word. */
static size_t piece(const volatile char *at, size_t size)
{
	size_t most = sizeof(uint64_t) - (uintptr_t)at % sizeof(uint64_t);

	return size < most ? size : most;
}

/* The write that was about to happen has happened. */
static void writing_settle(void)
{
	for (size_t n; writing.size; writing.size -= n, writing.at += n) {
		struct op op = {.kind = OP_WRITE,
				.at = (uintptr_t)writing.at,
				.pc = (uintptr_t)writing.pc};

		n = piece(writing.at, writing.size);
		op.size = (uint8_t)n;
		op.value = subject_peek(writing.at, n);
		tell(&op);
	}
}

uint64_t subject_ask(struct op *op)
{
	uint64_t answer;

	busy = true;
	writing_settle();
	answer = ask(op);
	busy = false;
	return answer;
}

void subject_tell(struct op *op)
{
	busy = true;
	writing_settle();
	tell(op);
	busy = false;
}

void subject_write(const volatile void *at, size_t size, void *pc)
{
	busy = true;
	writing_settle();
	writing.at = at;
	writing.size = size;
	writing.pc = pc;
	busy = false;
}

void subject_read(const volatile void *at, size_t size, void *pc)
{
	const volatile char *from = at;
	uint64_t answer;

	busy = true;
	writing_settle();
	for (size_t n; size; size -= n, from += n) {
		struct op op = {
			.kind = OP_READ, .at = (uintptr_t)from, .pc = (uintptr_t)pc};

		n = piece(from, size);
		op.size = (uint8_t)n;
		op.was = subject_peek(from, n);
		answer = ask(&op);
		/* constants are in memory that nobody can write */
		if (answer != op.was)
			subject_poke((volatile void *)(uintptr_t)from, n, answer);
	}
	busy = false;
}

/* One thread, in a process of its own.  Never returns. */
static _Noreturn void thread_run(struct lane *mine, void (*body)(void))
{
	const struct rlimit cpu = {ENDLESS_S, ENDLESS_S + 1}, core = {0, 0};
	struct op done = {.kind = OP_DONE};

	signal(SIGCHLD, SIG_DFL);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
	stack_top = __builtin_frame_address(0);
	lane = mine;
	body();
	for (;;)
		subject_ask(&done);
}

/* Children that ended without being told to. */
static void children_reap(pid_t *child)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (uint32_t i = 0; i < PAGE_LANES; i++) {
			struct lane *l = &page->lane[i];

			if (child[i] != pid)
				continue;
			child[i] = 0;
			if (l->leave)
				continue;
			l->died = 1 + (uint32_t)status;
			wire_give(&l->turn, WIRE_JUDGE);
		}
	}
}

static void child_woke(int number)
{
	(void)number;
}

/* Makes children as the judge asks for them, until the box ends. */
static _Noreturn void children_make(void)
{
	pid_t child[PAGE_LANES] = {0};
	const struct sigaction wakes = {.sa_handler = child_woke};

	sigaction(SIGCHLD, &wakes, NULL);
	for (;;) {
		uint32_t start;

		children_reap(child);
		if (wire_await(&page->turn, WIRE_SUBJECT, LOOK_NS) < 0)
			continue;
		start = page->start % PAGE_LANES;
		if (child[start] > 0)
			waitpid(child[start], NULL, 0);
		page->lane[start].leave = 0;
		child[start] = fork();
		if (child[start] == 0) {
			uint32_t thread = page->lane[start].thread;

			thread_run(&page->lane[start],
				   thread == page->threads
					   ? subject->finish
					   : subject->threads[thread].body);
		}
		if (child[start] < 0)
			_exit(3);
		wire_give(&page->turn, WIRE_JUDGE);
	}
}

static void text_put(char to[PAGE_TEXT], const char *from)
{
	size_t i = 0;

	for (; from[i] && i < PAGE_TEXT - 1; i++)
		to[i] = from[i];
	to[i] = 0;
}

static void range_add(const volatile void *at, size_t size, const char *name)
{
	struct range *range;

	if (!page || lane || page->ranges == PAGE_RANGES)
		return;
	range = &page->range[page->ranges++];
	range->at = (uintptr_t)at;
	range->size = size;
	text_put(range->name, name);
}

void weave_name(const volatile void *at, size_t size, const char *name)
{
	range_add(at, size, name);
}

void weave_unwritten(const volatile void *at, size_t size)
{
	range_add(at, size, "");
}

int weave_main(const struct weave_model *model)
{
	const struct weave_thread *thread = model->threads;

	if (wire_join(&wire, sizeof *page) < 0) {
		fprintf(stderr, "start me with lab-weave: lab-weave -- PROGRAM\n");
		return 2;
	}
	page = wire.page;
	subject = model;
	if (model->prepare)
		model->prepare();
	for (; thread->name && page->threads < WEAVE_THREADS_MOST; thread++) {
		text_put(page->name[page->threads], thread->name);
		page->may_sleep[page->threads++] = thread->may_sleep;
	}
	page->finishes = model->finish != NULL;
	page->magic = PAGE_MAGIC;
	wire_give(&page->turn, WIRE_JUDGE);
	children_make();
}

void weave_wait(struct weave_sem *s)
{
	struct op op = {.kind = OP_WAIT,
			.size = 4,
			.at = (uintptr_t)s,
			.was = s->count,
			.pc = (uintptr_t)__builtin_return_address(0)};

	if (lane)
		subject_ask(&op);
	else if (s->count)
		s->count--;
}

void weave_signal(struct weave_sem *s)
{
	struct op op = {.kind = OP_SIGNAL,
			.size = 4,
			.at = (uintptr_t)s,
			.was = s->count,
			.pc = (uintptr_t)__builtin_return_address(0)};

	if (lane)
		subject_ask(&op);
	else
		s->count++;
}

void weave_pause(void)
{
	struct op op = {.kind = OP_PAUSE, .pc = (uintptr_t)__builtin_return_address(0)};

	if (lane)
		subject_ask(&op);
}

void weave_again(uint64_t remembered)
{
	struct op op = {.kind = OP_AGAIN,
			.value = remembered,
			.pc = (uintptr_t)__builtin_return_address(0)};

	if (lane)
		subject_ask(&op);
}

void weave_check(bool ok, const char *says)
{
	struct op op = {.kind = OP_FAILED,
			.pc = (uintptr_t)__builtin_return_address(0)};

	if (ok || !lane)
		return;
	text_put(op.text, says);
	subject_tell(&op);
}

void weave_observe(const char *name, uint64_t value)
{
	struct op op = {.kind = OP_OBSERVE,
			.value = value,
			.pc = (uintptr_t)__builtin_return_address(0)};

	if (!lane)
		return;
	text_put(op.text, name);
	subject_tell(&op);
}

uint64_t weave_input(unsigned place)
{
	struct op op = {.kind = OP_INPUT, .at = place};

	return lane ? subject_ask(&op) : 0;
}
