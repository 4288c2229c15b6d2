/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu-x86_64.c - registers, and as much of the instruction set as tells what
   compilers' code reads and writes (Intel's manual, volume 2, appendix A).  The rest is
   "not known". */
#include "config.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <elf.h>

#include "cpu.h"

const unsigned char cpu_break[CPU_BREAK_MAX] = {0xcc};
const unsigned cpu_break_bytes = 1, cpu_break_advance = 1;
const unsigned cpu_call_bytes = 2;

uint64_t cpu_pc(const struct user_regs_struct *registers)
{
	return registers->rip;
}

void cpu_pc_set(struct user_regs_struct *registers, uint64_t pc)
{
	registers->rip = pc;
}

uint64_t cpu_stack(const struct user_regs_struct *registers)
{
	return registers->rsp;
}

uint64_t cpu_argument(const struct user_regs_struct *registers, unsigned n)
{
	return n == 0 ? registers->rdi : registers->rsi;
}

uint64_t cpu_result(const struct user_regs_struct *registers)
{
	return registers->rax;
}

void cpu_result_set(struct user_regs_struct *registers, uint64_t result)
{
	registers->rax = result;
}

bool cpu_return_in_memory(const struct user_regs_struct *registers, uint64_t *where)
{
	*where = registers->rsp;
	return true;
}

int cpu_call_set(pid_t thread, struct user_regs_struct *registers, long number,
		 const uint64_t arguments[4])
{
	(void)thread; /* the number is one of the registers here */
	registers->orig_rax = (unsigned long long)number;
	registers->rdi = arguments[0];
	registers->rsi = arguments[1];
	registers->rdx = arguments[2];
	registers->r10 = arguments[3];
	return 0;
}

void cpu_call_again(struct user_regs_struct *registers, long number)
{
	registers->rip -= cpu_call_bytes;
	registers->rax = (unsigned long long)number;
	registers->orig_rax = ~0ULL; /* nothing for the kernel to restart */
}

/* What the opcodes from first to last (with these values of ModRM's reg) do to the
   operand that ModRM names. */
enum kind {
	PLAIN, /* no such operand, no other memory but the stack */
	LOAD,
	STORE,
	BOTH,
	SWAP, /* both, as one bus operation */
	SKIP, /* names it, does not touch it */
	JUMP_8,
	JUMP_32,
	RETURN,
	ANYWHERE,
	SYSTEM,
};

enum size {
	FULL,
	BYTE = 1,
	WORD = 2,
	DOUBLE = 4,
	QUAD = 8,
	VECTOR = 16,
	PARITY,
	SCALAR
};
enum { IMMEDIATE = 4 }; /* 4 bytes, 2 with the prefix 66 */

struct opcodes {
	uint8_t first, last, reg_first, reg_last;
	enum kind kind;
	enum size size;
	uint8_t immediate;
};

