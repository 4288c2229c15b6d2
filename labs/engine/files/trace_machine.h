/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_machine.h - what a breakpoint is on this machine. */
#ifndef FILES_TRACE_MACHINE_H
#define FILES_TRACE_MACHINE_H

#include <stddef.h>
#include <sys/user.h>

#if defined(__x86_64__)
static const unsigned char machine_trap[] = {0xcc}; /* int3 */
static const size_t machine_trap_bytes = sizeof(machine_trap);

static inline unsigned long long *machine_counter(struct user_regs_struct *registers)
{
	return &registers->rip;
}
#elif defined(__aarch64__)
static const unsigned char machine_trap[] = {0x00, 0x00, 0x20, 0xd4}; /* brk #0 */
static const size_t machine_trap_bytes = sizeof(machine_trap);

static inline unsigned long long *machine_counter(struct user_regs_struct *registers)
{
	return &registers->pc;
}
#else
static const unsigned char machine_trap[] = {0};
static const size_t machine_trap_bytes = 0; /* not known */

static inline unsigned long long *machine_counter(struct user_regs_struct *registers)
{
	return (unsigned long long *)registers;
}
#endif

#endif
