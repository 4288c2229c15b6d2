/* SPDX-License-Identifier: BSD-2-Clause */
/* try.c - see try.h. */
#include "config.h"

#include "try.h"

#include "annotate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static _Atomic(unsigned) wrong;

void expect(bool ok, const char *what)
{
	if (ok)
		return;
	atomic_fetch_add(&wrong, 1);
	fprintf(stderr, "# not so: %s\n", what);
}

void try_run_with(const struct fiber_options *options, int (*body)(void *arg))
{
	atomic_store(&wrong, 0);
	assert_int_equal(fiber_run(options, body, NULL), 0);
	assert_int_equal(atomic_load(&wrong), 0);
}

void try_run(unsigned workers, int (*body)(void *arg))
{
	const struct fiber_options options = {.workers = workers};

	try_run_with(&options, body);
}

struct fiber_id try_create(const char *name, void *(*run)(void *arg), void *arg)
{
	const struct fiber_attr attr = {.name = name};
	struct fiber_id id;
	const int error = fiber_create(&id, &attr, run, arg);

	if (error < 0) {
		fprintf(stderr, "# fiber_create: %s\n", strerror(-error));
		abort();
	}
	return id;
}

static void all_read(int fd, char *text, size_t most)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, most - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while ((n > 0 && len < most - 1) || (n < 0 && errno == EINTR));
	text[len] = '\0';
}

void child_run(struct child *c, int (*body)(void *arg), void *arg)
{
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		alarm(CHILD_MOST_S);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		_exit(body(arg));
	}
	close(ends[1]);
	all_read(ends[0], c->said, sizeof c->said);
	close(ends[0]);
	assert_int_equal(waitpid(child, &c->status, 0), child);
}

void assert_said(const struct child *c, const char *what)
{
	if (!strstr(c->said, what))
		fprintf(stderr, "# %s: not in what was said:\n%s", what, c->said);
	assert_non_null(strstr(c->said, what));
}

void assert_not_said(const struct child *c, const char *what)
{
	assert_null(strstr(c->said, what));
}

void assert_ended_by(const struct child *c, int number)
{
	assert_true(WIFSIGNALED(c->status) && WTERMSIG(c->status) == number);
}

/* The thread sanitizer gives up a child that starts threads, unless it is told. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}

unsigned workers_of(void **state)
{
	return (unsigned)(uintptr_t)*state;
}

bool is_sanitized(void)
{
#ifdef FIBER_SANITIZED
	return true;
#else
	return false;
#endif
}

bool is_thread_sanitized(void)
{
#ifdef __SANITIZE_THREAD__
	return true;
#else
	return false;
#endif
}
