/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber.h - user-level threads: a subset of POSIX threads that switches in user space,
 * where a call would block and nowhere else.  Between two calls that may block a fiber
 * is alone as long as there is one worker (cooperative atomicity; docs/fibers.md says
 * when that ends). Functions return 0 or more, or -errno.  All but fiber_run are for
 * fibers only. */
#ifndef DUALITY_FIBER_H
#define DUALITY_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct fiber;

enum {
	FIBER_STACK_DEFAULT = 64 << 10,
	FIBER_STACK_MIN = 8 << 10, /* printf alone takes 4 KiB */
	FIBER_KEYS = 32
};

#define FIBER_FOREVER UINT64_MAX

/* What a worker did. */
enum fiber_count {
	FIBER_COUNT_SWITCHES,
	FIBER_COUNT_BLOCKS, /* waits that were not over at once */
	FIBER_COUNT_STEALS,
	FIBER_COUNT_POLLS,       /* looks at the wait back end */
	FIBER_COUNT_POLLS_EMPTY, /* and those in vain */
	FIBER_COUNT_CREATED,
	FIBER_COUNT_ENDED,
	FIBER_COUNTS
};

/* Of the whole runtime; zeroed: the defaults. */
struct fiber_options {
	const char *wait;  /* how to wait: epoll (default), uring, relinquish */
	const char *load;  /* blocking file calls: inline (default), helpers, uring */
	unsigned workers;  /* kernel threads that run fibers (1; 1024 at most) */
	unsigned helpers;  /* kernel threads for fiber_call (4; 1024 at most) */
	size_t stack_size; /* where fiber_create is not told (64 KiB) */
	unsigned stacks_pooled; /* that a worker keeps for reuse (1024) */
	/* Told by each worker when it has looked at the back end: what it did since it
	 * told last.  NULL: nobody asks. */
	void (*counted)(const uint64_t more[FIBER_COUNTS]);
};

/* A fiber's name.  Stays distinct from later ones' when the fiber has ended. */
struct fiber_id {
	struct fiber *fiber;
	uint64_t generation;
};

struct fiber_attr {
	size_t stack_size; /* bytes, rounded up to pages; 0: the runtime's */
	bool detached;
	const char *name; /* for reports; lives as long as the fiber */
};

/* Become a runtime: run main(arg) as the first fiber and return what it returned. Other
 * fibers that live then are given up where they are.  -EINVAL: an option is unknown,
 * or too large;
 * -EBUSY: this thread is in a runtime already; -EDEADLK: all fibers wait for each other
 * (told on standard error, with who waits for what); else why it could not start. */
int fiber_run(const struct fiber_options *options, int (*main)(void *arg), void *arg);

/* attr may be NULL, id may be NULL if it is detached.  -EINVAL: a stack below the
 * minimum; -EAGAIN: no memory for another. */
int fiber_create(struct fiber_id *id, const struct fiber_attr *attr,
		 void *(*run)(void *arg), void *arg);

/* Wait for its end; result may be NULL.  -ESRCH: there is none of that name (any more);
 * -EINVAL: it is detached, or another waits for it; -EDEADLK: it is the caller. */
int fiber_join(struct fiber_id id, void **result);

/* -ESRCH, -EINVAL as above. */
int fiber_detach(struct fiber_id id);

/* As if its function had returned that; but where the first fiber leaves so, the others
 * go on, and fiber_run returns 0 once all have ended (as with pthread_exit(3)). */
__attribute__((noreturn)) void fiber_exit(void *result);
struct fiber_id fiber_self(void);

/* Let all others that are ready run first.  (yield.h has it inlined.) */
void fiber_yield(void);

/* The same, and also those whose waits outside have ended by now. */
void fiber_pause(void);

void fiber_sleep_ns(uint64_t ns);

/* Now, on the clock of deadlines (CLOCK_MONOTONIC). */
uint64_t fiber_now_ns(void);

/* Inside what follows.  A guard is held for moments, and only if there are several
 * workers. */
struct fiber_guard {
	_Atomic(uint32_t) held;
};

struct fiber_queue {
	struct fiber *head, *tail;
};

/* Zeroed: a mutex that is free.  With several workers a waiter spins while the owner
 * runs, then blocks.  Not recursive: -EDEADLK for the owner. */
struct fiber_mutex {
	struct fiber_guard guard; /* of this struct */
	struct fiber *_Atomic owner;
	struct fiber_queue waiting;
};

