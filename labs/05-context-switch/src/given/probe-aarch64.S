/* SPDX-License-Identifier: BSD-2-Clause */
/* probe-aarch64.S - see probe.h. */
	.text
	.globl	probe_switch
	.type	probe_switch, %function
probe_switch:
	sub	sp, sp, #176
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mrs	x9, fpcr
	str	x9, [sp, #160]
	mov	x9, sp
	str	x9, [x0]
	ldr	x9, [x0, #160]
	msr	fpcr, x9
	ldp	x19, x20, [x0, #8]
	ldp	x21, x22, [x0, #24]
	ldp	x23, x24, [x0, #40]
	ldp	x25, x26, [x0, #56]
	ldp	x27, x28, [x0, #72]
	ldr	x29, [x0, #88]
	ldp	d8, d9, [x0, #96]
	ldp	d10, d11, [x0, #112]
	ldp	d12, d13, [x0, #128]
	ldp	d14, d15, [x0, #144]
	mov	x0, x1
	mov	x1, x2
	bl	context_switch
	adrp	x9, probe_back
	ldr	x9, [x9, #:lo12:probe_back]
	stp	x19, x20, [x9, #184]
	stp	x21, x22, [x9, #200]
	stp	x23, x24, [x9, #216]
	stp	x25, x26, [x9, #232]
	stp	x27, x28, [x9, #248]
	str	x29, [x9, #264]
	stp	d8, d9, [x9, #272]
	stp	d10, d11, [x9, #288]
	stp	d12, d13, [x9, #304]
	stp	d14, d15, [x9, #320]
	mrs	x10, fpcr
	str	x10, [x9, #336]
	mov	x10, sp
	ldr	x11, [x9]
	sub	x10, x10, x11
	str	x10, [x9, #344]
	mov	sp, x11
	ldr	x9, [sp, #160]
	msr	fpcr, x9
	ldp	x19, x20, [sp]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #176
	ret
	.size	probe_switch, . - probe_switch

	.globl	probe_make
	.type	probe_make, %function
probe_make:
	stp	x29, x30, [sp, #-32]!
	mrs	x9, fpcr
	str	x9, [sp, #16]
	ldr	x9, [x4]
	msr	fpcr, x9
	bl	context_make
	ldr	x9, [sp, #16]
	msr	fpcr, x9
	ldp	x29, x30, [sp], #32
	ret
	.size	probe_make, . - probe_make

	.globl	probe_entry
	.type	probe_entry, %function
probe_entry:
	mov	x1, sp
	mrs	x2, fpcr
	mov	x3, #0
	and	x9, x1, #-16
	mov	sp, x9
	bl	probe_begun
	brk	#1
	.size	probe_entry, . - probe_entry

	.globl	probe_mark
	.type	probe_mark, %function
probe_mark:
	brk	#2
	ret
	.size	probe_mark, . - probe_mark

	.section .note.GNU-stack, "", %progbits
