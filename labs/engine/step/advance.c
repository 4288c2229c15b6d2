/* SPDX-License-Identifier: BSD-2-Clause */
/* advance.c - single steps inside the code under test; outside it, from stop to stop.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "advance.h"
#include "breaks.h"
#include "stops.h"
#include "story.h"
#include "tracee.h"

/* A library function that waits by spinning, which no system call tells. */
static const char spin_function[] = "pthread_spin_lock";

static const struct code_function *code_of(const struct execution *x, uint64_t address)
{
	return code_at(&x->subject->code, address - x->subject->bias);
}

/* Where the function that was just called returns to, or the one that returns now. */
static uint64_t return_address(const struct thread *t)
{
	uint64_t where, back = 0;
	if (!cpu_return_in_memory(&t->registers, &where))
		return where;
	return tracee_read(t->tid, where, &back, sizeof(back)) < 0 ? 0 : back;
}

static bool own_stack(const struct thread *t)
{
	enum { RED_ZONE = 128 };
	return t->next.address >= cpu_stack(&t->registers) - RED_ZONE &&
	       t->next.address < t->stack_start;
}

/* May the next instruction matter to another thread?  It may if what it touches is not
   its own, or if it leaves the code under test, for who knows what. */
static bool is_visible(const struct execution *x, const struct thread *t)
{
	const struct cpu_instruction *next = &t->next;
	if (next->flow == CPU_TARGET)
		return !code_of(x, next->target);
	if (next->flow == CPU_RETURN)
		return !code_of(x, return_address(t));
	if (next->size > 0)
		return !own_stack(t);
	return !next->own;
}

bool thread_can_halve(const struct thread *t)
{
	return t->visible && t->next.loads && t->next.stores && !t->next.atomic &&
	       t->next.size > 0 && t->next.size <= sizeof(t->stale) && !t->half;
}

void thread_halve(struct execution *x, struct thread *t)
{
	if (!thread_can_halve(t) ||
	    tracee_read(t->tid, t->next.address, &t->stale, t->next.size) < 0)
		return;
	t->half = true;
	story_half(x->story, x, t);
}

int thread_add(struct execution *x, pid_t tid)
{
	int wait_status;
	struct user_regs_struct registers;
	if (x->threads == TURNS_THREADS)
		return -EAGAIN;
	int status = 0;
	if (x->threads > 0)
		while ((status = tracee_wait(tid, &wait_status)) == -EINTR)
			continue;
	status = status ? status : tracee_registers(tid, &registers);
	if (status < 0)
		return status;
	struct thread *t = &x->thread[x->threads];
	*t = (struct thread){
		.tid = tid,
		.number = x->threads++,
		.stack_start = cpu_stack(&registers),
	};
	return 0;
}

/* It stands in the code under test, its registers read. */
static void arrive(struct execution *x, struct thread *t)
{
	const struct code_function *f = code_of(x, cpu_pc(&t->registers));
	uint64_t from = t->at;
	t->inside = true;
	t->watched = false;
	t->at = cpu_pc(&t->registers) - x->subject->bias;
	if (t->at < from && from < f->end && from >= f->start)
		t->jumps_back++;
	cpu_decode(f->bytes + (t->at - f->start), &t->registers, &t->next);
	t->visible = is_visible(x, t);
}

/* A call out has returned. */
static void call_done(struct execution *x, struct thread *t)
{
	enum mutex_call call = mutex_call_of(t->call.function);
	if (call == MUTEX_LOCK && (uint32_t)cpu_result(&t->registers) == 0)
		mutexes_take(&x->mutexes, t->call.argument[0], t->number);
	if (call == MUTEX_WAIT)
		mutexes_take(&x->mutexes, t->call.argument[1], t->number);
	t->call.function = NULL;
	t->jumps_back = 0;
}

/* An unlock by who does not hold it is undefined (pthread_mutex_unlock(3p)); the first
   word of glibc's mutex is not 0 while somebody whom we have not seen holds it. */
static void unlock_check(struct execution *x, struct thread *t, uint64_t mutex)
{
	char name[TURNS_NAME];
	uint32_t word = 0;
	int owner = mutexes_owner(&x->mutexes, mutex);
	if (mutexes_give(&x->mutexes, mutex, t->number))
		return;
	execution_name(x, mutex, name, sizeof(name));
	if (owner >= 0)
		execution_over(x, OUTCOME_MUTEX, 0, t->number,
			       "thread %u unlocks %s, which thread %d has locked",
			       t->number, name, owner);
	else if (tracee_read(t->tid, mutex, &word, sizeof(word)) == 0 && word == 0)
		execution_over(x, OUTCOME_MUTEX, 0, t->number,
			       "thread %u unlocks %s, which is not locked", t->number,
			       name);
}

static void call_count(struct execution *x, const char *function)
{
	for (int i = 0; i < EXECUTION_CALLS; i++) {
		struct calls *calls = &x->calls[i];
		if (calls->function && strcmp(calls->function, function) != 0)
			continue;
		calls->function = function;
		calls->times++;
		return;
	}
}

static void call_note(struct execution *x, struct thread *t)
{
	t->call.argument[0] = cpu_argument(&t->registers, 0);
	t->call.argument[1] = cpu_argument(&t->registers, 1);
	enum mutex_call call = mutex_call_of(t->call.function);
	t->watched = t->call.function && strcmp(t->call.function, spin_function) == 0;
	if (t->call.function) {
		call_count(x, t->call.function);
		story_call(x->story, x, t);
	}
	if (call == MUTEX_UNLOCK || call == MUTEX_WAIT)
		unlock_check(x, t, t->call.argument[call == MUTEX_WAIT]);
}

