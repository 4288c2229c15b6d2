/* SPDX-License-Identifier: BSD-2-Clause */
/* context.h - where a thread goes on: its thread state record (Jones, section 3).  Both
 * functions are yours, in switch-x86_64.S and in switch-aarch64.S. */
#ifndef LAB_CONTEXT_H
#define LAB_CONTEXT_H

#include <stdint.h>

/* What is in it, and where, is the assembler's affair: C only makes room. */
struct context {
	_Alignas(16) uint64_t word[24];
};

/* Keeps in *from all that its caller may rely on after a call, and goes on where *to
 * was left.  Returns when somebody switches to *from. */
void context_switch(struct context *from, struct context *to);

/* Lets c begin with entry(arg) on the stack that ends below stack_top, a multiple of
 * 16, with the floating-point modes of whoever calls this.  entry does not return. */
void context_make(struct context *c, void *stack_top, void (*entry)(void *), void *arg);

#endif
