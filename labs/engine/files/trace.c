/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c - ptrace(2), by requests that are the same on every machine
 * (PTRACE_GET_SYSCALL_INFO tells the instruction pointer at any stop). */
#include "config.h"

#include "trace.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "subject.h"
#include "trace_machine.h"

struct counter {
	bool inside; /* between a call's entry and its exit */
	uint64_t number;
	unsigned long calls, passed;
};

static struct counter counter[CARRIERS];

/* Requests are an enum in glibc. */
static long trace(int request, pid_t pid, uintptr_t address, uintptr_t data)
{
	return ptrace((enum __ptrace_request)request, pid, (void *)address,
		      (void *)data);
}

/* Waits for a stop.  Its wait status, or -ESRCH if the process ended. */
static int stop_await(pid_t pid, int flags)
{
	int status;
	pid_t got = waitpid(pid, &status, __WALL | flags);

	if (got < 0)
		return -errno;
	if (got == 0)
		return 0;
	return WIFSTOPPED(status) ? status : -ESRCH;
}

/* The signal to go on with: one that was on its way to the process, or none. */
static uintptr_t stop_signal(int status)
{
	int signal = WSTOPSIG(status) & 0x7f;

	return status >> 16 != 0 || signal == SIGTRAP ? 0 : (uintptr_t)signal;
}

int trace_hold(pid_t pid)
{
	int status;

	if (trace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) < 0)
		return -errno;
	if (trace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
		return -errno;
	status = stop_await(pid, 0);
	return status < 0 ? status : 0;
}

static int go(pid_t pid, enum trace_how how, uintptr_t signal)
{
	static const int requests[] = {
		[TRACE_RUN] = PTRACE_CONT,
		[TRACE_TO_CALL] = PTRACE_SYSCALL,
		[TRACE_STEP] = PTRACE_SINGLESTEP,
	};

	return trace(requests[how], pid, 0, signal) < 0 ? -errno : 0;
}

int trace_release(pid_t pid)
{
	return trace(PTRACE_DETACH, pid, 0, 0) < 0 ? -errno : 0;
}

static int stop_look(pid_t pid, struct __ptrace_syscall_info *info)
{
	memset(info, 0, sizeof(*info));
	if (trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*info), (uintptr_t)info) < 0)
		return -errno;
	return 0;
}

int trace_go(pid_t pid, enum trace_how how)
{
	return go(pid, how, 0);
}

/* A stop by PTRACE_INTERRUPT may be left over: trace_halt() had found another. */
int trace_stopped(pid_t pid, enum trace_how how)
{
	for (;;) {
		int error, status = stop_await(pid, WNOHANG);

		if (status <= 0)
			return status;
		if (status >> 16 == 0 && (WSTOPSIG(status) & 0x7f) == SIGTRAP)
			return 1;
		error = go(pid, how, stop_signal(status));
		if (error < 0)
			return error;
	}
}

