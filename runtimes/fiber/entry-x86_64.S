/* SPDX-License-Identifier: BSD-2-Clause */
/* entry-x86_64.S - where a fiber begins: calls run(arg), both of which context_make put
 * where the stack pointer is.  That the return address is undefined tells unwinders that
 * this is the outermost frame (DWARF 5, 6.4.4). */
	.text
	.globl	context_entry
	.hidden	context_entry
	.type	context_entry, @function
	.p2align 4
context_entry:
	.cfi_startproc
	.cfi_undefined rip
	endbr64
	xorl	%ebp, %ebp
	movq	8(%rsp), %rdi
	call	*(%rsp)
	ud2
	.cfi_endproc
	.size	context_entry, . - context_entry

/* Indirect branches land on endbr64 here (IBT).  Shadow stacks (SHSTK) are not said to
 * work, as the switch leaves them alone: so the linker marks no program that has this
 * file (x86-64 psABI, program property). */
	.section .note.gnu.property, "a", @note
	.p2align 3
	.long	4, 16, 5		/* sizes of name and value; NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
	.long	0xc0000002, 4		/* GNU_PROPERTY_X86_FEATURE_1_AND */
	.long	1, 0			/* IBT */

	.section .note.GNU-stack, "", @progbits
