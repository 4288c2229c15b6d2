/* SPDX-License-Identifier: BSD-2-Clause */
/* boost.c - the switch of Boost.Context, to compare a switch with.  Its assembly has a
 * C interface, which its headers offer to C++ only: declared here after
 * boost/context/detail/fcontext.hpp. */
#include "config.h"

#include "harness/micro/micro.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

typedef void *fcontext;

struct transfer {
	fcontext from;
	void *data;
};

struct transfer jump_fcontext(fcontext to, void *data);
fcontext make_fcontext(void *stack_top, size_t size, void (*run)(struct transfer from));

enum { STACK_SIZE = 64 << 10, PLACES = 16, PLACE_BYTES = 64, MOST = 100000 };

static _Alignas(4096) char stack[STACK_SIZE + PLACES * PLACE_BYTES];
static fcontext other;

static void answer(struct transfer from)
{
	for (;;)
		from = jump_fcontext(from.from, NULL);
}

static uint64_t jump_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		other = jump_fcontext(other, NULL).from;
	return 2 * n;
}

/* Its time depends on where the two stacks lie to each other: 3.5 ns at most places, 50
 * to 80 at one in three, seen on one machine (the cause is not known; aliased stores
 * and loads, presumably).  So the best of several. */
static double jump_between_two(void)
{
	double best = INFINITY;

	for (int i = 0; i < PLACES; i++) {
		char *top = stack + STACK_SIZE + i * PLACE_BYTES;

		other = make_fcontext(top, STACK_SIZE, answer);
		best = fmin(best, micro_cpu_ns(jump_loop));
	}
	return best;
}

/* Many that jump each to the next: where each goes on, and the stacks, laid out as the
 * fibers' are. */
static fcontext ring[MOST];
static unsigned ring_size;

static void pass(unsigned me)
{
	unsigned next = me + 1 < ring_size ? me + 1 : 0;
	struct transfer from = jump_fcontext(ring[next], (void *)(uintptr_t)next);

	ring[me > 0 ? me - 1 : ring_size - 1] = from.from;
}

static void turn(struct transfer from)
{
	unsigned me = (unsigned)(uintptr_t)from.data;

	ring[me - 1] = from.from;
	for (;;)
		pass(me);
}

static uint64_t ring_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		pass(0);
	return n * ring_size;
}

static double jump_round(unsigned live)
{
	size_t bytes = (size_t)live * STACK_SIZE;
	char *stacks;
	double value;

	if (live < 2 || live > MOST)
		return micro_cannot("a round of 2 to %d", MOST);
	stacks = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stacks == MAP_FAILED)
		return micro_cannot("no memory for %u", live);
	madvise(stacks, bytes, MADV_NOHUGEPAGE);
	ring_size = live;
	for (unsigned i = 1; i < live; i++)
		ring[i] = make_fcontext(stacks + (i + 1) * (size_t)STACK_SIZE -
						i % PLACES * PLACE_BYTES,
					STACK_SIZE - PLACES * PLACE_BYTES, turn);
	ring_loop(2);
	value = micro_cpu_ns(ring_loop);
	munmap(stacks, bytes);
	return value;
}

static double jump(unsigned live)
{
	return live > 0 ? jump_round(live) : jump_between_two();
}

static const struct micro_case cases[] = {
	{"jump", "ns", NULL, jump, {0, 1000}, MICRO_SCALES},
	{"create", "ns", "it switches, and schedules nothing", NULL, {0}, 0},
	{"switch", "ns", "it switches, and schedules nothing", NULL, {0}, 0},
	{0},
};

int main(int argc, char **argv)
{
	return micro_main(argc, argv, &(struct micro){"boost", cases});
}
