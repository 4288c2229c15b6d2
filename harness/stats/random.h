/* SPDX-License-Identifier: BSD-2-Clause */
/* random.h - a small seeded generator (splitmix64, Steele et al., OOPSLA 2014): the
 * order of blocks and the bootstrap must come out the same from the same seed
 * everywhere. */
#ifndef DUALITY_RANDOM_H
#define DUALITY_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *r);

/* Uniform over 0 .. n-1, n > 0. */
size_t random_below(struct random *r, size_t n);

/* A seed for one purpose: mixes in a text, so that purposes do not share a stream. */
uint64_t random_seed(uint64_t seed, const char *purpose);

/* Fill order[0..n) with a random permutation of 0 .. n-1. */
void random_permutation(struct random *r, size_t *order, size_t n);
#endif
