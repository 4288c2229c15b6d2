/* SPDX-License-Identifier: BSD-2-Clause */
/* stack_announce.h - Valgrind is told where stacks are, once for each that is mapped:
 * else it takes a switch for a very large frame.  Some instructions that do nothing
 * where it does not run the program, nothing at all where the build has not its header.
 * (Valgrind manual, 3.1, client requests) */
#ifndef DUALITY_FIBER_STACK_ANNOUNCE_H
#define DUALITY_FIBER_STACK_ANNOUNCE_H

#include <stddef.h>

#ifdef HAVE_VALGRIND_VALGRIND_H
#include <valgrind/valgrind.h>

/* Returns what to renounce it by. */
static inline unsigned stack_announce(char *low, size_t size)
{
	return VALGRIND_STACK_REGISTER(low, low + size - 1);
}

static inline void stack_renounce(unsigned announced)
{
	VALGRIND_STACK_DEREGISTER(announced);
}

/* Between the two, bytes that were never written may be looked at. */
static inline void stack_look_begin(void)
{
	VALGRIND_DISABLE_ERROR_REPORTING;
}

static inline void stack_look_end(void)
{
	VALGRIND_ENABLE_ERROR_REPORTING;
}
#else
static inline unsigned stack_announce(char *low, size_t size)
{
	(void)low;
	(void)size;
	return 0;
}

static inline void stack_renounce(unsigned announced)
{
	(void)announced;
}

static inline void stack_look_begin(void)
{
}

static inline void stack_look_end(void)
{
}
#endif
#endif
