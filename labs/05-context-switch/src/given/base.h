/* SPDX-License-Identifier: BSD-2-Clause */
/* base.h - what the threads stand on, given: stacks, and an end when nobody can run. */
#ifndef LAB_BASE_H
#define LAB_BASE_H

#include <stddef.h>

enum { STACK_BYTES = 28 * 1024 };

/* The lowest byte of STACK_BYTES bytes, a multiple of 4096, or NULL. */
void *stack_get(void);

/* Gives back what stack_get() returned.  Nobody may touch it from now on: a thread that
 * gives back the stack it runs on ends the program with status 3, and so does giving
 * back what was not taken. */
void stack_put(void *stack);

/* How many have been taken and not given back. */
size_t stacks_live(void);

/* All threads wait: says so, and ends the program with status 3. */
_Noreturn void threads_stuck(void);

/* Where what went wrong is told besides standard error, for the judge; -1: nowhere. */
extern int base_report_fd;

#endif
