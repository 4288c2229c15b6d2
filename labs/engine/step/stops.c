/* SPDX-License-Identifier: BSD-2-Clause */
/* stops.c - wait statuses and system calls: what they mean to the schedule. */
#include "config.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "advance.h"
#include "stops.h"
#include "tracee.h"

/* A clone(2) that shares no memory is a process: not what step can hold. */
static int clone_take(struct execution *x, struct thread *t)
{
	pid_t tid = tracee_event_pid(t->tid);
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)x->pid, (int)tid);
	if (access(path, F_OK) == 0)
		return thread_add(x, tid);
	tracee_kill(tid);
	int ended;
	tracee_wait(tid, &ended);
	execution_over(x, OUTCOME_ESCAPE, 0, t->number, "it made a process");
	return STOP_OVER;
}

static int event_take(struct execution *x, struct thread *t, unsigned event)
{
	if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK ||
	    event == PTRACE_EVENT_VFORK)
		return clone_take(x, t);
	if (event == PTRACE_EVENT_EXEC) {
		execution_over(x, OUTCOME_ESCAPE, 0, t->number,
			       "it became another program");
		return STOP_OVER;
	}
	return 0;
}

static int end_take(struct execution *x, struct thread *t, int status)
{
	pid_t tid = t->tid;
	t->tid = 0; /* gone */
	if (WIFSIGNALED(status) || tid == x->pid) {
		execution_over(x, OUTCOME_KILLED,
			       WIFSIGNALED(status) ? WTERMSIG(status) : 0, t->number,
			       "it was killed from outside");
		return STOP_OVER;
	}
	return STOP_ENDED;
}

/* The first thread's end is told only after the others' (ptrace(2)): has one of them
 * gone? */
static bool others_died(struct execution *x, const struct thread *than)
{
	bool died = false;
	for (unsigned i = 0; i < x->threads; i++) {
		struct thread *t = &x->thread[i];
		int status;
		if (t == than || t->tid <= 0 ||
		    waitpid(t->tid, &status, __WALL | WNOHANG) != t->tid ||
		    WIFSTOPPED(status))
			continue;
		t->tid = 0;
		died = true;
	}
	return died;
}

/* Waits for the thread; a signal, which lab-step's timer sends, is a time to look
   around. 1: the process was killed. */
static int stop_wait(struct execution *x, struct thread *t, int *wait_status)
{
	int status = tracee_wait(t->tid, wait_status);
	while (status == -EINTR && !subject_is_late(x->subject)) {
		if (others_died(x, t))
			return 1;
		status = tracee_wait(t->tid, wait_status);
	}
	return status;
}

int thread_stop(struct execution *x, struct thread *t, enum __ptrace_request request)
{
	int signal = 0;
	for (;;) {
		int wait_status = 0;
		int status = tracee_resume(t->tid, request, signal);
		if (status < 0 &&
		    status != -ESRCH) /* just killed: its end is to be seen */
			return status;
		status = stop_wait(x, t, &wait_status);
		if (status < 0)
			return status;
		if (status > 0) {
			execution_over(x, OUTCOME_KILLED, 0, t->number,
				       "it was killed from outside");
			return STOP_OVER;
		}
		signal = 0;
		if (!WIFSTOPPED(wait_status))
			return end_take(x, t, wait_status);
		if (tracee_at_call(wait_status))
			return STOP_CALL;
		if (tracee_event(wait_status)) {
			status = event_take(x, t, tracee_event(wait_status));
			if (status != 0)
				return status;
			continue;
		}
		signal = WSTOPSIG(wait_status);
		if (signal == SIGTRAP)
			return STOP_TRAP;
		if (tracee_signal_ends(signal)) {
			execution_over(x, OUTCOME_SIGNAL, signal, t->number,
				       "thread %u died of signal %d (%s)", t->number,
				       signal, strsignal(signal));
			return STOP_OVER;
		}
	}
}

/* At the stop before its system call: makes it none, that returns this. */
static int call_skip(struct thread *t, int64_t result)
{
	const uint64_t none[4] = {0};
	struct user_regs_struct registers;
	int status = tracee_registers(t->tid, &registers);
	status = status ? status : cpu_call_set(t->tid, &registers, -1, none);
	t->skipped = true;
	t->skip_result = result;
	return status ? status : tracee_registers_set(t->tid, &registers);
}

int thread_time_out(struct thread *t)
{
	t->state = THREAD_READY;
	return call_skip(t, -ETIMEDOUT);
}

/* Would it sleep here?  Then it stays before the call until the word is such that the
   kernel lets it go on at once (futex(2)). */
static int futex_weigh(struct thread *t, const uint64_t arguments[6])
{
	int command = (int)arguments[1] & FUTEX_CMD_MASK;
	bool waits = command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
	bool inherits = command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2;
	uint32_t word;
	if ((!waits && !inherits) ||
	    tracee_read(t->tid, arguments[0], &word, sizeof(word)) < 0)
		return STOP_CALL;
	if (waits ? word != (uint32_t)arguments[2] : (word & FUTEX_TID_MASK) == 0)
		return STOP_CALL;
	t->state = THREAD_BLOCKED;
	t->futex = arguments[0];
	t->futex_value = word;
	t->until_free = inherits;
	t->timed = arguments[3] != 0;
	return STOP_BLOCKED;
}

static void process_ended(struct execution *x, const struct thread *t, int exit_status)
{
	execution_over(x, OUTCOME_EXIT, exit_status & 0xff, t->number, "exit status %d",
		       exit_status & 0xff);
}

/* A thread's end by itself.  The first thread cannot be waited for before all others
   are gone: it is left where it stands. */
static int exit_weigh(struct execution *x, struct thread *t, int exit_status)
{
	unsigned alive = 0;
	uint64_t mutex = mutexes_of(&x->mutexes, t->number);
	char name[TURNS_NAME];
	if (mutex) { /* now nobody may unlock it */
		execution_name(x, mutex, name, sizeof(name));
		execution_over(x, OUTCOME_MUTEX, 0, t->number,
			       "thread %u ended and has %s still locked", t->number,
			       name);
		return STOP_OVER;
	}
	for (unsigned i = 0; i < x->threads; i++)
		alive += x->thread[i].state != THREAD_ENDED;
	t->state = THREAD_ENDED;
	if (alive == 1) {
		process_ended(x, t, exit_status);
		return STOP_OVER;
	}
	return t->tid == x->pid ? STOP_ENDED : thread_stop(x, t, PTRACE_CONT);
}

int call_weigh(struct execution *x, struct thread *t)
{
	struct __ptrace_syscall_info call;
	struct user_regs_struct registers;
	int status = 0;
	if (!tracee_call_begins(t->tid, &call)) {
		if (!t->skipped)
			return STOP_CALL;
		t->skipped = false;
		status = tracee_registers(t->tid, &registers);
		cpu_result_set(&registers, (uint64_t)t->skip_result);
		status = status ? status : tracee_registers_set(t->tid, &registers);
		return status ? status : STOP_CALL;
	}
	switch (call.entry.nr) {
	case SYS_futex:
		return futex_weigh(t, (const uint64_t *)call.entry.args);
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
		status = call_skip(t, 0);
		return status ? status : STOP_YIELDED;
	case SYS_sched_yield:
		return STOP_YIELDED;
	case SYS_exit:
		return exit_weigh(x, t, (int)call.entry.args[0]);
	case SYS_exit_group:
		process_ended(x, t, (int)call.entry.args[0]);
		return STOP_OVER;
	default:
		return STOP_CALL;
	}
}
