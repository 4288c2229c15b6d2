/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.h - a carrier by ptrace(2): one instruction at a time while others run, or its
 * system calls counted. */
#ifndef FILES_TRACE_H
#define FILES_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct subject;

/* The program's own code in a process: student's and given, without libraries. */
struct trace_text {
	uint64_t begin, end;
	uint64_t base; /* what addr2line(1) takes an address less */
};

/* Finds the code of the program in a process of it.  0 or -errno. */
int trace_text_find(struct trace_text *text, pid_t pid, const char *program);

/* How a process that is stopped goes on. */
enum trace_how {
	TRACE_RUN,     /* up to a breakpoint */
	TRACE_TO_CALL, /* up to the beginning or the end of a system call */
	TRACE_STEP,    /* one instruction; a system call is one */
};

/* Seizes and stops a process that sleeps.  0 or -errno; -EPERM: we may not. */
int trace_hold(pid_t pid);

/* Lets it go on.  0 or -errno. */
int trace_go(pid_t pid, enum trace_how how);

/* Has it stopped as it was to?  1, 0, or -errno if it ended.  Does not wait.  At other
 * stops it goes on in the same way, with the signal that was on its way to it. */
int trace_stopped(pid_t pid, enum trace_how how);

/* Stops it, wherever it is.  0; 1: it had come to a breakpoint; -errno. */
int trace_halt(pid_t pid);

/* Where one that is stopped stands.  0 or -errno. */
int trace_where(pid_t pid, uint64_t *where);

/* Is it at the end of the system call that has set `*inside`, the call `number`?  1, 0,
 * or -errno. */
int trace_call_ended(pid_t pid, uint64_t number, bool *inside);

/* A place where it is to stop: an instruction of the program's own. */
struct trace_break {
	uint64_t address;
	long old; /* what stood there */
};

/* 0 or -errno; -ENOSYS: not on this machine. */
int trace_break_set(pid_t pid, struct trace_break *at, uint64_t address);
/* Restores the instruction.  One that had come to it stands before it then. */
int trace_break_clear(pid_t pid, const struct trace_break *at, bool hit);

/* Lets it go on by itself. */
int trace_release(pid_t pid);

/* The source line of an address, "files.c:97"; "?" if nobody knows. */
void trace_line(const char *program, uint64_t address, char *text, unsigned room);

/* Counting the system calls of all carriers from now on: 0 or -errno. */
int trace_count_begin(struct subject *subject);
/* Takes what stops there were, and lets the carriers go on. */
void trace_pump(struct subject *subject);
/* The counts: calls, and those which pass a descriptor or a message to another process.
 */
int trace_count_end(struct subject *subject, unsigned long *calls,
		    unsigned long *passed);

#endif
