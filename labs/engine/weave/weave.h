/* SPDX-License-Identifier: BSD-2-Clause */
/* weave.h - a small program of a few threads, of which lab-weave(1) tries every way it
 * can run.  Such a program is built by weave-cc: the compiler instruments each access
 * to memory, as for the thread sanitizer, and each access then asks lab-weave what it
 * finds. So code that is checked is the code that is used, unchanged: plain C11.
 *
 * What threads share are global variables, or memory that prepare() got from malloc().
 * Threads must do the same whenever they are answered the same: no time, no rand(). */
#ifndef LAB_WEAVE_H
#define LAB_WEAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEAVE_THREADS_MOST = 4 };

struct weave_thread {
	const char *name; /* NULL: the end of the list */
	void (*body)(void);
	bool may_sleep; /* in weave_wait() when all is over; else that is a finding */
};

struct weave_model {
	void (*prepare)(void); /* alone, before; may be NULL */
	const struct weave_thread *threads;
	void (*finish)(void); /* alone, after, in each execution; may be NULL */
};

/* For main(): return weave_main(&model). */
int weave_main(const struct weave_model *model);

/* A counting semaphore; give it its count before the threads start. */
struct weave_sem {
	uint32_t count;
};
void weave_wait(struct weave_sem *s); /* sleeps while the count is 0 */
void weave_signal(struct weave_sem *s);

/* In a loop that looks for something and found nothing: goes on when what it looked at
 * (atomics only) has changed. */
void weave_pause(void);

/* At the head of a loop, outside of all functions with memory of their own: all that
 * the thread itself will remember from here on is that number (what is in shared memory
 * apart). lab-weave then knows when it has been here before.  Needed by nobody but who
 * waits. */
void weave_again(uint64_t remembered);

/* What has to be true. */
void weave_check(bool ok, const char *says);

/* A part of the execution's outcome: `lab-weave --outcomes` lists all there are. */
void weave_observe(const char *name, uint64_t value);

/* The number that stands there in `lab-weave --input N,N,...`; 0 if none does. */
uint64_t weave_input(unsigned place);

/* In prepare() only.  What memory is called in pictures; which memory is to be written
 * before it is read. */
void weave_name(const volatile void *at, size_t size, const char *name);
void weave_unwritten(const volatile void *at, size_t size);

#endif
