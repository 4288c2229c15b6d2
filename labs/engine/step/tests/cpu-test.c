/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu-test.c - x86-64's instructions, assembled by hand: what they touch, and
   whether two bus operations.  The registers are 0x1000 times their number. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu.h"

enum { PC = 0x400000 };

static const struct user_regs_struct registers = {
	.rax = 0x0000,
	.rcx = 0x1000,
	.rdx = 0x2000,
	.rbx = 0x3000,
	.rsp = 0x4000,
	.rbp = 0x5000,
	.rsi = 0x6000,
	.rdi = 0x7000,
	.r8 = 0x8000,
	.r9 = 0x9000,
	.r10 = 0xa000,
	.r11 = 0xb000,
	.r12 = 0xc000,
	.r13 = 0xd000,
	.r14 = 0xe000,
	.r15 = 0xf000,
	.rip = PC,
};

enum touch { OWN, LOADS, STORES, BOTH, ATOMIC, UNKNOWN };

static const struct {
	const char *text;
	unsigned char bytes[CPU_BYTES];
	enum touch touch;
	unsigned size;
	uint64_t address;
} cases[] = {
	{"mov (%rbx),%rax", {0x48, 0x8b, 0x03}, LOADS, 8, 0x3000},
	{"mov %eax,4(%rbx)", {0x89, 0x43, 0x04}, STORES, 4, 0x3004},
	{"mov %al,-1(%r12)", {0x41, 0x88, 0x44, 0x24, 0xff}, STORES, 1, 0xbfff},
	{"mov 0x10(%rip),%eax", {0x8b, 0x05, 0x10, 0, 0, 0}, LOADS, 4, PC + 6 + 0x10},
	{"addq $1,0x10(%rip)",
	 {0x48, 0x83, 0x05, 0x10, 0, 0, 0, 1},
	 BOTH,
	 8,
	 PC + 8 + 0x10},
	{"addl $0x1000,0x10(%rip)",
	 {0x81, 0x05, 0x10, 0, 0, 0, 0, 0x10, 0, 0},
	 BOTH,
	 4,
	 PC + 10 + 0x10},
	{"movw $7,0x10(%rip)",
	 {0x66, 0xc7, 0x05, 0x10, 0, 0, 0, 7, 0},
	 STORES,
	 2,
	 PC + 9 + 0x10},
	{"lock addq $1,(%rdi)", {0xf0, 0x48, 0x83, 0x07, 1}, ATOMIC, 8, 0x7000},
	{"xchg %eax,(%rdi)", {0x87, 0x07}, ATOMIC, 4, 0x7000},
	{"lock cmpxchg %ecx,(%rdi)", {0xf0, 0x0f, 0xb1, 0x0f}, ATOMIC, 4, 0x7000},
	{"lock xadd %rax,(%rdi)", {0xf0, 0x48, 0x0f, 0xc1, 0x07}, ATOMIC, 8, 0x7000},
	{"xadd %rax,(%rdi)", {0x48, 0x0f, 0xc1, 0x07}, BOTH, 8, 0x7000},
	{"incl (%rax,%rcx,4)", {0xff, 0x04, 0x88}, BOTH, 4, 0x4000},
	{"cmpl $0,(%rdi)", {0x83, 0x3f, 0}, LOADS, 4, 0x7000},
	{"cmp %eax,(%rdi)", {0x39, 0x07}, LOADS, 4, 0x7000},
	{"add %eax,(%rdi)", {0x01, 0x07}, BOTH, 4, 0x7000},
	{"add (%rdi),%eax", {0x03, 0x07}, LOADS, 4, 0x7000},
	{"movzbl (%r15),%eax", {0x41, 0x0f, 0xb6, 0x07}, LOADS, 1, 0xf000},
	{"movslq (%rdi),%rax", {0x48, 0x63, 0x07}, LOADS, 4, 0x7000},
	{"sete 1(%rdi)", {0x0f, 0x94, 0x47, 1}, STORES, 1, 0x7001},
	{"movups %xmm0,(%rdi)", {0x0f, 0x11, 0x07}, STORES, 16, 0x7000},
	{"movsd (%rdi),%xmm0", {0xf2, 0x0f, 0x10, 0x07}, LOADS, 8, 0x7000},
	{"mov 0x601000,%eax",
	 {0x8b, 0x04, 0x25, 0x00, 0x10, 0x60, 0},
	 LOADS,
	 4,
	 0x601000},
	{"testb $1,(%rdi)", {0xf6, 0x07, 1}, LOADS, 1, 0x7000},
	{"negl (%rdi)", {0xf7, 0x1f}, BOTH, 4, 0x7000},
	{"mov %rsp,%rbp", {0x48, 0x89, 0xe5}, OWN, 0, 0},
	{"lea (%rdi),%rax", {0x48, 0x8d, 0x07}, OWN, 0, 0},
	{"push %rbp", {0x55}, OWN, 0, 0},
	{"endbr64", {0xf3, 0x0f, 0x1e, 0xfa}, OWN, 0, 0},
	{"mov %fs:0x28,%rax", {0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0}, OWN, 0, 0},
	{"add $8,%rsp", {0x48, 0x83, 0xc4, 8}, OWN, 0, 0},
	{"rep movsq", {0xf3, 0x48, 0xa5}, UNKNOWN, 0, 0},
	{"vmovdqu (%rdi),%ymm0", {0xc5, 0xfe, 0x6f, 0x07}, UNKNOWN, 0, 0},
};

static void touches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cpu_instruction in;
		enum touch touch = cases[i].touch;
		print_message("# %s\n", cases[i].text);
		cpu_decode(cases[i].bytes, &registers, &in);
		assert_int_equal(in.flow, CPU_NEXT);
		assert_int_equal(in.own, touch == OWN);
		assert_int_equal(in.size, cases[i].size);
		assert_int_equal(in.loads,
				 touch == LOADS || touch == BOTH || touch == ATOMIC);
		assert_int_equal(in.stores,
				 touch == STORES || touch == BOTH || touch == ATOMIC);
		assert_int_equal(in.atomic, touch == ATOMIC);
		if (cases[i].size > 0)
			assert_int_equal(in.address, cases[i].address);
	}
}

static void flows(void **state)
{
	static const struct {
		unsigned char bytes[CPU_BYTES];
		enum cpu_flow flow;
		uint64_t target;
	} all[] = {
		{{0xe8, 0xfb, 0xff, 0xff, 0xff}, CPU_TARGET, PC},
		{{0xeb, 0x10}, CPU_TARGET, PC + 0x12},
		{{0x74, 0xfe}, CPU_TARGET, PC},
		{{0x0f, 0x84, 0, 1, 0, 0}, CPU_TARGET, PC + 0x106},
		{{0xc3}, CPU_RETURN, 0},
		{{0xff, 0xd0}, CPU_SOMEWHERE, 0},
		{{0xff, 0x25, 0, 0, 0, 0}, CPU_SOMEWHERE, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct cpu_instruction in;
		cpu_decode(all[i].bytes, &registers, &in);
		assert_int_equal(in.flow, all[i].flow);
		assert_int_equal(in.target, all[i].target);
	}
	struct cpu_instruction in;
	cpu_decode((const unsigned char[CPU_BYTES]){0x0f, 0x05}, &registers, &in);
	assert_true(in.system_call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(touches),
		cmocka_unit_test(flows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