int fiber_mutex_lock(struct fiber_mutex *m);
int fiber_mutex_trylock(struct fiber_mutex *m); /* -EBUSY */
int fiber_mutex_unlock(struct fiber_mutex *m);  /* -EPERM: the caller does not own it */

/* Zeroed: ready.  The mutex is the caller's, let go while waiting.  -EPERM: it is not;
 * -ETIMEDOUT, the mutex being held again. */
struct fiber_cond {
	struct fiber_guard guard;
	struct fiber_queue waiting;
};

int fiber_cond_wait(struct fiber_cond *c, struct fiber_mutex *m);
int fiber_cond_wait_until(struct fiber_cond *c, struct fiber_mutex *m,
			  uint64_t deadline_ns);
void fiber_cond_signal(struct fiber_cond *c);
void fiber_cond_broadcast(struct fiber_cond *c);

struct fiber_sem {
	struct fiber_guard guard;
	uint32_t value;
	struct fiber_queue waiting;
};

void fiber_sem_init(struct fiber_sem *s, uint32_t value);
void fiber_sem_wait(struct fiber_sem *s);
int fiber_sem_wait_until(struct fiber_sem *s, uint64_t deadline_ns); /* -ETIMEDOUT */
int fiber_sem_trywait(struct fiber_sem *s);                          /* -EAGAIN */
int fiber_sem_post(struct fiber_sem *s);                             /* -EOVERFLOW */

/* A monitor after Hoare and Mesa: a mutex that its owner may enter again, and one
 * condition.  Zeroed: free.  -EPERM where the caller is not inside. */
struct fiber_monitor {
	struct fiber_mutex mutex;
	struct fiber_cond changed;
	unsigned depth;
};

void fiber_monitor_enter(struct fiber_monitor *m);
int fiber_monitor_leave(struct fiber_monitor *m);
int fiber_monitor_wait(struct fiber_monitor *m); /* leaves wholly meanwhile */
int fiber_monitor_notify(struct fiber_monitor *m, bool all);

struct fiber_once {
	struct fiber_mutex mutex;
	_Atomic(bool) done;
};

void fiber_once(struct fiber_once *once, void (*init)(void));

/* Values of a fiber of its own; the destructor gets those that are not NULL when it
 * ends. fiber_key_create returns the key, or -EAGAIN: there are FIBER_KEYS already. */
int fiber_key_create(void (*destructor)(void *value));
int fiber_key_set(int key, void *value); /* -EINVAL: no such key; -ENOMEM */
void *fiber_key_get(int key);

/* Calls that block the fiber and not its kernel thread (unless with --wait relinquish,
 * that tries again and yields until it works).  Like their namesakes, but -errno;
 * descriptors are to be non-blocking (fiber_accept makes them so).  Deadlines end with
 * -ETIMEDOUT. */
ssize_t fiber_read(int fd, void *buffer, size_t len);
ssize_t fiber_write(int fd, const void *buffer, size_t len);
ssize_t fiber_writev(int fd, const struct iovec *iov, int n);
int fiber_accept(int fd);
/* events: POLLIN, POLLOUT (poll(2)). */
int fiber_wait_fd(int fd, short events, uint64_t deadline_ns);
/* fd is new, and a stream socket (nobody need ask): a read that brings less than there
 * was room for has taken all there was (epoll(7), Q9). */
void fiber_stream(int fd);
/* Before fd is closed, also where something else closes it: the runtime forgets it. */
void fiber_forget(int fd);
int fiber_close(int fd);

/* Run call(arg), which blocks its kernel thread, where it stops nobody else: on a
 * helper thread (options.load says inline: right here).  Returns what it returned. */
int fiber_call(int (*call)(void *arg), void *arg);
/* preadv(2) and pread(2) in the way options.load says. */
ssize_t fiber_preadv(int fd, const struct iovec *iov, int n, off_t offset);
ssize_t fiber_pread(int fd, void *buffer, size_t len, off_t offset);

/* What the runtime did, added up over its workers. */
struct fiber_counters {
	uint64_t count[FIBER_COUNTS];
	uint64_t stack_high_water;    /* bytes, the deepest so far that was looked at */
	uint64_t stacks_mapped, live; /* now */
};

void fiber_counters(struct fiber_counters *c);

/* All live fibers and what each waits for, to standard error.  Also what a deadlock
 * prints. */
void fiber_report(void);

/* How overflow is caught here: "MADV_GUARD_INSTALL", "mprotect" or "canary". */
const char *fiber_guard_name(void);
#endif