static const struct opcodes one_byte[] = {
	{0x50, 0x5f, 0, 7, PLAIN, FULL, 0},        /* push, pop of registers */
	{0x63, 0x63, 0, 7, LOAD, DOUBLE, 0},       /* movsxd */
	{0x68, 0x68, 0, 7, PLAIN, FULL, 0},        /* push immediate */
	{0x69, 0x69, 0, 7, LOAD, FULL, IMMEDIATE}, /* imul */
	{0x6a, 0x6a, 0, 7, PLAIN, FULL, 0},
	{0x6b, 0x6b, 0, 7, LOAD, FULL, 1},
	{0x70, 0x7f, 0, 7, JUMP_8, FULL, 0},
	{0x80, 0x80, 0, 6, BOTH, BYTE, 1}, /* add, or, ..., xor */
	{0x80, 0x80, 7, 7, LOAD, BYTE, 1}, /* cmp */
	{0x81, 0x81, 0, 6, BOTH, FULL, IMMEDIATE},
	{0x81, 0x81, 7, 7, LOAD, FULL, IMMEDIATE},
	{0x83, 0x83, 0, 6, BOTH, FULL, 1},
	{0x83, 0x83, 7, 7, LOAD, FULL, 1},
	{0x84, 0x85, 0, 7, LOAD, PARITY, 0}, /* test */
	{0x86, 0x87, 0, 7, SWAP, PARITY, 0}, /* xchg locks by itself */
	{0x88, 0x89, 0, 7, STORE, PARITY, 0},
	{0x8a, 0x8b, 0, 7, LOAD, PARITY, 0},
	{0x8d, 0x8d, 0, 7, SKIP, FULL, 0}, /* lea */
	{0x90, 0x99, 0, 7, PLAIN, FULL, 0},
	{0xa8, 0xa9, 0, 7, PLAIN, FULL, 0},
	{0xb0, 0xbf, 0, 7, PLAIN, FULL, 0},
	{0xc0, 0xc1, 0, 7, BOTH, PARITY, 1}, /* shifts */
	{0xc2, 0xc3, 0, 7, RETURN, FULL, 0},
	{0xc6, 0xc6, 0, 0, STORE, BYTE, 1},
	{0xc7, 0xc7, 0, 0, STORE, FULL, IMMEDIATE},
	{0xc9, 0xc9, 0, 7, PLAIN, FULL, 0}, /* leave */
	{0xd0, 0xd3, 0, 7, BOTH, PARITY, 0},
	{0xe8, 0xe9, 0, 7, JUMP_32, FULL, 0}, /* call, jmp */
	{0xeb, 0xeb, 0, 7, JUMP_8, FULL, 0},
	{0xf6, 0xf6, 0, 1, LOAD, BYTE, 1}, /* test */
	{0xf7, 0xf7, 0, 1, LOAD, FULL, IMMEDIATE},
	{0xf6, 0xf7, 2, 3, BOTH, PARITY, 0}, /* not, neg */
	{0xf6, 0xf7, 4, 7, LOAD, PARITY, 0}, /* mul, div */
	{0xfe, 0xff, 0, 1, BOTH, PARITY, 0}, /* inc, dec */
	{0xff, 0xff, 2, 5, ANYWHERE, QUAD, 0},
	{0xff, 0xff, 6, 6, LOAD, QUAD, 0}, /* push */
};

static const struct opcodes two_byte[] = {
	{0x05, 0x05, 0, 7, SYSTEM, FULL, 0},
	{0x10, 0x10, 0, 7, LOAD, SCALAR, 0}, /* movups and kin */
	{0x11, 0x11, 0, 7, STORE, SCALAR, 0},
	{0x0d, 0x0d, 0, 7, SKIP, FULL, 0},
	{0x18, 0x1f, 0, 7, SKIP, FULL, 0}, /* prefetch, nop, endbr64 */
	{0x28, 0x28, 0, 7, LOAD, VECTOR, 0},
	{0x29, 0x29, 0, 7, STORE, VECTOR, 0},
	{0x2a, 0x2a, 0, 7, LOAD, FULL, 0},
	{0x2e, 0x2f, 0, 7, LOAD, SCALAR, 0},
	{0x40, 0x4f, 0, 7, LOAD, FULL, 0}, /* cmov loads in any case */
	{0x51, 0x5f, 0, 7, LOAD, SCALAR, 0},
	{0x6e, 0x6e, 0, 7, LOAD, FULL, 0},
	{0x6f, 0x6f, 0, 7, LOAD, VECTOR, 0},
	{0x7f, 0x7f, 0, 7, STORE, VECTOR, 0},
	{0x80, 0x8f, 0, 7, JUMP_32, FULL, 0},
	{0x90, 0x9f, 0, 7, STORE, BYTE, 0}, /* setcc */
	{0xaf, 0xaf, 0, 7, LOAD, FULL, 0},
	{0xb0, 0xb1, 0, 7, BOTH, PARITY, 0}, /* cmpxchg */
	{0xb6, 0xb6, 0, 7, LOAD, BYTE, 0},
	{0xb7, 0xb7, 0, 7, LOAD, WORD, 0},
	{0xb8, 0xb8, 0, 7, LOAD, FULL, 0},
	{0xba, 0xba, 4, 4, LOAD, FULL, 1},
	{0xba, 0xba, 5, 7, BOTH, FULL, 1},
	{0xbc, 0xbd, 0, 7, LOAD, FULL, 0},
	{0xbe, 0xbe, 0, 7, LOAD, BYTE, 0},
	{0xbf, 0xbf, 0, 7, LOAD, WORD, 0},
	{0xc0, 0xc1, 0, 7, BOTH, PARITY, 0}, /* xadd */
	{0xc7, 0xc7, 1, 1, BOTH, QUAD, 0},
	{0xc8, 0xcf, 0, 7, PLAIN, FULL, 0}, /* bswap */
	{0xd6, 0xd6, 0, 7, STORE, QUAD, 0},
	{0xef, 0xef, 0, 7, LOAD, VECTOR, 0},
};