int trace_halt(pid_t pid)
{
	if (trace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
		return -errno;
	for (;;) {
		int error, status = stop_await(pid, 0);

		if (status < 0)
			return status;
		if (status >> 16 != 0)
			return 0;
		if (WSTOPSIG(status) == SIGTRAP)
			return 1;
		error = go(pid, TRACE_RUN, stop_signal(status));
		if (error < 0)
			return error;
	}
}

int trace_where(pid_t pid, uint64_t *where)
{
	struct __ptrace_syscall_info info;
	int error = stop_look(pid, &info);

	*where = info.instruction_pointer;
	return error;
}

int trace_call_ended(pid_t pid, uint64_t number, bool *inside)
{
	struct __ptrace_syscall_info info;
	int error = stop_look(pid, &info);

	if (error < 0)
		return error;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		*inside = info.entry.nr == number;
	return info.op == PTRACE_SYSCALL_INFO_EXIT && *inside;
}

static int registers_move(pid_t pid, int request, struct user_regs_struct *registers)
{
	struct iovec bytes = {registers, sizeof(*registers)};

	return trace(request, pid, NT_PRSTATUS, (uintptr_t)&bytes) < 0 ? -errno : 0;
}

int trace_break_set(pid_t pid, struct trace_break *at, uint64_t address)
{
	long old, fresh;

	if (machine_trap_bytes == 0)
		return -ENOSYS;
	errno = 0;
	old = trace(PTRACE_PEEKTEXT, pid, address, 0);
	if (errno != 0)
		return -errno;
	fresh = old;
	memcpy(&fresh, machine_trap, machine_trap_bytes);
	*at = (struct trace_break){.address = address, .old = old};
	return trace(PTRACE_POKETEXT, pid, address, (uintptr_t)fresh) < 0 ? -errno : 0;
}

int trace_break_clear(pid_t pid, const struct trace_break *at, bool hit)
{
	struct user_regs_struct registers;
	int error;

	if (trace(PTRACE_POKETEXT, pid, at->address, (uintptr_t)at->old) < 0)
		return -errno;
	if (!hit)
		return 0;
	error = registers_move(pid, PTRACE_GETREGSET, &registers);
	if (error < 0)
		return error;
	*machine_counter(&registers) = at->address;
	return registers_move(pid, PTRACE_SETREGSET, &registers);
}

static bool program_moves(const char *program)
{
	Elf64_Ehdr head = {0};
	int fd = open(program, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return true;
	if (read(fd, &head, sizeof(head)) != (ssize_t)sizeof(head))
		head.e_type = ET_DYN;
	close(fd);
	return head.e_type == ET_DYN;
}

int trace_text_find(struct trace_text *text, pid_t pid, const char *program)
{
	const char *last = strrchr(program, '/');
	char line[4400];
	FILE *maps;

	last = last == NULL ? program : last + 1;
	*text = (struct trace_text){0};
	snprintf(line, sizeof(line), "/proc/%d/maps", (int)pid);
	maps = fopen(line, "re");
	if (maps == NULL)
		return -errno;
	while (fgets(line, sizeof(line), maps) != NULL) {
		uint64_t begin, end, offset;
		char access[5];
		char *name = strrchr(line, '/');

		line[strcspn(line, "\n")] = '\0';
		if (name == NULL || strcmp(name + 1, last) != 0 ||
		    sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64, &begin, &end,
			   access, &offset) != 4)
			continue;
		if (offset == 0)
			text->base = begin;
		if (access[2] == 'x') {
			text->begin = begin;
			text->end = end;
		}
	}
	fclose(maps);
	if (!program_moves(program))
		text->base = 0;
	return text->end > 0 ? 0 : -ENOEXEC;
}

/* In a box, as it reads what a student's compiler run has made. */
void trace_line(const char *program, uint64_t address, char *text, unsigned room)
{
	char number[32], said[512] = "";
	char *const argv[] = {"addr2line", "-s", "-e", (char *)(uintptr_t)program,
			      number,      NULL};
	const char *const read[] = {program, NULL};
	struct box_plan plan;
	struct box_end end;

	snprintf(number, sizeof(number), "%#" PRIx64, address);
	box_plan_init(&plan);
	plan.read = read;
	if (box_run(&plan, argv, said, sizeof(said), &end) < 0 || said[0] == '?')
		said[0] = '\0';
	said[strcspn(said, " \n")] = '\0';
	snprintf(text, room, "%s", said[0] == '\0' ? "?" : said);
}

static bool call_passes(uint64_t number)
{
	return number == SYS_sendmsg || number == SYS_sendmmsg ||
	       number == SYS_sendto || number == SYS_pidfd_getfd;
}

static void call_count(struct counter *c, const struct __ptrace_syscall_info *info)
{
	if (info->op == PTRACE_SYSCALL_INFO_ENTRY) {
		c->inside = true;
		c->number = info->entry.nr;
		c->calls++;
	} else if (info->op == PTRACE_SYSCALL_INFO_EXIT && c->inside) {
		c->inside = false;
		if (call_passes(c->number) && !info->exit.is_error)
			c->passed++;
	}
}

void trace_pump(struct subject *subject)
{
	struct __ptrace_syscall_info info;

	for (int i = 0; i < CARRIERS; i++) {
		int status = stop_await(subject->carrier[i], WNOHANG);

		if (status <= 0)
			continue;
		if (stop_look(subject->carrier[i], &info) == 0)
			call_count(&counter[i], &info);
		trace(PTRACE_SYSCALL, subject->carrier[i], 0, stop_signal(status));
	}
}

int trace_count_begin(struct subject *subject)
{
	memset(counter, 0, sizeof(counter));
	for (int i = 0; i < CARRIERS; i++) {
		int error = trace_hold(subject->carrier[i]);

		if (error < 0)
			return error;
		if (trace(PTRACE_SYSCALL, subject->carrier[i], 0, 0) < 0)
			return -errno;
	}
	subject->counting = true;
	return 0;
}

/* The carriers sleep in a system call now, as subject_settle() found. */
int trace_count_end(struct subject *subject, unsigned long *calls,
		    unsigned long *passed)
{
	int error = 0;

	*calls = *passed = 0;
	subject->counting = false;
	for (int i = 0; i < CARRIERS && error == 0; i++) {
		*calls += counter[i].calls;
		*passed += counter[i].passed;
		if (trace(PTRACE_INTERRUPT, subject->carrier[i], 0, 0) < 0)
			error = -errno;
		else if (stop_await(subject->carrier[i], 0) < 0)
			error = -ESRCH;
		else
			error = trace_release(subject->carrier[i]);
	}
	return error;
}
