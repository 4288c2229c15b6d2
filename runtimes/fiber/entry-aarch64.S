/* SPDX-License-Identifier: BSD-2-Clause */
/* entry-aarch64.S - where a fiber begins: calls run(arg), both of which context_make put
 * where the stack pointer is.  That the return address is undefined tells unwinders that
 * this is the outermost frame (DWARF 5, 6.4.4). */
	.text
	.globl	context_entry
	.hidden	context_entry
	.type	context_entry, %function
	.p2align 4
context_entry:
	.cfi_startproc
	.cfi_undefined x30
	hint	#36			/* bti j */
	ldp	x1, x0, [sp]
	mov	x29, xzr
	mov	x30, xzr
	blr	x1
	brk	#1000
	.cfi_endproc
	.size	context_entry, . - context_entry

/* Indirect branches land on bti here (ELF for Arm, program property). */
	.section .note.gnu.property, "a", %note
	.p2align 3
	.long	4, 16, 5		/* sizes of name and value; NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
	.long	0xc0000000, 4		/* GNU_PROPERTY_AARCH64_FEATURE_1_AND */
	.long	1, 0			/* BTI */

	.section .note.GNU-stack, "", %progbits
