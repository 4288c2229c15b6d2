/* SPDX-License-Identifier: BSD-2-Clause */
/* random.c - splitmix64 and what the suite draws from it. */
#include "config.h"

#include "harness/stats/random.h"

uint64_t random_next(struct random *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

size_t random_below(struct random *r, size_t n)
{
	/* Draws above the last multiple of n would favour small values. */
	uint64_t limit = UINT64_MAX - UINT64_MAX % n;
	uint64_t draw;
	do
		draw = random_next(r);
	while (draw >= limit);
	return (size_t)(draw % n);
}

uint64_t random_seed(uint64_t seed, const char *purpose)
{
	struct random r = {seed};
	uint64_t mixed = random_next(&r);
	for (; *purpose; purpose++) {
		r.state = mixed ^ (unsigned char)*purpose;
		mixed = random_next(&r);
	}
	return mixed;
}

void random_permutation(struct random *r, size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = random_below(r, i + 1);
		order[i] = order[j]; /* i == j copies itself later */
		order[j] = i;
	}
}