struct prefixes {
	bool operand_16, lock, own_segment, scalar_double, scalar_single;
	unsigned rex;
};

static const unsigned char *prefixes_read(struct prefixes *p, const unsigned char *at)
{
	const unsigned char *end = at + CPU_BYTES / 2;
	for (; at < end; at++) {
		if (*at == 0x66)
			p->operand_16 = true;
		else if (*at == 0xf0)
			p->lock = true;
		else if (*at == 0xf2)
			p->scalar_double = true;
		else if (*at == 0xf3)
			p->scalar_single = true;
		else if (*at == 0x64 || *at == 0x65)
			p->own_segment = true;
		else if (*at != 0x2e && *at != 0x36 && *at != 0x3e && *at != 0x26)
			break;
	}
	if ((*at & 0xf0) == 0x40)
		p->rex = *at++;
	return at;
}

/* The first sixteen opcodes of each eight are arithmetic: add, or, adc, sbb, and, sub,
 * xor, cmp. */
static bool arithmetic_find(struct opcodes *found, unsigned opcode)
{
	bool compares = opcode >= 0x38;
	if (opcode >= 0x40 || (opcode & 7) > 5)
		return false;
	*found = (struct opcodes){.size = PARITY, .reg_last = 7};
	if ((opcode & 7) >= 4)
		found->kind = PLAIN;
	else if ((opcode & 7) >= 2 || compares)
		found->kind = LOAD;
	else
		found->kind = BOTH;
	return true;
}

static bool opcodes_find(struct opcodes *found, const struct opcodes *table, size_t n,
			 unsigned opcode, unsigned reg)
{
	for (size_t i = 0; i < n; i++) {
		const struct opcodes *o = &table[i];
		if (opcode >= o->first && opcode <= o->last && reg >= o->reg_first &&
		    reg <= o->reg_last) {
			*found = *o;
			return true;
		}
	}
	return false;
}

static uint64_t register_get(const struct user_regs_struct *r, unsigned n)
{
	const uint64_t all[16] = {r->rax, r->rcx, r->rdx, r->rbx, r->rsp, r->rbp,
				  r->rsi, r->rdi, r->r8,  r->r9,  r->r10, r->r11,
				  r->r12, r->r13, r->r14, r->r15};
	return all[n & 15];
}

