/* SPDX-License-Identifier: BSD-2-Clause */
/* registers.c - three contexts hand the processor around.  Each fills the registers
 * with numbers of its own before it leaves, and reports what is in them when it is
 * back. */
#include "base.h"
#include "probe.h"
#include "subject.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ABOVE_WORDS = 64, FENCE = 4 };

struct probe *probe_back;

static struct probe probes[CHALLENGE_CONTEXTS];
static unsigned turn;

/* A record between words that are not the package's. */
static struct {
	uint64_t before[FENCE];
	struct context context;
	uint64_t behind[FENCE];
} records[CHALLENGE_CONTEXTS];

static void leave(unsigned who, unsigned next)
{
	size_t count;
	const struct challenge_register *r = challenge_registers(MACHINE, &count);

	for (unsigned i = 0; i < count; i++)
		probes[who].load[i] = challenge_load(subject_key, &r[i], who, turn, i);
	probe_back = &probes[next];
	turn++;
	probe_switch(&probes[who], &records[who].context, &records[next].context);
}

static void tell(unsigned who)
{
	size_t count;

	challenge_registers(MACHINE, &count);
	for (size_t i = 0; i < count; i++)
		report("back %u %u %zu %" PRIx64 "\n", who, turn, i,
		       probes[who].seen[i]);
}

static void take_turns(unsigned who)
{
	while (turn < challenge_turns) {
		leave(who, challenge_order[turn]);
		tell(who);
	}
}

static uint64_t *stacks[CHALLENGE_CONTEXTS];
static uint64_t *top; /* of context 1; above it are words that are not its own */

static void above_set(void)
{
	top = stacks[1] + STACK_BYTES / 8 - ABOVE_WORDS;
	for (unsigned i = 0; i < ABOVE_WORDS; i++)
		top[i] = challenge_mix(subject_key, CHALLENGE_ARG, 99, i);
	for (unsigned i = 0; i < FENCE; i++)
		records[1].before[i] = records[1].behind[i] = top[i];
}

/* How many words were written that are neither record nor stack. */
static unsigned above_changed(void)
{
	unsigned changed = 0;

	for (unsigned i = 0; i < ABOVE_WORDS; i++)
		changed += top[i] != challenge_mix(subject_key, CHALLENGE_ARG, 99, i);
	for (unsigned i = 0; i < FENCE; i++)
		changed += (records[1].before[i] != top[i]) +
			   (records[1].behind[i] != top[i]);
	return changed;
}

static void *arg_of(unsigned who)
{
	return (void *)(uintptr_t)challenge_mix(subject_key, CHALLENGE_ARG, who, 0);
}

static int stacks_make(void)
{
	for (unsigned i = 1; i < CHALLENGE_CONTEXTS; i++)
		if (!(stacks[i] = stack_get()))
			return -1;
	above_set();
	return 0;
}

static void context_begin(unsigned who)
{
	uint64_t modes[2] = {0};
	size_t count;
	const struct challenge_register *r = challenge_registers(MACHINE, &count);

	for (unsigned i = 0, n = 0; i < count; i++)
		if (r[i].kind == CHALLENGE_MODE)
			modes[n++] = challenge_load(subject_key, &r[i], who, 0, i);
	void *at = who == 1 ? top : stacks[who] + STACK_BYTES / 8;

	probe_make(&records[who].context, at, probe_entry, arg_of(who), modes);
}

/* Where a context begins; `sp` is where its stack ended just before the call. */
_Noreturn void probe_begun(void *arg, uintptr_t sp, uint64_t mode, uint64_t other_mode)
{
	unsigned who = challenge_order[turn - 1];
	uintptr_t low = (uintptr_t)stacks[who];

	report("begun %u arg %" PRIx64 "\n", who, (uint64_t)(uintptr_t)arg);
	report("begun %u on-stack %d\n", who,
	       sp > low + STACK_BYTES / 2 && sp <= low + STACK_BYTES);
	report("begun %u past-16 %u\n", who, (unsigned)(sp % 16));
	report("begun %u mode %" PRIx64 "\n", who, mode);
	report("begun %u other-mode %" PRIx64 "\n", who, other_mode);
	take_turns(who);
	abort();
}

static int run(void)
{
	if (stacks_make() < 0)
		return 4;
	for (unsigned who = 1; who < CHALLENGE_CONTEXTS; who++)
		context_begin(who);
	take_turns(0);
	return 0;
}

int registers_run(void)
{
	int status = run();

	report("end\n");
	return status;
}

int entry_run(void)
{
	int status = run();

	report("changed %u\n", above_changed());
	report("end\n");
	return status;
}
