/* SPDX-License-Identifier: BSD-2-Clause */
/* switch-aarch64.S - the switch for 64-bit Arm; context.h says what it has to do.
 * Arguments come in x0 to x3 (AAPCS64, 6.8.2). */
/* @solution LAB-SECRET */
/* The record: x19 to x30, d8 to d15, sp, fpcr.  Where to go on is x30, the return address
 * of the call that led here. */
/* @starter */
//| /* Draw your record here: what is in it, at which offset? */
/* @end */
	.text
	.globl	context_switch
	.type	context_switch, %function
context_switch:
/* @solution LAB-SECRET */
	stp	x19, x20, [x0]
	stp	x21, x22, [x0, #16]
	stp	x23, x24, [x0, #32]
	stp	x25, x26, [x0, #48]
	stp	x27, x28, [x0, #64]
	stp	x29, x30, [x0, #80]
	stp	d8, d9, [x0, #96]
	stp	d10, d11, [x0, #112]
	stp	d12, d13, [x0, #128]
	stp	d14, d15, [x0, #144]
	mov	x9, sp
	mrs	x10, fpcr
	stp	x9, x10, [x0, #160]
	ldp	x19, x20, [x1]
	ldp	x21, x22, [x1, #16]
	ldp	x23, x24, [x1, #32]
	ldp	x25, x26, [x1, #48]
	ldp	x27, x28, [x1, #64]
	ldp	x29, x30, [x1, #80]
	ldp	d8, d9, [x1, #96]
	ldp	d10, d11, [x1, #112]
	ldp	d12, d13, [x1, #128]
	ldp	d14, d15, [x1, #144]
	ldp	x9, x10, [x1, #160]
	mov	sp, x9
	msr	fpcr, x10
	ret
/* @starter */
//| 	brk	#1			/* Yours: keep in [x0], take from [x1], go on there. */
/* @end */
	.size	context_switch, . - context_switch

	.globl	context_make
	.type	context_make, %function
context_make:
/* @solution LAB-SECRET */
	adr	x9, context_begin
	stp	x2, x3, [x0]		/* it finds entry in x19, and arg in x20 */
	stp	xzr, x9, [x0, #80]	/* no frame is above this one */
	mrs	x10, fpcr
	stp	x1, x10, [x0, #160]
	ret
/* @starter */
//| 	brk	#1			/* Yours: a record from which a switch begins entry(arg). */
/* @end */
	.size	context_make, . - context_make
/* @solution LAB-SECRET */

	.type	context_begin, %function
context_begin:
	mov	x0, x20
	blr	x19
	brk	#1
	.size	context_begin, . - context_begin
/* @starter */
/* @end */

	.section .note.GNU-stack, "", %progbits
