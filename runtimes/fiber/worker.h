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

struct fiber_slab;

enum {
	TURNS_MOST = 256, /* switches until the root looks at the back end: as many as
			     the events it brings at once */
	CACHE_LINE = 64   /* bytes of a cache line */
};

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

/* With one worker a fiber that is ready may have the state of one that runs, or the
 * other way round: which of them runs is known (worker.current), so that nobody writes
 * it down. */
enum fiber_state { FIBER_FREE, FIBER_READY, FIBER_RUNNING, FIBER_BLOCKED, FIBER_ENDED };

struct fiber {
	/* What a switch touches, in one line. */
	_Alignas(CACHE_LINE) struct context context; /* where it goes on */
	struct fiber *next_ready;                    /* in the one list it is in */
	struct worker *worker;                       /* that runs it, or ran it last */
	_Atomic(enum fiber_state) state;
	_Atomic(bool) waiting; /* who clears it wakes it: wait_claim */
	bool timed_out;
	bool detached;
	bool canary; /* its stack has no better guard: overflow.h */
	enum wait_kind kind;
	const void *object; /* WAIT_FD: the descriptor's number */

	/* A fiber whose wait has timed out may be ready and still be in the queue of
	 * what it waited for. */
	struct fiber *next, *prev; /* in the one queue it is in, */
	struct fiber_queue *queue; /* this one; NULL: none */
	struct wheel_timer timer;
	struct worker *timer_worker; /* whose wheel it is in */
	intptr_t value;              /* from whoever wakes it */
	void *(*run)(void *arg);
	void *arg, *result;
	struct fiber *joiner;
	unsigned held;            /* mutexes it owns */
	struct fiber_guard guard; /* of joiner, detached and its end */
	_Atomic(uint64_t) generation;
	const char *name;
	void **values; /* of keys, FIBER_KEYS; NULL: none set yet */
	struct stack stack;
	void *sanitizer;        /* TSan's fiber, or ASan's fake stack */
	struct fiber *all_next; /* every descriptor ever made, for reports and gdb */
	unsigned number;        /* of the descriptor: who has no name is told by it */
	unsigned mark;          /* the report's */
};

struct wait_ops;
struct io_call;
struct descriptor;

struct worker {
	struct fiber_queue ready;
	uint64_t look_at; /* with so many switches it is the root's turn */
	struct fiber *current;
	bool left_over; /* any of those below */

	/* Counted by this worker alone, read by others. */
	_Atomic(uint64_t) count[FIBER_COUNTS];
	struct fiber_queue paused; /* ready again after the next look */

	/* What the next to run does for the last, once off its stack: switched() */
	struct fiber_guard *let_go;     /* open this */
	struct fiber *again;            /* make this ready (several workers) */
	struct fiber *ended;            /* give its stack back */
	uint64_t told[FIBER_COUNTS];    /* of them, to options.counted */
	struct fiber_guard ready_guard; /* of ready: others steal from it */
	struct fiber
		root; /* the kernel thread's own stack: waits when nobody is ready */
	struct wheel wheel;
	struct fiber_guard wheel_guard;
	void *wait;                  /* the back end's */
	int bell;                    /* eventfd(2), for those that end its sleep */
	struct fiber *_Atomic inbox; /* woken by other kernel threads, last first */
	_Atomic(bool) asleep;        /* in the back end: to be woken */
	struct stack_pool stacks;
	struct fiber *free, *free_spare; /* descriptors; the spare: 64 or none */
	unsigned free_count;             /* of free */
	struct fiber_slab *slabs;
	unsigned number;
	void *handler_stack; /* NULL: the kernel thread had one */
};

/* One runtime a process. */
struct runtime {
	struct fiber_options options;
	const struct wait_ops *ops;
	struct worker *workers;
	unsigned worker_count;
	_Atomic(uint64_t)
		outside;          /* waits that something outside will end: descriptors,
				     calls; with none, no timer and none ready: deadlock */
	_Atomic(uint64_t) woken;  /* by other kernel threads, ever */
	_Atomic(unsigned) asleep; /* workers */
	struct fiber *_Atomic all;
	_Atomic(unsigned) numbered; /* descriptors */
	struct fiber *free;         /* of which workers have too many: slab.c */
	struct fiber_guard free_guard;
	_Atomic(bool) stopping;
	bool forked; /* this is the child of a fiber's fork(2) */
	int result;
};

extern struct runtime fiber_runtime;

/* The calling kernel thread's worker.  Not to be kept over anything that may switch: a
 * fiber may go on on another one. */
struct worker *worker_self(void);

/* The same, cheaper: in a function that has not switched before. */
extern _Thread_local struct worker *worker_here;

/* And it has no others beside it; else NULL. */
extern _Thread_local struct worker *worker_alone;

