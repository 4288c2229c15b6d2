/* SPDX-License-Identifier: BSD-2-Clause */
/* base.c - stacks from one arena, each above a page that nobody may touch.  A stack
 * that was given back cannot be touched either, and comes last to be taken again: so
 * who still uses it is found out. */
#include "base.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GUARD_BYTES = 4096, SLOT_BYTES = GUARD_BYTES + STACK_BYTES, SLOTS = 10240 };

int base_report_fd = -1;

static struct {
	char *arena;
	unsigned taken, given; /* free-running; those between are free */
	uint16_t ring[SLOTS];
	bool live[SLOTS];
} base;

static void say(int fd, const char *text)
{
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		_exit(4);
}

static void tell(const char *word, const char *sentence)
{
	say(base_report_fd, word);
	say(STDERR_FILENO, sentence);
}

static _Noreturn void fail(const char *word, const char *sentence)
{
	tell(word, sentence);
	_exit(3);
}

static int slot_of(const void *p)
{
	uintptr_t offset = (uintptr_t)p - (uintptr_t)base.arena;

	return base.arena && offset < (uintptr_t)SLOTS * SLOT_BYTES
		       ? (int)(offset / SLOT_BYTES)
		       : -1;
}

static char *slot_stack(int slot)
{
	return base.arena + (size_t)slot * SLOT_BYTES + GUARD_BYTES;
}

/* Says whose memory it was; then the fault happens again and ends the program. */
static void fault_tell(int number, siginfo_t *info, void *unused)
{
	char *at = info->si_addr;
	int slot = slot_of(at);

	(void)unused;
	if (slot < 0)
		tell("fault elsewhere\n", "base: a bad address was used\n");
	else if (at < slot_stack(slot))
		tell("fault between\n",
		     "base: a stack overflowed, or was left at its top\n");
	else
		tell("fault freed\n", "base: a stack was used that is not taken\n");
	signal(number, SIG_DFL);
}

static void faults_watch(void)
{
	static char room[16 * 1024];
	stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
	struct sigaction act = {.sa_sigaction = fault_tell,
				.sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &act, NULL);
}

static int arena_make(void)
{
	void *arena = mmap(NULL, (size_t)SLOTS * SLOT_BYTES, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (arena == MAP_FAILED)
		return -1;
	base.arena = arena;
	for (unsigned i = 0; i < SLOTS; i++)
		base.ring[i] = (uint16_t)i;
	base.given = SLOTS;
	faults_watch();
	return 0;
}

void *stack_get(void)
{
	if ((!base.arena && arena_make() < 0) || base.taken == base.given)
		return NULL;
	int slot = base.ring[base.taken % SLOTS];

	if (mprotect(slot_stack(slot), STACK_BYTES, PROT_READ | PROT_WRITE) < 0)
		return NULL;
	base.taken++;
	base.live[slot] = true;
	return slot_stack(slot);
}

void stack_put(void *stack)
{
	int slot = slot_of(stack);

	if (slot < 0 || !base.live[slot] || stack != slot_stack(slot))
		fail("bad-put\n", "base: what was given back is no stack\n");
	if (slot_of(__builtin_frame_address(0)) == slot)
		fail("own-stack\n", "base: a thread gave back the stack it runs on\n");
	madvise(stack, STACK_BYTES, MADV_DONTNEED);
	mprotect(stack, STACK_BYTES, PROT_NONE);
	base.live[slot] = false;
	base.ring[base.given++ % SLOTS] = (uint16_t)slot;
}

size_t stacks_live(void)
{
	return base.arena ? SLOTS - (base.given - base.taken) : 0;
}

_Noreturn void threads_stuck(void)
{
	fail("stuck\n", "base: every thread waits, and nobody is left to wake one\n");
}
