/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.h - a thread's side of its lane: what the hooks ask with. */
#ifndef WEAVE_SUBJECT_H
#define WEAVE_SUBJECT_H

#include "page.h"

/* Is this one of the threads, and may others see that memory?  What is on its own stack
 * nobody else sees; and before the threads begin nothing is asked. */
bool subject_shares(const volatile void *at);

/* Asks, and waits for the answer. */
uint64_t subject_ask(struct op *op);

/* Tells; the thread goes on at once. */
void subject_tell(struct op *op);

/* A plain write that is about to happen: what was written is told before anything else.
 */
void subject_write(const volatile void *at, size_t size, void *pc);

/* A plain read that is about to happen: finds what the judge says. */
void subject_read(const volatile void *at, size_t size, void *pc);

/* At most 8 bytes of memory, as a number, and back. */
uint64_t subject_peek(const volatile void *at, size_t size);
void subject_poke(volatile void *at, size_t size, uint64_t value);
#endif