struct fiber *fiber_current(void);

/* Only its worker counts, so that there need be no atomic addition. */
static inline void worker_count(struct worker *w, enum fiber_count what)
{
	_Atomic(uint64_t) *n = &w->count[what];

	atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static inline bool root_is_due(struct worker *w)
{
	return atomic_load_explicit(&w->count[FIBER_COUNT_SWITCHES],
				    memory_order_relaxed) >= w->look_at;
}

static inline bool several_workers(void)
{
	return fiber_runtime.worker_count > 1;
}

/* A guard is a lock between workers, held for moments, and over a switch only by
 * wait_for below.  While there is one worker nothing is locked. */
void guard_take_contended(struct fiber_guard *g);

static inline void guard_take(struct fiber_guard *g)
{
	/* pairs with the release in guard_drop */
	if (several_workers() &&
	    atomic_exchange_explicit(&g->held, 1, memory_order_acquire))
		guard_take_contended(g);
}

static inline void guard_drop(struct fiber_guard *g)
{
	if (several_workers())
		atomic_store_explicit(&g->held, 0, memory_order_release);
}

/* Block the calling fiber until somebody that has claimed it wakes it, or until
 * deadline_ns. `guard` (NULL: none) is held by the caller, and opened once it is off
 * its stack.  Returns 0 or -ETIMEDOUT; after that the caller may still be linked into
 * the object's queue and is to take itself out, under the guard. */
int wait_for(struct fiber_guard *guard, enum wait_kind kind, const void *object,
	     uint64_t deadline_ns);

/* The same for what only something outside can end, counted in fiber_runtime.outside.
 */
int wait_outside(struct fiber_guard *guard, enum wait_kind kind, const void *object,
		 uint64_t deadline_ns);

/* True for exactly one of those who want to wake f from its present wait. */
bool wait_claim(struct fiber *f);

/* Make f, claimed, ready to run on the worker it ran on last.  From any kernel thread.
 */
void wait_wake(struct fiber *f);

/* Take the first waiter of q that can be claimed and wake it; false: there is none. */
bool queue_wake(struct fiber_queue *q, intptr_t value);

/* The caller ends: never returns.  Its descriptor is free for reuse if it is detached.
 */
__attribute__((noreturn)) void worker_end_fiber(void);

/* Between worker.c, root.c and fiber.c.  switched: first thing on a stack that was
 * switched to.  root_run: a kernel thread is worker w until the runtime stops. */
void worker_adopt(struct worker *w);
void ready_put(struct worker *w, struct fiber *f);
bool others_are_ready(struct worker *w);
struct fiber *ready_take(struct worker *w);
void switch_to(struct worker *w, struct fiber *to);
void switched(void);
void root_run(struct worker *w);

/* Run the destructors of f's values. */
void keys_destroy(struct fiber *f);

/* fiber_run returns result. */
void root_stop(int result);

/* Descriptors: none is given back to malloc before the runtime ends, so that a stale
 * name can be told by its generation.  fiber_get: NULL if out of memory. */
struct fiber *fiber_get(struct worker *w);
void fiber_put(struct worker *w, struct fiber *f);
void fibers_free(struct worker *w);

/* Make a worker that sleeps in its back end look up soon.  From any kernel thread. */
void worker_ring(struct worker *w);

/* How a runtime waits for what is outside; one struct a back end. */
struct wait_ops {
	const char *name;
	int (*open)(struct worker *w); /* 0 or -errno; NULL: it keeps nothing */
	void (*close)(struct worker *w);
	/* On the worker's root: wake those whose waits have ended; sleep for at most
	 * timeout_ns (0: only look; FIBER_FOREVER), or until the bell is rung.  Returns
	 * how many it woke. */
	int (*poll)(struct worker *w, uint64_t timeout_ns);
	/* On a fiber; see fiber_wait_fd. */
	int (*wait_fd)(struct descriptor *d, int fd, short events,
		       uint64_t deadline_ns);
	/* fd is about to be forgotten: return when nobody waits there any more.  NULL:
	 * who does is told so by descriptor_forget. */
	void (*forget)(struct descriptor *d, int fd);
	/* Do it, and let the fiber wait as long as it would block. */
	ssize_t (*perform)(struct descriptor *d, const struct io_call *call);
	/* NULL: has none; then options.load cannot be its name. */
	ssize_t (*preadv)(struct descriptor *d, int fd, const struct iovec *iov, int n,
			  off_t offset);
};

extern const struct wait_ops wait_epoll, wait_uring, wait_relinquish;

/* NULL: there is none of that name (in this build). */
const struct wait_ops *wait_named(const char *name);

/* Helper threads of fiber_call. */
int helpers_start(unsigned n);
void helpers_stop(void);
#endif
