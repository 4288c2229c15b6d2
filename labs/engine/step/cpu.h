/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.h - all that step knows of a processor: its registers, and what the next
   instruction may mean to another thread.  One cpu-CPU.c each; configure takes the
   one that fits. */
#ifndef LAB_STEP_CPU_H
#define LAB_STEP_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

enum { CPU_BYTES = 16, CPU_BREAK_MAX = 4 };

/* Where an instruction goes. */
enum cpu_flow {
	CPU_NEXT,      /* on */
	CPU_TARGET,    /* on, or to the target */
	CPU_RETURN,    /* back to the caller */
	CPU_SOMEWHERE, /* the registers or memory say */
};

struct cpu_instruction {
	uint64_t address; /* of the memory it names, if size > 0 */
	uint64_t target;
	enum cpu_flow flow;
	unsigned size;      /* bytes in memory; 0: none, or not told */
	bool loads, stores; /* that memory */
	bool atomic;        /* loads and stores in one */
	bool own; /* what it touches is the thread's own: registers, thread-local */
	bool system_call;
};

/* Decodes the instruction that the thread with these registers executes next.  What is
   not known is not `own`. */
void cpu_decode(const unsigned char bytes[CPU_BYTES],
		const struct user_regs_struct *registers,
		struct cpu_instruction *instruction);

uint64_t cpu_pc(const struct user_regs_struct *registers);
void cpu_pc_set(struct user_regs_struct *registers, uint64_t pc);
uint64_t cpu_stack(const struct user_regs_struct *registers);
/* Of a function that was just called, argument 0 or 1; of one that returned, its
 * result. */
uint64_t cpu_argument(const struct user_regs_struct *registers, unsigned n);
uint64_t cpu_result(const struct user_regs_struct *registers);
void cpu_result_set(struct user_regs_struct *registers, uint64_t result);

/* Where a function that was just called will return to: *where, or what stands in
   memory there if it says so. */
bool cpu_return_in_memory(const struct user_regs_struct *registers, uint64_t *where);

/* At the stop before a system call: makes it another one, or none (-1); and the
   registers with which it is executed again from user mode. */
int cpu_call_set(pid_t thread, struct user_regs_struct *registers, long number,
		 const uint64_t arguments[4]);
void cpu_call_again(struct user_regs_struct *registers, long number);

/* The breakpoint: its bytes, and how far the program counter stands behind it. */
extern const unsigned char cpu_break[CPU_BREAK_MAX];
extern const unsigned cpu_break_bytes, cpu_break_advance;
/* Of the instruction that makes a system call. */
extern const unsigned cpu_call_bytes;

#endif
