/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu-aarch64.c - registers, and which instructions touch memory or leave a
   function (Arm Architecture Reference Manual, C4.1).  Between a load-exclusive and its
   store a single step clears the monitor: code under test wants the atomics of ARMv8.1
   (-march=armv8.1-a). */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <elf.h>

#include "cpu.h"

const unsigned char cpu_break[CPU_BREAK_MAX] = {0x00, 0x00, 0x20, 0xd4};
const unsigned cpu_break_bytes = 4, cpu_break_advance = 0;
const unsigned cpu_call_bytes = 4;

enum { LINK = 30, STACK = 31, CALL_NUMBER = 8 };

uint64_t cpu_pc(const struct user_regs_struct *registers)
{
	return registers->pc;
}

void cpu_pc_set(struct user_regs_struct *registers, uint64_t pc)
{
	registers->pc = pc;
}

uint64_t cpu_stack(const struct user_regs_struct *registers)
{
	return registers->sp;
}

uint64_t cpu_argument(const struct user_regs_struct *registers, unsigned n)
{
	return registers->regs[n];
}

uint64_t cpu_result(const struct user_regs_struct *registers)
{
	return registers->regs[0];
}

void cpu_result_set(struct user_regs_struct *registers, uint64_t result)
{
	registers->regs[0] = result;
}

bool cpu_return_in_memory(const struct user_regs_struct *registers, uint64_t *where)
{
	*where = registers->regs[LINK];
	return false;
}

int cpu_call_set(pid_t thread, struct user_regs_struct *registers, long number,
		 const uint64_t arguments[4])
{
	int wanted = (int)number;
	struct iovec part = {&wanted, sizeof(wanted)};
	for (unsigned i = 0; i < 4; i++)
		registers->regs[i] = arguments[i];
	return ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &part) < 0 ? -errno
									       : 0;
}

void cpu_call_again(struct user_regs_struct *registers, long number)
{
	registers->pc -= cpu_call_bytes;
	registers->regs[CALL_NUMBER] = (unsigned long long)number;
}

static int64_t signed_field(uint32_t word, unsigned low, unsigned bits)
{
	uint32_t field = word >> low & (((uint32_t)1 << bits) - 1);
	int64_t sign = (int64_t)1 << (bits - 1);
	return ((int64_t)field ^ sign) - sign;
}

static bool branch_decode(uint32_t word, uint64_t pc, struct cpu_instruction *i)
{
	int64_t words;
	if ((word & 0x7c000000) == 0x14000000) /* B, BL */
		words = signed_field(word, 0, 26);
	else if ((word & 0xff000000) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
		words = signed_field(word, 5, 19);  /* B.cond, CBZ, CBNZ */
	else if ((word & 0x7e000000) == 0x36000000) /* TBZ, TBNZ */
		words = signed_field(word, 5, 14);
	else
		return false;
	i->flow = CPU_TARGET;
	i->target = pc + (uint64_t)words * 4;
	i->own = true;
	return true;
}

void cpu_decode(const unsigned char bytes[CPU_BYTES],
		const struct user_regs_struct *registers, struct cpu_instruction *i)
{
	uint32_t word;
	memcpy(&word, bytes, sizeof(word));
	*i = (struct cpu_instruction){.flow = CPU_NEXT};
	if (branch_decode(word, registers->pc, i))
		return;
	if ((word & 0xfffffc1f) == 0xd65f0000) {
		i->flow = CPU_RETURN;
	} else if ((word & 0xffdffc1f) == 0xd61f0000) { /* BR, BLR */
		i->flow = CPU_SOMEWHERE;
	} else if ((word & 0xffe0001f) == 0xd4000001) {
		i->system_call = true;
	} else if ((word & 0x0a000000) != 0x08000000) {
		i->own = true; /* not of the group of loads and stores */
	} else if ((word >> 5 & 31) == STACK) {
		i->own = true;
	} else if ((word & 0x3f000000) == 0x39000000) { /* LDR, STR, unsigned offset */
		i->size = 1U << (word >> 30);
		i->loads = (word >> 22 & 3) != 0;
		i->stores = !i->loads;
		i->address = registers->regs[word >> 5 & 31] +
			     (uint64_t)(word >> 10 & 0xfff) * i->size;
	}
}
