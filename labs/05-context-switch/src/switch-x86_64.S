/* SPDX-License-Identifier: BSD-2-Clause */
/* switch-x86_64.S - the switch for x86-64; context.h says what it has to do.  Arguments
 * come in rdi, rsi, rdx, rcx (System V ABI for AMD64, 3.2.3). */
/* @solution LAB-SECRET */
/* The record: rbx, rbp, r12 to r15, rsp, then mxcsr and the x87 control word.  Where to
 * go on is on the stack: the return address of the call that led here. */
/* @starter */
//| /* Draw your record here: what is in it, at which offset? */
/* @end */
	.text
	.globl	context_switch
	.type	context_switch, @function
context_switch:
/* @solution LAB-SECRET */
	movq	%rbx, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	movq	%rsp, 48(%rdi)
	stmxcsr	56(%rdi)
	fnstcw	60(%rdi)
	movq	0(%rsi), %rbx
	movq	8(%rsi), %rbp
	movq	16(%rsi), %r12
	movq	24(%rsi), %r13
	movq	32(%rsi), %r14
	movq	40(%rsi), %r15
	movq	48(%rsi), %rsp
	ldmxcsr	56(%rsi)
	fldcw	60(%rsi)
	ret
/* @starter */
//| 	ud2			/* Yours: keep in (%rdi), take from (%rsi), return there. */
/* @end */
	.size	context_switch, . - context_switch

	.globl	context_make
	.type	context_make, @function
context_make:
/* @solution LAB-SECRET */
	leaq	context_begin(%rip), %rax
	movq	%rax, -8(%rsi)		/* the first switch returns to it */
	leaq	-8(%rsi), %rax
	movq	%rax, 48(%rdi)
	movq	%rdx, 0(%rdi)		/* it finds entry in rbx, and arg in r12 */
	movq	%rcx, 16(%rdi)
	movq	$0, 8(%rdi)		/* no frame is above this one */
	stmxcsr	56(%rdi)
	fnstcw	60(%rdi)
	ret
/* @starter */
//| 	ud2			/* Yours: a record from which a switch begins entry(arg). */
/* @end */
	.size	context_make, . - context_make
/* @solution LAB-SECRET */

/* Here rsp is the stack's top, so that the call leaves it as the ABI wants (3.2.2). */
	.type	context_begin, @function
context_begin:
	movq	%r12, %rdi
	call	*%rbx
	ud2
	.size	context_begin, . - context_begin
/* @starter */
/* @end */

	.section .note.GNU-stack, "", @progbits
