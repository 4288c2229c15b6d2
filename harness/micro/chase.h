/* SPDX-License-Identifier: BSD-2-Clause */
/* chase.h - the lines of memory that switching between fibers touches, without the
 * switching: a descriptor's and a stack's, found through the one before as in a ready
 * queue, and laid out as fibers lay them. */
#ifndef DUALITY_MICRO_CHASE_H
#define DUALITY_MICRO_CHASE_H

#include <stdint.h>

struct chase_record;

struct chase {
	struct chase_record *record;
	char *stacks;
	uint64_t n;
};

/* Of n fibers.  0 or -ENOMEM. */
int chase_make(struct chase *c, uint64_t n);

/* So many times around all.  Returns how many steps that were. */
uint64_t chase_round(struct chase *c, uint64_t rounds);

void chase_free(struct chase *c);
#endif