static int64_t signed_get(const unsigned char *at, unsigned bytes)
{
	int32_t wide = 0;
	if (bytes == 1)
		return (int8_t)*at;
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

/* The address that ModRM, at `at`, names; `tail` bytes follow it.  False: it names a
 * register. */
static bool operand_address(const unsigned char *start, const unsigned char *at,
			    unsigned tail, const struct prefixes *p,
			    const struct user_regs_struct *r, uint64_t *address)
{
	unsigned mode = *at >> 6, base = *at & 7;
	if (mode == 3)
		return false;
	at++;
	uint64_t sum = 0;
	unsigned displacement = mode == 1 ? 1 : mode == 2 ? 4 : 0;
	bool relative = false;
	if (base == 4) {
		unsigned index = (*at >> 3 & 7) | (p->rex & 2) << 2;
		if (index != 4)
			sum += register_get(r, index) << (*at >> 6);
		base = *at++ & 7;
	} else {
		relative = mode == 0 && base == 5;
	}
	if (mode == 0 && base == 5)
		displacement = 4;
	else
		sum += register_get(r, base | (p->rex & 1) << 3);
	if (displacement)
		sum += (uint64_t)signed_get(at, displacement);
	if (relative)
		sum += r->rip + (uint64_t)(at + displacement + tail - start);
	*address = sum;
	return true;
}

static unsigned size_get(enum size size, unsigned opcode, const struct prefixes *p)
{
	if (size == PARITY)
		size = opcode & 1 ? FULL : BYTE;
	if (size == SCALAR)
		return p->scalar_double ? 8 : p->scalar_single ? 4 : 16;
	if (size != FULL)
		return (unsigned)size;
	return p->rex & 8 ? 8 : p->operand_16 ? 2 : 4;
}

static void jump_decode(const unsigned char *start, const unsigned char *at,
			unsigned bytes, const struct user_regs_struct *r,
			struct cpu_instruction *i)
{
	i->flow = CPU_TARGET;
	i->target = r->rip + (uint64_t)(at + bytes - start) +
		    (uint64_t)signed_get(at, bytes);
	i->own = true;
}

static void operand_decode(const unsigned char *start, const unsigned char *at,
			   const struct opcodes *o, const struct prefixes *p,
			   const struct user_regs_struct *r, struct cpu_instruction *i)
{
	unsigned tail = o->immediate == IMMEDIATE && p->operand_16 ? 2 : o->immediate;
	if (o->kind == SKIP || !operand_address(start, at, tail, p, r, &i->address) ||
	    p->own_segment) {
		i->own = true;
		return;
	}
	i->size = size_get(o->size, at[-1], p);
	i->loads = o->kind != STORE;
	i->stores = o->kind != LOAD;
	i->atomic = o->kind == SWAP || p->lock;
}

void cpu_decode(const unsigned char bytes[CPU_BYTES],
		const struct user_regs_struct *registers, struct cpu_instruction *i)
{
	unsigned char start[2 * CPU_BYTES] = {0}; /* no operand reaches beyond */
	memcpy(start, bytes, CPU_BYTES);
	*i = (struct cpu_instruction){.flow = CPU_NEXT};
	struct prefixes p = {0};
	struct opcodes o;
	const unsigned char *at = prefixes_read(&p, start);
	bool wide = *at == 0x0f;
	unsigned opcode = wide ? *++at : *at;
	at++;
	bool known =
		wide ? opcodes_find(&o, two_byte, sizeof(two_byte) / sizeof(*two_byte),
				    opcode, *at >> 3 & 7)
		     : arithmetic_find(&o, opcode) ||
				opcodes_find(&o, one_byte,
					     sizeof(one_byte) / sizeof(*one_byte),
					     opcode, *at >> 3 & 7);
	if (!known)
		return;
	if (o.kind == PLAIN)
		i->own = true;
	else if (o.kind == JUMP_8 || o.kind == JUMP_32)
		jump_decode(start, at, o.kind == JUMP_8 ? 1 : 4, registers, i);
	else if (o.kind == RETURN || o.kind == ANYWHERE)
		i->flow = o.kind == RETURN ? CPU_RETURN : CPU_SOMEWHERE;
	else if (o.kind == SYSTEM)
		i->system_call = true;
	else
		operand_decode(start, at, &o, &p, registers, i);
}
