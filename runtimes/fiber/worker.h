/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.h - inside the runtime: fibers, the kernel threads that run them, and how one
 * blocks and another wakes it.  The rule that makes it safe with several workers: who
 * blocks holds the guard of what it waits for until it is off its stack; so nobody can
 * wake it before. */
#ifndef DUALITY_FIBER_WORKER_H
#define DUALITY_FIBER_WORKER_H

#include "context.h"
#include "fiber.h"
#include "stack.h"
#include "wheel.h"

#include <stdatomic.h>

/* What a fiber waits for, for reports: kind and object. */
enum wait_kind {
	WAIT_NONE, /* it runs or is ready */
	WAIT_MUTEX,
	WAIT_COND,
	WAIT_SEM,
	WAIT_JOIN,
	WAIT_SLEEP,
	WAIT_FD,
	WAIT_CALL
};

enum fiber_state { FIBER_FREE, FIBER_READY, FIBER_RUNNING, FIBER_BLOCKED, FIBER_ENDED };

struct fiber {
	struct context context; /* where it goes on */
	struct fiber *next;     /* in the one queue it is in */
	struct worker *worker;  /* that runs it, or ran it last */
	_Atomic(enum fiber_state) state;
	_Atomic(bool) waiting; /* who clears it wakes it: wait_claim */
	bool timed_out;
	bool detached;
	enum wait_kind kind;
	const void *object;
	struct wheel_timer timer;
	struct worker *timer_worker; /* whose wheel it is in */
	intptr_t value;              /* from whoever wakes it */
	void *(*run)(void *arg);
	void *arg, *result;
	struct fiber *joiner;
	struct fiber_guard guard; /* of joiner, detached and its end */
	_Atomic(uint64_t) generation;
	const char *name;
	void **values; /* of keys, FIBER_KEYS; NULL: none set yet */
	struct stack stack;
	void *sanitizer;        /* TSan's fiber, ASan's fake stack */
	struct fiber *all_next; /* every fiber ever made, for reports and gdb */
};

struct wait_ops;

struct worker {
	struct fiber *current;
	struct fiber_queue ready;
	uint64_t ready_count;
	struct fiber_guard guard;   /* of ready, between workers */
	struct fiber_guard *let_go; /* to open once off the last fiber's stack */
	struct fiber *again; /* to make ready once off its stack (several workers) */
	struct fiber *ended; /* whose stack may be reused once off it */
	unsigned turns;      /* switches since the last look at the back end */
	struct fiber
		root; /* the kernel thread's own stack: waits when nobody is ready */
	struct wheel wheel;
	struct fiber_guard wheel_guard;
	void *wait;           /* the back end's */
	_Atomic(bool) asleep; /* in the back end: must be woken */
	struct stack_pool stacks;
	struct fiber *free; /* descriptors */
	struct fiber_counters count;
	unsigned number;
};

/* One runtime a process. */
struct runtime {
	struct fiber_options options;
	const struct wait_ops *ops;
	struct worker *workers;
	unsigned worker_count;
	_Atomic(uint64_t) live; /* fibers that have not ended */
	_Atomic(uint64_t)
		outside; /* waits that something outside will end: descriptors,
			    calls; with none, no timer and none ready: deadlock */
	struct fiber *_Atomic all;
	_Atomic(bool) stopping;
	int result;
};

extern struct runtime fiber_runtime;

/* The calling kernel thread's worker.  Not to be kept over anything that may switch: a
 * fiber may go on on another one. */
struct worker *worker_self(void);
struct fiber *fiber_current(void);

/* A guard is a lock between workers, held for moments, and over a switch only by
 * wait_for below.  While there is one worker nothing is locked. */
void guard_take(struct fiber_guard *g);
void guard_drop(struct fiber_guard *g);

/* Block the calling fiber until somebody that has claimed it wakes it, or until
 * deadline_ns. `guard` (NULL: none) is held by the caller, and opened once it is off
 * its stack.  Returns 0 or -ETIMEDOUT; after that the caller may still be linked into
 * the object's queue and is to take itself out, under the guard. */
int wait_for(struct fiber_guard *guard, enum wait_kind kind, const void *object,
	     uint64_t deadline_ns);

/* True for exactly one of those who want to wake f from its present wait. */
bool wait_claim(struct fiber *f);

/* Make f, claimed, ready to run on the worker it ran on last.  From any kernel thread.
 */
void wait_wake(struct fiber *f);

/* Queues of fibers, by their next. */
void queue_put(struct fiber_queue *q, struct fiber *f);
struct fiber *queue_take(struct fiber_queue *q); /* or NULL */
bool queue_remove(struct fiber_queue *q, struct fiber *f);

/* How a runtime waits for what is outside; one struct a back end. */
struct wait_ops {
	const char *name;
	int (*open)(struct worker *w); /* 0 or -errno */
	void (*close)(struct worker *w);
	/* On the worker's root: wake those whose waits have ended; sleep for at most
	 * timeout_ns (0: only look; FIBER_FOREVER).  Returns how many it woke. */
	int (*poll)(struct worker *w, uint64_t timeout_ns);
	/* Make poll of w, on another kernel thread, return soon. */
	void (*wake)(struct worker *w);
	/* On a fiber; see fiber_wait_fd. */
	int (*wait_fd)(int fd, short events, uint64_t deadline_ns);
	void (*forget)(int fd);
	/* May be NULL: then fiber_read and its like try, and wait_fd. */
	ssize_t (*read)(int fd, void *buffer, size_t len);
	ssize_t (*writev)(int fd, const struct iovec *iov, int n);
	int (*accept)(int fd);
	ssize_t (*pread)(int fd, void *buffer, size_t len, off_t offset);
};

extern const struct wait_ops wait_epoll, wait_uring, wait_relinquish;

/* NULL: there is none of that name (in this build). */
const struct wait_ops *wait_named(const char *name);

/* Helper threads of fiber_call. */
int helpers_start(unsigned n);
void helpers_stop(void);

/* A handler of SIGSEGV on a stack of its own, that tells an overflow as such. */
int overflow_watch(struct worker *w);
#endif
