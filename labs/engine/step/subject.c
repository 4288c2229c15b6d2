/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.c - starts the program under test and copies it. */
#include "config.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cpu.h"
#include "subject.h"
#include "tracee.h"

/* Where the program was put: its entry, as the kernel told it (getauxval(3)). */
static int bias_find(struct subject *s)
{
	int fd = box_proc_open(&s->box, "auxv");
	if (fd < 0)
		return fd;
	Elf64_auxv_t entry[64];
	ssize_t bytes = read(fd, entry, sizeof(entry));
	close(fd);
	for (size_t i = 0; bytes > 0 && i < (size_t)bytes / sizeof(*entry); i++)
		if (entry[i].a_type == AT_ENTRY) {
			s->bias = entry[i].a_un.a_val - s->program.entry;
			return 0;
		}
	return -ENODATA;
}

/* One line of /proc/PID/maps (proc(5)): a new library, or more of the last one. */
static void library_note(struct subject *s, const char *line)
{
	uint64_t start, end, offset;
	int at = 0;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %n", &start,
		   &end, &offset, &at) < 3 ||
	    at == 0 || line[at] != '/')
		return;
	char path[SUBJECT_PATH];
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(line + at, "\n"), line + at);
	struct subject_library *last =
		s->libraries > 0 ? &s->library[s->libraries - 1] : NULL;
	if (last && strcmp(last->path, path) == 0) {
		last->end = end;
		return;
	}
	if (s->libraries == SUBJECT_LIBRARIES || offset != 0)
		return;
	struct subject_library *l = &s->library[s->libraries];
	if (symbols_read(&l->symbols, path) < 0)
		return;
	memcpy(l->path, path, sizeof(path));
	l->start = start;
	l->end = end;
	s->libraries++;
}

static void libraries_find(struct subject *s)
{
	char line[SUBJECT_PATH + 128];
	int fd = box_proc_open(&s->box, "maps");
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "re");
	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps))
		library_note(s, line);
	fclose(maps);
}

static int64_t now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

bool subject_is_late(const struct subject *s)
{
	return now_s() >= s->late_s;
}

/* Waits on when a signal came, until time is over. */
static int patient_wait(const struct subject *s, pid_t pid, int *wait_status)
{
	int status;
	do
		status = tracee_wait(pid, wait_status);
	while (status == -EINTR && !subject_is_late(s));
	return status;
}

/* The calls that a program makes when it gets its first thread, or has ended without.
 */
static bool call_is_first(long call)
{
	return call == SYS_clone || call == SYS_clone3 || call == SYS_exit_group ||
	       call == SYS_exit;
}

/* Lets the program, at a stop, come to the stop before its next system call. */
static int call_reach(struct subject *s, struct __ptrace_syscall_info *call,
		      char *wrong, size_t room)
{
	int status = 0, signal = 0;
	for (;;) {
		int failed = tracee_resume(s->box.pid, PTRACE_SYSCALL, signal);
		failed = failed ? failed : patient_wait(s, s->box.pid, &status);
		if (failed)
			return failed;
		signal = 0;
		if (WIFSIGNALED(status) || WIFEXITED(status)) {
			snprintf(wrong, room, "it was killed before its first thread");
			return -ESRCH;
		}
		if (tracee_at_call(status)) {
			if (tracee_call_begins(s->box.pid, call))
				return 0;
			continue;
		}
		if (tracee_event(status) == PTRACE_EVENT_FORK ||
		    tracee_event(status) == PTRACE_EVENT_VFORK) {
			snprintf(wrong, room,
				 "before its first thread it made a process");
			return -ECANCELED;
		}
		if (tracee_event(status))
			continue;
		signal = WSTOPSIG(status);
		if (tracee_signal_ends(signal)) {
			snprintf(wrong, room, "before its first thread: signal %d (%s)",
				 signal, strsignal(signal));
			return -ECANCELED;
		}
	}
}

/* Makes the program, at the stop before a call, do another one; then it stands before
   its own again.  Of a clone, *copy is the new process. */
static int call_inject(struct subject *s, long number, const uint64_t arguments[4],
		       pid_t *copy)
{
	struct user_regs_struct registers;
	pid_t pid = s->box.pid;
	int wait_status = 0;
	int status = tracee_registers(pid, &registers);
	status = status ? status : cpu_call_set(pid, &registers, number, arguments);
	status = status ? status : tracee_registers_set(pid, &registers);
	while (status == 0 && !tracee_at_call(wait_status)) {
		status = tracee_resume(pid, PTRACE_SYSCALL, 0);
		status = status ? status : patient_wait(s, pid, &wait_status);
		if (status == 0 && !WIFSTOPPED(wait_status))
			return -ESRCH;
		if (tracee_event(wait_status) == PTRACE_EVENT_CLONE)
			*copy = tracee_event_pid(pid);
	}
	status = status ? status : tracee_registers_set(pid, &s->ready);
	char wrong[128];
	struct __ptrace_syscall_info call;
	return status ? status : call_reach(s, &call, wrong, sizeof(wrong));
}

