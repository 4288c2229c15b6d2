/* SPDX-License-Identifier: BSD-2-Clause */
/* carrier.h - carriers, forked processes that share nothing but the heap, and user
 * threads, whose stacks are in it: any carrier may resume any thread. */
#ifndef CARRIER_H
#define CARRIER_H

/* Makes the user threads; after heap_init(), before the carriers are forked.  0 or
 * -errno. */
int threads_init(void);

/* The life of carrier number `self`: resumes the threads that it is told to on
 * `commands`, a struct call each, and writes what came of it to `answers`, until
 * `commands` ends.  Returns the process's exit status. */
int carrier_run(int self, int commands, int answers);

#endif
