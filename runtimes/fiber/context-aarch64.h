/* SPDX-License-Identifier: BSD-2-Clause */
/* context-aarch64.h - the switch for 64-bit Arm; see context.h. */
#ifndef DUALITY_FIBER_CONTEXT_AARCH64_H
#define DUALITY_FIBER_CONTEXT_AARCH64_H

#ifdef __ARM_FEATURE_SVE
#error "fibers: the switch does not tell the compiler that SVE's predicates are lost"
#endif

/* x29 is the frame pointer of some functions, so it cannot be named as lost.  x18 is a
 * register like others on Linux (AAPCS64, 6.1.1): not named, it is where the compiler
 * would put all it cannot keep elsewhere.  The jump lands on `bti j`, written as the
 * hint that it is so that any assembler takes it (Arm ARM, BTI). */
static inline void context_switch(struct context *from, struct context *to)
{
	register struct context *x0 __asm__("x0") = from;
	register struct context *x1 __asm__("x1") = to;

	__asm__ volatile("adr x3, 1f\n\t"
			 "mov x2, sp\n\t"
			 "stp x2, x29, [%0]\n\t"
			 "str x3, [%0, #16]\n\t"
			 "ldr x3, [%1, #16]\n\t"
			 "ldp x2, x29, [%1]\n\t"
			 "mov sp, x2\n\t"
			 "br x3\n"
			 "1:\n\t"
			 "hint #36"
			 : "+r"(x0), "+r"(x1)
			 :
			 : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
			   "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19",
			   "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27",
			   "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7",
			   "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",
			   "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",
			   "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc",
			   "memory");
}
#endif
