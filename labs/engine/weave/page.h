/* SPDX-License-Identifier: BSD-2-Clause */
/* page.h - what lab-weave and a program under it say to each other, and where.
 *
 * Each thread of the program runs in a process of its own, a child of the prepared
 * program, and shares nothing with the others but what it asks the judge.  So what it
 * asks next follows from the answers it got, and from nothing else.  One lane of the
 * page is for one such child: it is given the answers to all it will have asked, and
 * then asks on. */
#ifndef WEAVE_PAGE_H
#define WEAVE_PAGE_H

#include "weave.h"
#include "wire.h"

enum {
	PAGE_MAGIC = 0x57454156,
	PAGE_THREADS = WEAVE_THREADS_MOST + 1, /* and finish() */
	PAGE_LANES = 12,
	PAGE_ANSWERS = 8192, /* a thread asks no more than that */
	PAGE_OPS = 64,       /* told at once */
	PAGE_RANGES = 96,
	PAGE_TEXT = 48,
};

/* What a thread does.  Those before OP_WRITE need an answer before it goes on. */
enum op_kind {
	OP_NONE,
	OP_READ, /* plain */
	OP_LOAD,
	OP_STORE,
	OP_SWAP,
	OP_ADD,
	OP_SUB,
	OP_AND,
	OP_OR,
	OP_XOR,
	OP_NAND,
	OP_CAS,
	OP_FENCE,
	OP_WAIT,
	OP_SIGNAL,
	OP_PAUSE,
	OP_INPUT,
	OP_AGAIN, /* value: all the thread remembers */
	OP_MORE,  /* the lane was full */
	OP_DONE,
	OP_DIED,  /* value: its wait status */
	OP_WRITE, /* plain */
	OP_OBSERVE,
	OP_FAILED, /* weave_check() of what is false */
	OP_KINDS,
};

struct op {
	uint8_t kind, size, order, order_failed; /* orders as in C11: 0 relaxed ... */
	uint32_t unused;
	uint64_t at;     /* an address, or a place */
	uint64_t value;  /* stored, added, observed */
	uint64_t expect; /* by a compare and exchange */
	uint64_t was;    /* there before any thread began */
	uint64_t pc;     /* from where */
	char text[PAGE_TEXT];
};

struct lane {
	struct wire_turn turn;
	uint32_t thread;
	uint32_t leave;   /* the judge has no more use for this child */
	uint32_t died;    /* 0, or 1 + its wait status */
	uint32_t answers; /* given at once: to all it asks at first */
	uint32_t ops;
	uint64_t answer;        /* to what it asked last */
	uint64_t trail;         /* of all it had asked before the last: history.h */
	struct op op[PAGE_OPS]; /* the last one is asked */
	uint64_t old[PAGE_ANSWERS];
};

struct range {
	uint64_t at, size;
	char name[PAGE_TEXT]; /* empty: unwritten */
};

struct page {
	struct wire_turn turn; /* of the program that makes children */
	uint32_t magic, threads, finishes, ranges;
	uint32_t may_sleep[PAGE_THREADS];
	char name[PAGE_THREADS][PAGE_TEXT];
	struct range range[PAGE_RANGES];
	uint32_t start; /* a child in this lane, please */
	struct lane lane[PAGE_LANES];
};

/* What was asked, in one number: it shows a thread that is answered the same and does
 * something else. */
static inline uint64_t page_trail(uint64_t trail, const struct op *op)
{
	trail = (trail ^ op->kind ^ (uint64_t)op->size << 8) * 0x9e3779b97f4a7c15;
	trail = (trail ^ trail >> 29 ^ op->at) * 0xbf58476d1ce4e5b9;
	trail = (trail ^ trail >> 32 ^ op->value) * 0x94d049bb133111eb;
	return trail ^ trail >> 31 ^ op->expect;
}

#endif
