/* SPDX-License-Identifier: BSD-2-Clause */
/* boost.c - the switch of Boost.Context, to compare a switch with.  Its assembly has a
 * C interface, which its headers offer to C++ only: declared here after
 * boost/context/detail/fcontext.hpp. */
#include "config.h"

#include "harness/micro/micro.h"

#include <stddef.h>

typedef void *fcontext;

struct transfer {
	fcontext from;
	void *data;
};

struct transfer jump_fcontext(fcontext to, void *data);
fcontext make_fcontext(void *stack_top, size_t size, void (*run)(struct transfer from));

enum { STACK_SIZE = 64 << 10 };

static _Alignas(64) char stack[STACK_SIZE];
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

static double jump(unsigned live)
{
	(void)live;
	other = make_fcontext(stack + sizeof stack, sizeof stack, answer);
	return micro_ns(jump_loop);
}

static const struct micro_case cases[] = {
	{"jump", "ns", NULL, jump, {0}, 0},
	{"create", "ns", "it switches, and schedules nothing", NULL, {0}, 0},
	{"switch", "ns", "it switches, and schedules nothing", NULL, {0}, 0},
	{0},
};

int main(int argc, char **argv)
{
	return micro_main(argc, argv, &(struct micro){"boost", cases});
}
