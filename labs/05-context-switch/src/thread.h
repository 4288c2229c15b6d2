/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.h - user-level threads, one at a time, in turn: nobody is interrupted.  All is
 * yours, in thread.c.  No call may take longer for there being more threads. */
#ifndef LAB_THREAD_H
#define LAB_THREAD_H

struct thread;

/* A thread that will run run(arg): last in the queue of those that are ready, while the
 * caller goes on.  NULL if there is no memory or no stack for it.  What run returns is
 * the thread's result.  It has to be joined, once. */
struct thread *thread_create(void *(*run)(void *), void *arg);

/* The running thread; main() is one too, from the beginning. */
struct thread *thread_self(void);

/* Go last in the queue, and let the first run. */
void thread_yield(void);

/* Wait until woken.  If nobody is ready, nobody ever will be: calls threads_stuck(). */
void thread_block(void);

/* If t waits in thread_block(), it goes last in the queue.  If not, nothing happens,
 * and nothing is remembered. */
void thread_wake(struct thread *t);

/* End the running thread (not main).  Who waits to join it goes last in the queue.  Its
 * stack goes back, by stack_put(), before the next thread sees anything of it. */
_Noreturn void thread_exit(void *result);

/* Wait until t has ended, and return its result.  t is gone then. */
void *thread_join(struct thread *t);

#endif