/* It stands before a system call, and shall do so again after each that is injected. */
static int ready_note(struct subject *s, const struct __ptrace_syscall_info *call)
{
	s->call = (long)call->entry.nr;
	int status = tracee_registers(s->box.pid, &s->ready);
	cpu_call_again(&s->ready, s->call);
	return status;
}

/* A process that computes for so long gets SIGXCPU, copies too: each counts for itself,
   while the box's limit is for all of them together. */
static int patience_limit(struct subject *s)
{
	enum { PATIENCE_S = 5, END_S = 60, BELOW_STACK = 1024 };
	struct rlimit limit = {PATIENCE_S, END_S};
	uint64_t place = cpu_stack(&s->ready) - BELOW_STACK;
	const uint64_t arguments[4] = {0, RLIMIT_CPU, place, 0};
	pid_t none;
	int status = tracee_write(s->box.pid, place, &limit, sizeof(limit));
	return status ? status : call_inject(s, SYS_prlimit64, arguments, &none);
}

static int first_thread_reach(struct subject *s, char *wrong, size_t room)
{
	struct __ptrace_syscall_info call;
	int status = call_reach(s, &call, wrong, room);
	status = status ? status : ready_note(s, &call);
	status = status ? status : patience_limit(s);
	while (status == 0 && !call_is_first((long)call.entry.nr))
		status = call_reach(s, &call, wrong, room);
	return status ? status : ready_note(s, &call);
}

pid_t subject_copy(struct subject *s)
{
	/* No signal at its end (else the original would get it); so __WALL reaps it. */
	const uint64_t copy_arguments[4] = {0};
	const uint64_t reap_arguments[4] = {(uint64_t)-1, 0, WNOHANG | __WALL, 0};
	pid_t copy = 0;
	int status = call_inject(s, SYS_wait4, reap_arguments, &copy);
	status = status ? status : call_inject(s, SYS_clone, copy_arguments, &copy);
	if (status < 0 || copy <= 0)
		return status < 0 ? status : -EAGAIN;
	int wait_status;
	status = patient_wait(s, copy, &wait_status);
	if (status == 0 && !WIFSTOPPED(wait_status))
		status = -ESRCH;
	status = status ? status : tracee_registers_set(copy, &s->ready);
	return status < 0 ? status : copy;
}

static int program_prepare(struct subject *s, const char *path,
			   const char *const *names, const char *const *objects,
			   char *wrong, size_t room)
{
	int status = symbols_read(&s->program, path);
	if (status < 0) {
		snprintf(wrong, room, "%s",
			 status == -ENOEXEC ? "no ELF program of this machine's kind"
					    : strerror(-status));
		return -EINVAL;
	}
	return code_choose(&s->code, &s->program, names, objects, wrong, room);
}

static int program_start(struct subject *s, char *const argv[],
			 const struct box_plan *plan, char *wrong, size_t room)
{
	enum {
		OPTIONS = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD |
			  PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			  PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC,
	};
	struct box_plan traced = *plan;
	static const char *const settings[] = {"LD_BIND_NOW=1", NULL};
	traced.settings =
		settings; /* calls then lead where they lead, from the first on */
	traced.traced = true;
	s->late_s = now_s() + plan->limits.wall_s;
	traced.fixed_addresses = true;
	int status = box_start(&s->box, &traced, argv);
	if (status < 0)
		return status;
	s->started = true;
	if (ptrace(PTRACE_SETOPTIONS, s->box.pid, NULL, (void *)(uintptr_t)OPTIONS) < 0)
		return -errno;
	status = bias_find(s);
	status = status ? status : first_thread_reach(s, wrong, room);
	if (status == 0)
		libraries_find(s);
	return status;
}

int subject_start(struct subject *s, char *const argv[], const char *const *names,
		  const char *const *objects, const struct box_plan *plan, char *wrong,
		  size_t room)
{
	memset(s, 0, sizeof(*s));
	wrong[0] = '\0';
	int status = program_prepare(s, argv[0], names, objects, wrong, room);
	if (status == 0)
		status = program_start(s, argv, plan, wrong, room);
	if (status < 0 && !wrong[0])
		snprintf(wrong, room, "cannot be started and traced: %s",
			 strerror(-status));
	return status;
}

int subject_end(struct subject *s, struct box_end *end)
{
	int status = 0;
	if (s->started) {
		int ended;
		box_kill(&s->box);
		while (waitpid(s->box.pid, &ended, __WALL) < 0 && errno == EINTR)
			continue;
		status = box_wait(&s->box, end);
	}
	while (s->libraries > 0)
		symbols_free(&s->library[--s->libraries].symbols);
	code_free(&s->code);
	symbols_free(&s->program);
	s->started = false;
	return status;
}

const char *subject_function(const struct subject *s, uint64_t address)
{
	const struct symbol *symbol = symbols_at(&s->program, address - s->bias);
	if (symbol && symbol->function)
		return symbol->address == address - s->bias ? symbol->name : NULL;
	for (unsigned i = 0; i < s->libraries; i++) {
		const struct subject_library *l = &s->library[i];
		if (address < l->start || address >= l->end)
			continue;
		symbol = symbols_at(&l->symbols, address - l->start);
		if (symbol && symbol->address == address - l->start)
			return symbol->name;
	}
	return NULL;
}
