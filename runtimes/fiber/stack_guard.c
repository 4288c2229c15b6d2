/* SPDX-License-Identifier: BSD-2-Clause */
/* stack_guard.c - guards of stacks: by advice, which costs no mapping; by protection,
 * which splits one, as long as the process may have more mappings; or by a canary. */
#include "config.h"

#include "stack_guard.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ADVICE_GUARD_INSTALL = 102, /* MADV_GUARD_INSTALL, madvise(2), Linux 6.13 */
	MAPS_MOST_DEFAULT = 65530,  /* vm.max_map_count, proc_sys_vm(5) */
	MAPS_SPARE = 4096,          /* for all that is not a stack */
	CANARY_WORDS = 8
};

/* Nothing a program stores often: no small number, address, double near 1 or text. */
static const uint64_t canary_word = UINT64_C(0xb1d0fa11d0a7ca9e);

static struct {
	pthread_once_t once;
	size_t page;
	enum stack_guard best;
	long splits_most;
} facts = {.once = PTHREAD_ONCE_INIT};

static _Atomic(long) splits; /* guards by mprotect, of all pools */

/* --- which guards there are ------------------------------------------------------ */

struct probe {
	volatile char reached, survived;
};

static void probe_caught(int number)
{
	(void)number;
	_exit(0);
}

/* In a child: touch the guard.  The handler leaves no core and no line in the kernel's
 * log.  No stdio: other threads may have held its locks. */
static void probe_touch(volatile char *guard, struct probe *p)
{
	struct sigaction caught = {.sa_handler = probe_caught};
	sigset_t none;

	sigemptyset(&none);
	sigaction(SIGSEGV, &caught, NULL);
	sigaction(SIGBUS, &caught, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	p->reached = 1;
	*guard = 1;
	p->survived = 1;
	_exit(0);
}

/* What the child found is in shared memory: its status goes to whoever waits first. */
static bool probe_in_child(char *guard, struct probe *p)
{
	const pid_t child = fork();

	if (child == 0)
		probe_touch(guard, p);
	if (child < 0)
		return false;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return p->reached && !p->survived;
}

static bool advice_works(void)
{
	const int access = PROT_READ | PROT_WRITE;
	struct probe *p =
		mmap(NULL, facts.page, access, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *guard =
		mmap(NULL, facts.page, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool works = false;

	if (p != MAP_FAILED && guard != MAP_FAILED &&
	    madvise(guard, facts.page, ADVICE_GUARD_INSTALL) == 0)
		works = probe_in_child(guard, p);
	if (p != MAP_FAILED)
		munmap(p, facts.page);
	if (guard != MAP_FAILED)
		munmap(guard, facts.page);
	return works;
}

/* Each stack so guarded is two mappings. */
static long splits_allowed(void)
{
	long maps = MAPS_MOST_DEFAULT;
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");

	if (f) {
		if (fscanf(f, "%ld", &maps) != 1)
			maps = MAPS_MOST_DEFAULT;
		fclose(f);
	}
	return maps > MAPS_SPARE ? (maps - MAPS_SPARE) / 2 : 0;
}

static void facts_find(void)
{
	facts.page = (size_t)sysconf(_SC_PAGESIZE);
	facts.splits_most = splits_allowed();
	if (advice_works())
		facts.best = STACK_GUARD_ADVICE;
	else if (facts.splits_most > 0)
		facts.best = STACK_GUARD_MPROTECT;
	else
		facts.best = STACK_GUARD_CANARY;
}

enum stack_guard stack_guard_best(void)
{
	pthread_once(&facts.once, facts_find);
	return facts.best;
}

const char *stack_guard_name(enum stack_guard guard)
{
	switch (guard) {
	case STACK_GUARD_ADVICE:
		return "MADV_GUARD_INSTALL";
	case STACK_GUARD_MPROTECT:
		return "mprotect";
	case STACK_GUARD_CANARY:
		return "canary";
	case STACK_GUARD_NONE:
		break;
	}
	return "none";
}

/* --- one guard ------------------------------------------------------------------- */

size_t guard_bytes(void)
{
	pthread_once(&facts.once, facts_find);
	return facts.page;
}

size_t stack_pages(size_t size)
{
	const size_t page = guard_bytes();

	return size > SIZE_MAX - page ? 0 : (size + page - 1) / page * page;
}

static bool split(char *page)
{
	const long before = atomic_fetch_add_explicit(&splits, 1, memory_order_relaxed);

	if (before < facts.splits_most && mprotect(page, facts.page, PROT_NONE) == 0)
		return true;
	atomic_fetch_sub_explicit(&splits, 1, memory_order_relaxed);
	return false;
}

enum stack_guard guard_install(char *page, enum stack_guard first)
{
	if (first <= STACK_GUARD_ADVICE &&
	    madvise(page, guard_bytes(), ADVICE_GUARD_INSTALL) == 0)
		return STACK_GUARD_ADVICE;
	if (first <= STACK_GUARD_MPROTECT && split(page))
		return STACK_GUARD_MPROTECT;
	return STACK_GUARD_CANARY;
}

void guard_forget(enum stack_guard guard)
{
	if (guard == STACK_GUARD_MPROTECT)
		atomic_fetch_sub_explicit(&splits, 1, memory_order_relaxed);
}

void guard_canary(char *low)
{
	uint64_t *words = (uint64_t *)(void *)low;

	for (int i = 1; i <= CANARY_WORDS; i++)
		words[-i] = canary_word;
}

bool guard_canary_lives(const char *low)
{
	const uint64_t *words = (const uint64_t *)(const void *)low;

	for (int i = 1; i <= CANARY_WORDS; i++)
		if (words[-i] != canary_word)
			return false;
	return true;
}

bool stack_is_whole(const struct stack *s)
{
	return s->guard != STACK_GUARD_CANARY || guard_canary_lives(s->low);
}

bool stack_guards(const struct stack *s, const void *address)
{
	const uintptr_t a = (uintptr_t)address, low = (uintptr_t)s->low;

	return s->guard != STACK_GUARD_NONE && a < low && a >= low - guard_bytes();
}