/* It has left the code under test: by a call, a jump to another function, or a return.
 */
static int leave(struct execution *x, struct thread *t, bool returned)
{
	enum { LINKAGE_STEPS = 8 };
	const struct subject *s = x->subject;
	t->inside = false;
	t->call.function = NULL;
	t->call.back = returned ? 0 : return_address(t);
	if (returned)
		return 0;
	/* Through the linker's tables, which have no names, to where the call leads. */
	for (int i = 0; i < LINKAGE_STEPS; i++) {
		uint64_t pc = cpu_pc(&t->registers);
		t->call.function = subject_function(s, pc);
		if (t->call.function || symbols_at(&s->program, pc - s->bias))
			break;
		int stop = thread_stop(x, t, PTRACE_SINGLESTEP);
		if (stop != STOP_TRAP)
			return stop < 0 ? stop : stop == STOP_OVER ? 0 : -EPROTO;
		int status = tracee_registers(t->tid, &t->registers);
		if (status < 0)
			return status;
	}
	call_note(x, t);
	if (!code_of(x, t->call.back) && !t->call.function)
		return 0;
	return break_add(x, t->call.back);
}

/* At a trap outside: has it come to a breakpoint?  1: inside; 0: further on; or -errno.
 */
static int trap_take(struct execution *x, struct thread *t)
{
	int status = tracee_registers(t->tid, &t->registers);
	if (status < 0)
		return status;
	uint64_t pc = cpu_pc(&t->registers);
	if (!t->watched)
		cpu_pc_set(&t->registers, pc -= cpu_break_advance);
	struct breakpoint *b = break_at(x, pc);
	bool in = code_of(x, pc) != NULL;
	if (!b && t->watched)
		return in;
	if (!b) { /* a breakpoint of its own */
		execution_over(x, OUTCOME_SIGNAL, SIGTRAP, t->number,
			       "thread %u stopped at a breakpoint of its own",
			       t->number);
		return 0;
	}
	status = tracee_registers_set(t->tid, &t->registers);
	if (pc == t->call.back && t->call.function)
		call_done(x, t);
	if (status < 0 || in)
		return status < 0 ? status : 1;
	t->watched = false;
	status = break_lift(x, b);
	int stop = status < 0 ? status : thread_stop(x, t, PTRACE_SINGLESTEP);
	status = break_put_back(x, b);
	return stop < 0 ? stop : stop == STOP_TRAP ? status : -EPROTO;
}

static int advance_of(int stop)
{
	return stop == STOP_BLOCKED   ? ADVANCE_BLOCKED
	       : stop == STOP_YIELDED ? ADVANCE_YIELDED
	       : stop == STOP_ENDED   ? ADVANCE_ENDED
				      : ADVANCE_OVER;
}

static int outside_run(struct execution *x, struct thread *t)
{
	enum { SPINS_WATCHED = 64 };
	unsigned spins = 0;
	while (x->outcome.kind == OUTCOME_NONE) {
		x->ticks++;
		if (x->ticks > x->steps_max)
			return ADVANCE_YIELDED;
		if (t->watched && ++spins > SPINS_WATCHED)
			return ADVANCE_YIELDED;
		int stop = thread_stop(x, t,
				       t->watched ? PTRACE_SINGLESTEP : PTRACE_SYSCALL);
		if (stop == STOP_CALL)
			stop = call_weigh(x, t);
		if (stop < 0)
			return stop;
		if (stop == STOP_CALL)
			continue;
		if (stop != STOP_TRAP)
			return advance_of(stop);
		int status = trap_take(x, t);
		if (status < 0)
			return status;
		if (status == 0)
			continue;
		arrive(x, t);
		return ADVANCE_INSIDE;
	}
	return ADVANCE_OVER;
}

/* One instruction: an enum stop, or -errno. */
static int instruction_step(struct execution *x, struct thread *t)
{
	struct breakpoint *b = break_at(x, cpu_pc(&t->registers));
	int status = 0;
	uint64_t now = 0;
	if (t->half)
		status = tracee_write(t->tid, t->next.address, &t->stale, t->next.size);
	else if (x->story && t->next.loads && t->next.size <= sizeof(now))
		status = tracee_read(t->tid, t->next.address, &now, t->next.size);
	status = status ? status : break_lift(x, b);
	int stop = status < 0 ? status : thread_stop(x, t, PTRACE_SINGLESTEP);
	if (stop != STOP_TRAP)
		return stop;
	status = break_put_back(x, b);
	t->steps++;
	story_step(x->story, x, t, now);
	t->half = false;
	return status < 0 ? status : stop;
}

/* The program makes a system call by itself: it is followed like one of a library. */
static int system_call_run(struct execution *x, struct thread *t)
{
	t->steps++;
	t->inside = false;
	int status = break_add(x, cpu_pc(&t->registers) + cpu_call_bytes);
	return status < 0 ? status : outside_run(x, t);
}

int thread_advance(struct execution *x, struct thread *t)
{
	if (!t->inside)
		return outside_run(x, t);
	x->ticks++;
	if (t->next.system_call)
		return system_call_run(x, t);
	bool returns = t->next.flow == CPU_RETURN;
	int stop = instruction_step(x, t);
	if (stop != STOP_TRAP)
		return stop < 0 ? stop : advance_of(stop);
	int status = tracee_registers(t->tid, &t->registers);
	if (status < 0)
		return status;
	if (code_of(x, cpu_pc(&t->registers))) {
		arrive(x, t);
		return ADVANCE_INSIDE;
	}
	status = leave(x, t, returns);
	return status < 0 ? status : outside_run(x, t);
}
