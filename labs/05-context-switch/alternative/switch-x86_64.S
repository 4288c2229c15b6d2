/* SPDX-License-Identifier: BSD-2-Clause */
/* switch-x86_64.S - all is pushed onto the stack that is left, and the record is no more
 * than its pointer.  LAB-SECRET */
	.text
	.globl	context_switch
	.type	context_switch, @function
context_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	movq	%rsp, (%rdi)
	movq	(%rsi), %rsp
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	popq	%rax
	jmp	*%rax
	.size	context_switch, . - context_switch

/* As if the thread had just been left by a call in context_begin. */
	.globl	context_make
	.type	context_make, @function
context_make:
	leaq	-64(%rsi), %rax
	movq	%rax, (%rdi)
	stmxcsr	(%rax)
	fnstcw	4(%rax)
	movq	%rcx, 8(%rax)		/* r15: arg */
	movq	%rdx, 16(%rax)		/* r14: entry */
	movq	$0, 24(%rax)
	movq	$0, 32(%rax)
	movq	$0, 40(%rax)
	movq	$0, 48(%rax)
	leaq	context_begin(%rip), %rdx
	movq	%rdx, 56(%rax)
	ret
	.size	context_make, . - context_make

	.type	context_begin, @function
context_begin:
	movq	%r15, %rdi
	pushq	$0			/* where entry would return to */
	jmp	*%r14
	.size	context_begin, . - context_begin

	.section .note.GNU-stack, "", @progbits
