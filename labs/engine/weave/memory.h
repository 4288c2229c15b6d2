/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.h - the models of memory: what an atomic operation can find and do.
 *
 * SC: one order of all operations, whatever they ask for (Lamport 1979).
 *
 * TSO: a store waits in a buffer of its thread, first in, first out, until some later
 * step puts it into memory; the thread itself sees it at once.  A seq_cst store or
 * fence, and what reads and writes at once, wait until the buffer is empty (Sewell et
 * al., x86-TSO, CACM 2010).
 *
 * RA: C11's relaxed, release, acquire and seq_cst, by views: Kang et al. (POPL 2017)
 * without promises: a load never finds what is written later in program order, so load
 * buffering is not shown.  A seq_cst access also is ordered with the other seq_cst ones
 * of that place, and with fences (after Lahav et al., Repairing Sequential Consistency
 * in C/C++11, PLDI 2017).  A release sequence goes on through operations that read and
 * write only (C++20).  Consume is acquire; a weak compare and exchange is a strong one.
 */
#ifndef WEAVE_MEMORY_H
#define WEAVE_MEMORY_H

#include "finding.h"
#include "state.h"

enum model { MODEL_SC, MODEL_TSO, MODEL_RA };

/* An atomic place, or a semaphore; numbered as they are first met. */
struct place {
	uint64_t at;
	uint8_t size;
};

struct memory {
	enum model model;
	struct place place[STATE_PLACES];
	uint32_t places;
};

/* That operation's place, which is there from now on; or -ENOSPC, or -EINVAL where
 * another place, or plain memory, overlaps it. */
int memory_touch(struct memory *m, struct state *s, const struct op *op);

/* Can it be done at once, as nobody would notice when? */
bool memory_at_once(const struct memory *m, const struct state *s, uint32_t t,
		    const struct op *op);

/* In how many ways thread t's operation can be done now; 0: it has to wait. */
uint32_t memory_ways(const struct memory *m, struct state *s, uint32_t t,
		     const struct op *op);

/* Does it in one of them, from 0, and answers.  -ENOSPC. */
int memory_do(const struct memory *m, struct state *s, uint32_t t, const struct op *op,
	      uint32_t way, uint64_t *answer);

/* TSO: the oldest store of t's buffer comes to memory; its place. */
uint32_t memory_flush(struct state *s, uint32_t t);

/* Who begins last knows all that was done before. */
void memory_know_all(struct state *s, uint32_t t);

/* What an operation makes of the value it found, and whether it writes at all. */
bool memory_result(const struct op *op, uint64_t found, uint64_t *value);

/* The newest value of a place. */
uint64_t memory_newest(struct state *s, uint32_t place);
#endif
