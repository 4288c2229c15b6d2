/* SPDX-License-Identifier: BSD-2-Clause */
/* tracee.c - the calls of ptrace(2), with errors as -errno. */
#include "config.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tracee.h"

/* As ptrace wants numbers: in pointers. */
static void *number_wrap(uint64_t number)
{
	return (void *)(uintptr_t)number;
}

int tracee_wait(pid_t thread, int *status)
{
	return waitpid(thread, status, __WALL) < 0 ? -errno : 0;
}

int tracee_resume(pid_t thread, enum __ptrace_request request, int signal)
{
	return ptrace(request, thread, NULL, number_wrap((uint64_t)signal)) < 0 ? -errno
										: 0;
}

int tracee_registers(pid_t thread, struct user_regs_struct *registers)
{
	struct iovec part = {registers, sizeof(*registers)};
	return ptrace(PTRACE_GETREGSET, thread, number_wrap(NT_PRSTATUS), &part) < 0
		       ? -errno
		       : 0;
}

int tracee_registers_set(pid_t thread, struct user_regs_struct *registers)
{
	struct iovec part = {registers, sizeof(*registers)};
	return ptrace(PTRACE_SETREGSET, thread, number_wrap(NT_PRSTATUS), &part) < 0
		       ? -errno
		       : 0;
}

/* One word; PEEK's result may be -1 by right. */
static int word_read(pid_t thread, uint64_t address, long *word)
{
	errno = 0;
	*word = ptrace(PTRACE_PEEKDATA, thread, number_wrap(address), NULL);
	return -errno;
}

int tracee_read(pid_t thread, uint64_t address, void *to, size_t n)
{
	unsigned char *at = to;
	while (n > 0) {
		long word;
		size_t skip = address % sizeof(word);
		size_t part = sizeof(word) - skip < n ? sizeof(word) - skip : n;
		int status = word_read(thread, address - skip, &word);
		if (status < 0)
			return status;
		memcpy(at, (unsigned char *)&word + skip, part);
		at += part;
		address += part;
		n -= part;
	}
	return 0;
}

int tracee_write(pid_t thread, uint64_t address, const void *from, size_t n)
{
	const unsigned char *at = from;
	while (n > 0) {
		long word;
		size_t skip = address % sizeof(word);
		size_t part = sizeof(word) - skip < n ? sizeof(word) - skip : n;
		int status = word_read(thread, address - skip, &word);
		if (status < 0)
			return status;
		memcpy((unsigned char *)&word + skip, at, part);
		if (ptrace(PTRACE_POKEDATA, thread, number_wrap(address - skip),
			   number_wrap((uint64_t)word)) < 0)
			return -errno;
		at += part;
		address += part;
		n -= part;
	}
	return 0;
}

bool tracee_call_begins(pid_t thread, struct __ptrace_syscall_info *call)
{
	*call = (struct __ptrace_syscall_info){0};
	return ptrace(PTRACE_GET_SYSCALL_INFO, thread, number_wrap(sizeof(*call)),
		      call) > 0 &&
	       call->op == PTRACE_SYSCALL_INFO_ENTRY;
}

bool tracee_at_call(int status)
{
	enum { CALL_MARK = 0x80 }; /* PTRACE_O_TRACESYSGOOD */
	return WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | CALL_MARK);
}

unsigned tracee_event(int status)
{
	return WIFSTOPPED(status) ? (unsigned)status >> 16 : 0;
}

pid_t tracee_event_pid(pid_t thread)
{
	unsigned long pid = 0;
	return ptrace(PTRACE_GETEVENTMSG, thread, NULL, &pid) < 0 ? 0 : (pid_t)pid;
}

bool tracee_signal_ends(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL ||
	       signal == SIGFPE || signal == SIGABRT || signal == SIGXCPU;
}

void tracee_kill(pid_t pid)
{
	kill(pid, SIGKILL);
}
