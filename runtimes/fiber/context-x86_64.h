/* SPDX-License-Identifier: BSD-2-Clause */
/* context-x86_64.h - the switch for x86-64; see context.h. */
#ifndef DUALITY_FIBER_CONTEXT_X86_64_H
#define DUALITY_FIBER_CONTEXT_X86_64_H

#ifdef __APX_F__
#error "fibers: the switch does not tell the compiler that r16 to r31 are lost"
#endif

/* Registers that only exist with AVX-512; a function that has it by its attribute
 * `target`, in a file that has not, must not switch. */
#ifdef __AVX512F__
#define CONTEXT_LOST_AVX512                                                       \
	, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", \
		"xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",    \
		"xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define CONTEXT_LOST_AVX512
#endif

/* rbp is the frame pointer of some functions, so it cannot be named as lost.  Nothing
 * is pushed: a leaf function may have data below rsp (the red zone, System V ABI for
 * AMD64, 3.2.2).  The jump lands on endbr64, as indirect branch tracking wants it
 * (Intel SDM volume 1, 18.3).  The x87 stack is named as lost: it is where long double
 * lives.  With clang not for a function that has both arrays of variable length and
 * locals aligned to more than the stack is: it finds them by rbx, named or not. */
static inline void context_switch(struct context *from, struct context *to)
{
	__asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
			 "movq %%rsp, 0(%0)\n\t"
			 "movq %%rbp, 8(%0)\n\t"
			 "movq %%rax, 16(%0)\n\t"
			 "movq 8(%1), %%rbp\n\t"
			 "movq 0(%1), %%rsp\n\t"
			 "jmpq *16(%1)\n"
			 "1:\n\t"
			 "endbr64"
			 : "+D"(from), "+S"(to)
			 :
			 : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
			   "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
			   "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
			   "xmm12", "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)",
			   "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "cc",
			   "memory" CONTEXT_LOST_AVX512);
}
#endif
