/* SPDX-License-Identifier: BSD-2-Clause */
/* registers-aarch64.S - int registers_lost(void (*call)(void *), void *arg, long seed):
 * fill the registers that a call preserves, call call(arg), count those that differ
 * afterwards (AAPCS64, 6.1). */
	.text
	.globl	registers_lost
	.type	registers_lost, %function
registers_lost:
	hint	#34			/* bti c */
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
	str	x2, [sp, #160]
	mov	x3, x0
	mov	x0, x1
	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	add	x2, x2, #1
	mov	x\n, x2
	.endr
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	add	x2, x2, #1
	fmov	d\n, x2
	.endr
	blr	x3
	ldr	x2, [sp, #160]
	mov	w0, wzr
	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	add	x2, x2, #1
	cmp	x\n, x2
	cinc	w0, w0, ne
	.endr
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	add	x2, x2, #1
	fmov	x4, d\n
	cmp	x4, x2
	cinc	w0, w0, ne
	.endr
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
	.size	registers_lost, . - registers_lost
	.section .note.GNU-stack, "", %progbits
