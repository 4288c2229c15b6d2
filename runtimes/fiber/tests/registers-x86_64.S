/* SPDX-License-Identifier: BSD-2-Clause */
/* registers-x86_64.S - int registers_lost(void (*call)(void *), void *arg, long seed):
 * fill the registers that a call preserves, call call(arg), count those that differ
 * afterwards (System V ABI for AMD64, 3.2.1). */
	.text
	.globl	registers_lost
	.type	registers_lost, @function
registers_lost:
	endbr64
	.irp	reg, rbx, rbp, r12, r13, r14, r15
	pushq	%\reg
	.endr
	pushq	%rdx
	movq	%rdi, %rax
	movq	%rsi, %rdi
	.irp	reg, rbx, rbp, r12, r13, r14, r15
	incq	%rdx
	movq	%rdx, %\reg
	.endr
	call	*%rax
	popq	%rdx
	xorl	%eax, %eax
	.irp	reg, rbx, rbp, r12, r13, r14, r15
	xorl	%ecx, %ecx
	incq	%rdx
	cmpq	%rdx, %\reg
	setne	%cl
	addl	%ecx, %eax
	.endr
	.irp	reg, r15, r14, r13, r12, rbp, rbx
	popq	%\reg
	.endr
	ret
	.size	registers_lost, . - registers_lost
	.section .note.GNU-stack, "", @progbits
