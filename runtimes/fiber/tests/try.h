/* SPDX-License-Identifier: BSD-2-Clause */
/* try.h - for tests of fibers: what a fiber finds wrong is told and counted, as
 * cmocka's assertions leave by longjmp(3), which a fiber's stack cannot. */
#ifndef DUALITY_FIBER_TRY_H
#define DUALITY_FIBER_TRY_H

#include "fiber.h"

#include <stdbool.h>

enum { SAID_MOST = 8192, CHILD_MOST_S = 120 };

/* In a fiber (or not): what should hold. */
void expect(bool ok, const char *what);

/* Run body(NULL) as the first fiber (on so many workers); a failed assertion if
 * something was not as expected. */
void try_run_with(const struct fiber_options *options, int (*body)(void *arg));
void try_run(unsigned workers, int (*body)(void *arg));

/* A fiber that is there, or the test ends at once. */
struct fiber_id try_create(const char *name, void *(*run)(void *arg), void *arg);

/* Run body(arg) in a child process, which exits with what it returns, or is ended after
 * CHILD_MOST_S.  Its wait(2) status, and what it wrote to standard error. */
struct child {
	int status;
	char said[SAID_MOST];
};

void child_run(struct child *c, int (*body)(void *arg), void *arg);

/* Of cmocka's kind: it wrote that, or not; it was ended by that signal. */
void assert_said(const struct child *c, const char *what);
void assert_not_said(const struct child *c, const char *what);
void assert_ended_by(const struct child *c, int number);

/* Of a test's state, as cmocka hands it over. */
unsigned workers_of(void **state);

/* A test program is built with a sanitizer, which wants many times the memory. */
bool is_sanitized(void);
bool is_thread_sanitized(void);
#endif
