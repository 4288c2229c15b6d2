/* SPDX-License-Identifier: BSD-2-Clause */
/* tracee.h - a stopped thread of a subject, by ptrace(2): memory, registers, stops. */
#ifndef LAB_STEP_TRACEE_H
#define LAB_STEP_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>

/* Waits for the thread's next stop or end: 0 and its wait status; -EINTR: a signal
 * came. */
int tracee_wait(pid_t thread, int *status);

/* Lets it go on: request is PTRACE_SYSCALL, PTRACE_SINGLESTEP or PTRACE_CONT. */
int tracee_resume(pid_t thread, enum __ptrace_request request, int signal);

int tracee_registers(pid_t thread, struct user_regs_struct *registers);
int tracee_registers_set(pid_t thread, struct user_regs_struct *registers);

/* n bytes of its memory, whatever its protection. */
int tracee_read(pid_t thread, uint64_t address, void *to, size_t n);
int tracee_write(pid_t thread, uint64_t address, const void *from, size_t n);

/* At a system call's stop: before it (true), or after it (false); call->entry.nr and
 * args. */
bool tracee_call_begins(pid_t thread, struct __ptrace_syscall_info *call);

/* Is this wait status the stop of a system call; the event of ptrace in it, or 0. */
bool tracee_at_call(int status);
unsigned tracee_event(int status);
/* The thread or process that the event tells of. */
pid_t tracee_event_pid(pid_t thread);

/* Is it the end of a program that gets this signal, whatever it has arranged for? */
bool tracee_signal_ends(int signal);

/* Kills the process of which this is the first thread. */
void tracee_kill(pid_t pid);

#endif
