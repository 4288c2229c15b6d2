/* SPDX-License-Identifier: BSD-2-Clause */
/* registers.S - registers_save(): saves and restores every general register that the
 * ABI says a function may not change, as a switch by an ordinary function must. */
#if defined __x86_64__
	.text
	.globl registers_save
	.type registers_save, @function
registers_save:
	.cfi_startproc
	endbr64
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
	.cfi_endproc
	.size registers_save, . - registers_save
#elif defined __aarch64__
	.text
	.globl registers_save
	.type registers_save, %function
registers_save:
	.cfi_startproc
	hint 34 /* bti c */
	stp x29, x30, [sp, #-96]!
	stp x19, x20, [sp, #16]
	stp x21, x22, [sp, #32]
	stp x23, x24, [sp, #48]
	stp x25, x26, [sp, #64]
	stp x27, x28, [sp, #80]
	ldp x27, x28, [sp, #80]
	ldp x25, x26, [sp, #64]
	ldp x23, x24, [sp, #48]
	ldp x21, x22, [sp, #32]
	ldp x19, x20, [sp, #16]
	ldp x29, x30, [sp], #96
	ret
	.cfi_endproc
	.size registers_save, . - registers_save
#endif
	.section .note.GNU-stack,"",%progbits
