/* SPDX-License-Identifier: BSD-2-Clause */
/* probe-x86_64.S - see probe.h. */
	.text
	.globl	probe_switch
	.type	probe_switch, @function
probe_switch:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	movq	%rsp, (%rdi)
	movq	8(%rdi), %rbx
	movq	16(%rdi), %rbp
	movq	24(%rdi), %r12
	movq	32(%rdi), %r13
	movq	40(%rdi), %r14
	movq	48(%rdi), %r15
	ldmxcsr	56(%rdi)
	fldcw	64(%rdi)
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	call	context_switch
	movq	probe_back(%rip), %rax
	movq	%rbx, 184(%rax)
	movq	%rbp, 192(%rax)
	movq	%r12, 200(%rax)
	movq	%r13, 208(%rax)
	movq	%r14, 216(%rax)
	movq	%r15, 224(%rax)
	stmxcsr	232(%rax)
	fnstcw	240(%rax)
	subq	(%rax), %rsp
	movq	%rsp, 248(%rax)
	movq	(%rax), %rsp
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	probe_switch, . - probe_switch

	.globl	probe_make
	.type	probe_make, @function
probe_make:
	subq	$8, %rsp
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	ldmxcsr	(%r8)
	fldcw	8(%r8)
	call	context_make
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	ret
	.size	probe_make, . - probe_make

/* The stack pointer is told as it was before the call that led here. */
	.globl	probe_entry
	.type	probe_entry, @function
probe_entry:
	leaq	8(%rsp), %rsi
	stmxcsr	-8(%rsp)
	movl	-8(%rsp), %edx
	fnstcw	-16(%rsp)
	movzwl	-16(%rsp), %ecx
	andq	$-16, %rsp
	call	probe_begun
	ud2
	.size	probe_entry, . - probe_entry

	.globl	probe_mark
	.type	probe_mark, @function
probe_mark:
	int3
	ret
	.size	probe_mark, . - probe_mark

	.section .note.GNU-stack, "", @progbits
