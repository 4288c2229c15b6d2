/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_step_test.c - a process killed at any instruction of every critical
 * section: a child plays a script that comes by all of them, ptrace(2) steps it into
 * one of them and kills it there; afterwards nothing may be lost. */
#include "config.h"

#include "cache_fixture.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* STEPS: instructions made in one section, over all its trials.  Long sections are
 * sampled, unless the program is called with an argument. */
enum { PAGES = 12, PINS = 16, STEPS = 15000, LIMIT_S = 900 };
enum { DENIED = 77 };

static const uint64_t NOW = 5000000000;
static const uint64_t LATER = 6500000000;

static struct fixture f;
static struct body held; /* the parent's pin of "/a" */
static unsigned section_wanted, nested_at;
static bool sampled = true;

static void section_enter(unsigned n)
{
	if (n == section_wanted)
		raise(SIGUSR1);
}

static void use(const char *path, uint64_t now_ns, bool load)
{
	struct body b;

	if (load)
		cache_load(f.cache, path, now_ns, &b);
	else
		cache_get(f.cache, path, now_ns, &b);
	body_release(&b);
}

/* Just before "/f" is published another load of it is faster: it will be adopted. */
static void section_nest(unsigned n)
{
	if (n != nested_at)
		return;
	nested_at = 0;
	use("/f", NOW, true);
}

/* Every way through the tables. */
static void script_play(void)
{
	struct body old;

	use("/a", NOW, false);
	use("/b", LATER, true); /* unchanged */
	use("/d", NOW, true);   /* room is free */
	use("/e", NOW, true);   /* another must go */
	fixture_replace(&f, "/a", 5000, 11);
	use("/a", LATER, true); /* the old one is held */
	fixture_replace(&f, "/e", 7000, 15);
	use("/e", LATER, true); /* the old one is free at once */
	nested_at = fixture_hooks.n + 3;
	use("/f", NOW, true);
	cache_get(f.cache, "/f", NOW, &old);
	fixture_replace(&f, "/f", 9000, 16);
	use("/f", LATER, true);
	body_release(&old); /* the last pin of a replaced one */
	cache_owner_died(f.cache, getpid());
	_exit(0);
}

static void child_run(unsigned section)
{
	alarm(LIMIT_S);
	section_wanted = section;
	fixture_hooks = (struct fixture_hooks){
		.before = section_nest,
		.inside = section_enter,
		.leaving = section_enter,
	};
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(DENIED);
	raise(SIGUSR2);
	script_play();
}

/* Let the child go on; what it stopped by next, or 0 when it has ended. */
static int child_next(pid_t pid, enum __ptrace_request how, int *status)
{
	if (how != 0)
		assert_int_equal(ptrace(how, pid, NULL, NULL), 0);
	assert_int_equal(waitpid(pid, status, 0), pid);
	return WIFSTOPPED(*status) ? WSTOPSIG(*status) : 0;
}

/* It stays a zombie: its id is still taken, so that the repair must count its pins. */
static void child_kill(pid_t pid)
{
	siginfo_t info;

	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(info.si_code, CLD_KILLED);
}

static void trial_open(void)
{
	static const char *names[] = {"/a", "/b", "/c"};

	assert_int_equal(
		cache_create(&f.cache, f.root, PAGES * CACHE_PAGE, PINS, &fixture_lock),
		0);
	fixture_replace(&f, "/a", 5000, 1);
	fixture_replace(&f, "/e", 7000, 5);
	fixture_replace(&f, "/f", 9000, 6);
	for (unsigned i = 0; i < 3; i++) {
		struct body b;

		assert_int_equal(cache_load(f.cache, names[i], NOW, &b), 0);
		if (i == 0)
			held = b;
		else
			body_release(&b);
	}
}

static bool gives(const char *path, size_t size, unsigned seed)
{
	struct body b;
	bool same =
		cache_get(f.cache, path, NOW, &b) != 0 || fixture_same(&b, size, seed);

	body_release(&b);
	return same;
}

/* Whatever entry is free is taken and let go, so that a pin which wrongly names it
 * shows. */
static void entries_reuse(void)
{
	char path[16];

	for (unsigned i = 0; i < PAGES; i++) {
		snprintf(path, sizeof(path), "/fill%u", i);
		use(path, NOW, true);
	}
}

/* What the dead child left: our pin holds, what is found is right, nothing leaked. */
static void trial_close(pid_t pid, bool died_inside)
{
	assert_in_range(fixture_stats(f.cache).pins_used, 1, 3);
	assert_int_equal(fixture_repairs(), died_inside);
	assert_true(gives("/a", 5000, 1) || gives("/a", 5000, 11));
	assert_true(gives("/b", 8000, 2));
	assert_true(gives("/c", 8000, 3));
	assert_true(gives("/d", 8000, 4));
	assert_true(gives("/e", 7000, 5) || gives("/e", 7000, 15));
	assert_true(gives("/f", 9000, 6) || gives("/f", 9000, 16));
	if (died_inside) {
		entries_reuse();
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	cache_owner_died(f.cache, pid);
	assert_int_equal(fixture_stats(f.cache).pins_used, 1);
	assert_true(fixture_same(&held, 5000, 1));
	body_release(&held);
	fixture_fill(&f);
	cache_destroy(f.cache);
}

/* Kill a child after so many instructions of the section.  Returns how many it made
 * before the section's end, or -1 when the script has no such section. */
static long trial_run(unsigned section, long instructions)
{
	long made = 0;
	int status, stop;
	pid_t pid;

	trial_open();
	pid = fork();
	if (pid == 0)
		child_run(section);
	assert_int_equal(child_next(pid, 0, &status), SIGUSR2);
	stop = child_next(pid, PTRACE_CONT, &status);
	if (stop == SIGUSR1)
		stop = SIGTRAP;
	while (stop == SIGTRAP && made < instructions) {
		stop = child_next(pid, PTRACE_SINGLESTEP, &status);
		made++;
	}
	if (stop == 0) {
		assert_int_equal(status, 0);
		made = -1;
	} else {
		child_kill(pid);
	}
	trial_close(pid, stop != 0);
	return made;
}

static bool ptrace_allowed(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : DENIED);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static void test_any_instruction(void **state)
{
	unsigned section = 1;
	long trials = 0;

	(void)state;
	if (!ptrace_allowed()) {
		print_message("# not here: may not trace a process here\n");
		return;
	}
	fixture_open(&f, PAGES, PINS, &lock_none);
	fixture_fill(&f); /* for its files */
	cache_destroy(f.cache);
	fixture_write(&f, "/b", 8000, 2);
	fixture_write(&f, "/c", 8000, 3);
	fixture_write(&f, "/d", 8000, 4);
	for (;; section++) {
		long length = trial_run(section, LONG_MAX);
		long stride = sampled ? 1 + length * length / 2 / STEPS : 1;

		if (length < 0)
			break;
		for (long i = 0; i < length; i += stride, trials++)
			trial_run(section, i);
	}
	assert_true(section > 25);
	print_message("# %ld kills in %u sections\n", trials, section - 1);
	trial_open(); /* fixture_close takes the descriptors it found */
	body_release(&held);
	fixture_close(&f);
}

int main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_instruction),
	};

	(void)argv;
	sampled = argc < 2;
	alarm(LIMIT_S); /* a lock that is never given back must not hang the tests */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
