/* SPDX-License-Identifier: BSD-2-Clause */
/* turns.c - one carrier goes on, by ptrace(2), while the others stay stopped.  A system
 * call in which it slept is begun again by the kernel, as after SIGCONT: signal(7). */
#include "config.h"

#include "turns.h"

#include <signal.h>
#include <stdint.h>
#include <time.h>

/* One who spins waits for one who is stopped, we take it: so many looks have found that
 * it computed for so long since the look before.  A sum alone would not do: time that
 * the machine was away may be in it. */
enum { BUSY_LOOKS = 20, BUSY_US = 1000, MOMENT_NS = 50000 };

struct busy {
	uint64_t used_us;
	int looks;
};

/* CPU time that a process has used; 0: unknown. */
static uint64_t cpu_us(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

static bool busy_look(struct busy *busy, pid_t pid)
{
	uint64_t used_us = cpu_us(pid);

	if (used_us >= busy->used_us + BUSY_US) {
		busy->used_us = used_us;
		busy->looks++;
	}
	return busy->looks >= BUSY_LOOKS;
}

/* A stop is told by SIGCHLD, which is blocked; that one sleeps is told by nobody.  Who
 * waits asleep is soon woken however busy the machine is; who yields is not. */
static void moment_wait(void)
{
	const struct timespec moment = {.tv_nsec = MOMENT_NS};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &moment);
}

int turns_begin(struct subject *subject)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	for (int i = 0; i < CARRIERS; i++) {
		int error = trace_hold(subject->carrier[i]);

		if (error < 0)
			return error;
		subject->held[i] = true;
	}
	return 0;
}

enum subject_state turn_await(struct subject *subject, int carrier, enum trace_how how)
{
	pid_t pid = subject->carrier[carrier];
	struct busy busy = {.used_us = cpu_us(pid)};

	for (;;) {
		enum subject_state state;
		int stopped;

		moment_wait();
		stopped = trace_stopped(pid, how);
		subject->held[carrier] = stopped > 0;
		if (stopped != 0)
			return stopped > 0 ? SUBJECT_STOPPED : SUBJECT_GONE;
		state = subject_look(subject);
		if (state != SUBJECT_AWAKE)
			return state;
		if (busy_look(&busy, pid))
			return SUBJECT_BUSY;
	}
}

enum subject_state turn_go(struct subject *subject, int carrier, enum trace_how how)
{
	if (trace_go(subject->carrier[carrier], how) < 0)
		return SUBJECT_GONE;
	return turn_await(subject, carrier, how);
}

enum subject_state turn_take(struct subject *subject, int carrier)
{
	enum subject_state state = turn_go(subject, carrier, TRACE_RUN);
	int place;

	if (state != SUBJECT_ASLEEP && state != SUBJECT_BUSY)
		return state;
	place = trace_halt(subject->carrier[carrier]);
	subject->held[carrier] = place >= 0;
	return place < 0 ? SUBJECT_GONE : place > 0 ? SUBJECT_STOPPED : state;
}

bool turns_take(struct subject *subject, int first, int but, int times)
{
	for (int i = 0; i < CARRIERS * times; i++) {
		int carrier = (first + i) % CARRIERS;

		if (carrier != but && turn_take(subject, carrier) == SUBJECT_GONE)
			return false;
	}
	return true;
}

int turns_end(struct subject *subject)
{
	int error = 0;

	for (int i = 0; i < CARRIERS; i++) {
		int one = subject->held[i] ? trace_release(subject->carrier[i]) : 0;

		subject->held[i] = false;
		if (error == 0)
			error = one;
	}
	return error;
}
