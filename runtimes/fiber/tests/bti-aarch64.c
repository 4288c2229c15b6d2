/* SPDX-License-Identifier: BSD-2-Clause */
/* bti-aarch64.c - switches where an indirect branch may land on nothing but `bti`.  It
 * stands alone, for the C library is not built for that; context.sh runs it in an
 * emulator, as few machines have it.  Ends with 0. */
#include "context.h"

static _Alignas(16) char stack[4096];
static struct context outside, inside;

__attribute__((noreturn)) static void end(long status)
{
	register long x0 __asm__("x0") = status;
	register long x8 __asm__("x8") = 93; /* exit(2) */

	__asm__ volatile("svc #0" : : "r"(x0), "r"(x8));
	__builtin_unreachable();
}

static void count_up(void *arg)
{
	long *count = arg;

	for (;;) {
		++*count;
		context_switch(&inside, &outside);
	}
}

void _start(void);

void _start(void)
{
	long count = 0;

	context_make(&inside, stack + sizeof stack, count_up, &count);
	for (int i = 0; i < 5; i++)
		context_switch(&outside, &inside);
	end(count - 5);
}
