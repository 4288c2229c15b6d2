/* SPDX-License-Identifier: BSD-2-Clause */
/* switch-aarch64.S - all is put onto the stack that is left, and the record is no more
 * than its pointer.  LAB-SECRET */
	.text
	.globl	context_switch
	.type	context_switch, %function
context_switch:
	mrs	x9, fpcr
	stp	x29, x30, [sp, #-176]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	str	x9, [sp, #160]
	mov	x10, sp
	str	x10, [x0]
	ldr	x10, [x1]
	mov	sp, x10
	ldr	x9, [sp, #160]
	msr	fpcr, x9
	ldp	d14, d15, [sp, #144]
	ldp	d12, d13, [sp, #128]
	ldp	d10, d11, [sp, #112]
	ldp	d8, d9, [sp, #96]
	ldp	x27, x28, [sp, #80]
	ldp	x25, x26, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #176
	ret
	.size	context_switch, . - context_switch

	.globl	context_make
	.type	context_make, %function
context_make:
	sub	x9, x1, #176
	str	x9, [x0]
	adr	x10, context_begin
	stp	xzr, x10, [x9]
	stp	x2, x3, [x9, #16]	/* x19: entry, x20: arg */
	mrs	x10, fpcr
	str	x10, [x9, #160]
	ret
	.size	context_make, . - context_make

	.type	context_begin, %function
context_begin:
	mov	x0, x20
	br	x19
	.size	context_begin, . - context_begin

	.section .note.GNU-stack, "", %progbits
