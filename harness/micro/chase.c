/* SPDX-License-Identifier: BSD-2-Clause */
/* chase.c - two lines of a descriptor and two at the top of a stack: cachegrind counts
 * 4.0 misses a switch among 5,000 fibers. */
#include "config.h"

#include "harness/micro/chase.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { STACK_SIZE = 64 << 10, COLOURS = 16, LINE = 64, DESCRIPTOR_LINES = 5 };

struct chase_record {
	_Alignas(LINE) struct chase_record *next;
	char *stack_top;
	_Alignas(LINE) char others[(DESCRIPTOR_LINES - 1) * LINE];
};

int chase_make(struct chase *c, uint64_t n)
{
	size_t bytes = n * STACK_SIZE;
	c->n = n;
	c->record = aligned_alloc(LINE, n * sizeof *c->record);
	c->stacks = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!c->record || c->stacks == MAP_FAILED) {
		free(c->record);
		if (c->stacks != MAP_FAILED)
			munmap(c->stacks, bytes);
		return -ENOMEM;
	}
	/* Stacks have pages of their own, and no huge ones. */
	madvise(c->stacks, bytes, MADV_NOHUGEPAGE);
	for (uint64_t i = 0; i < n; i++) {
		char *top = c->stacks + (i + 1) * STACK_SIZE - i % COLOURS * LINE;
		c->record[i].next = &c->record[(i + 1) % n];
		c->record[i].stack_top = top;
	}
	return 0;
}

uint64_t chase_round(struct chase *c, uint64_t rounds)
{
	struct chase_record *at = c->record;
	uint64_t steps = rounds * c->n;
	for (uint64_t i = 0; i < steps; i++) {
		char *top = at->stack_top;
		at->others[0]++;
		top[-LINE]++;
		top[-2 * LINE]++;
		at = at->next;
	}
	return steps;
}

void chase_free(struct chase *c)
{
	munmap(c->stacks, c->n * STACK_SIZE);
	free(c->record);
}
