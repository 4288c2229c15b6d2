/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.c - talks to the carriers over one socket that keeps messages apart.  Who
 * wrote an answer is told by the kernel (SCM_CREDENTIALS, unix(7)), so that a carrier
 * is the process it says, whatever PID namespace it lives in. */
#include "config.h"

#include "subject.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

enum { LOOK_MS = 1 }; /* for an answer, before we look whether all sleep */

/* What the kernel tells of a process: asleep ('S'), and how often it was switched away.
 */
struct glance {
	char state;
	unsigned long switches;
};

/* One that is about to sleep, or just looks whether it has to, is 'S' in the file
 * `status` as well.  The file `syscall` says "running" of it (proc(5)), as the kernel
 * waits for it to be off its processor.  Who may not read it does without. */
static bool is_running(pid_t pid)
{
	char path[64], line[256] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	fclose(file);
	return strncmp(line, "running", strlen("running")) == 0;
}

static int glance_take(pid_t pid, struct glance *glance)
{
	char path[64], line[256];
	unsigned long switches = 0, value;
	char state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return -errno;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "State: %c", &state) == 1)
			continue;
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &value) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &value) == 1)
			switches += value;
	}
	fclose(file);
	*glance = (struct glance){state, switches};
	return state == 'Z' || state == 'X' ? -ESRCH : 0;
}

/* The carriers; as long as we do not know them all, the processes that the first one
 * has forked, in that order.  How many, or -1: not known. */
static int carriers_list(const struct subject *subject, pid_t carrier[CARRIERS])
{
	int parent = (int)subject->box.pid, n = 0;
	char path[64];
	FILE *file;

	memcpy(carrier, subject->carrier, sizeof(subject->carrier));
	if (subject->all_known)
		return CARRIERS;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	file = fopen(path, "re");
	if (file == NULL)
		return -1; /* it has ended, or the kernel keeps no such list */
	while (n < CARRIERS && fscanf(file, "%d", &carrier[n]) == 1)
		n++;
	fclose(file);
	return n;
}

/* The subject's first process, which hands on commands, and the carriers but those
 * that are held.  How many, 0: not known. */
static int processes_list(const struct subject *subject, pid_t process[CARRIERS + 1])
{
	pid_t carrier[CARRIERS];
	int carriers = carriers_list(subject, carrier), processes = 0;

	process[processes++] = subject->box.pid;
	for (int i = 0; i < carriers; i++)
		if (!subject->held[i])
			process[processes++] = carrier[i];
	return carriers < 0 ? 0 : processes;
}

/* Two looks find each process asleep, off its processor at the second, and not switched
 * away in between: so there was a moment between them at which all slept, and who
 * sleeps in that moment was woken by nobody. */
enum subject_state subject_look(const struct subject *subject)
{
	struct glance before[CARRIERS + 1], after;
	pid_t process[CARRIERS + 1];
	int processes = processes_list(subject, process);
	bool asleep = processes > 0;

	if (processes == 0 && glance_take(subject->box.pid, &after) < 0)
		return SUBJECT_GONE;
	for (int i = 0; i < processes && asleep; i++) {
		if (glance_take(process[i], &before[i]) < 0)
			return SUBJECT_GONE;
		asleep = before[i].state == 'S';
	}
	for (int i = 0; i < processes && asleep; i++) {
		bool running = is_running(process[i]);

		if (glance_take(process[i], &after) < 0)
			return SUBJECT_GONE;
		asleep = !running && after.state == 'S' &&
			 after.switches == before[i].switches;
	}
	if (asleep && processes_list(subject, process) == processes)
		return SUBJECT_ASLEEP;
	return SUBJECT_AWAKE;
}

static pid_t message_sender(struct msghdr *message)
{
	struct ucred who = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&who, CMSG_DATA(c), sizeof(who));
	return who.pid;
}

/* Takes what has come.  What is no answer of a carrier is passed over. */
static void answers_take(struct subject *subject)
{
	struct call call;
	struct iovec bytes = {&call, sizeof(call)};
	union {
		char room[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;

	for (;;) {
		struct msghdr message = {.msg_iov = &bytes,
					 .msg_iovlen = 1,
					 .msg_control = control.room,
					 .msg_controllen = sizeof(control.room)};
		ssize_t got = recvmsg(subject->socket, &message,
				      MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		pid_t sender;

		if (got <= 0)
			return;
		sender = message_sender(&message);
		if (got != (ssize_t)sizeof(call) || call.carrier < 0 ||
		    call.carrier >= CARRIERS || sender <= 0)
			continue;
		if (call.name == CALL_READY && subject->carrier[call.carrier] == 0)
			subject->carrier[call.carrier] = sender;
		if (subject->carrier[call.carrier] != sender)
			continue;
		subject->answer[call.carrier] = call;
		subject->answered[call.carrier] = true;
	}
}

/* Once more after they were found asleep: the answer may have come just before. */
bool subject_answered_now(struct subject *subject, int carrier)
{
	answers_take(subject);
	return subject->answered[carrier];
}

enum subject_state subject_await(struct subject *subject, int carrier)
{
	struct pollfd wake = {.fd = subject->socket, .events = POLLIN};
	enum subject_state state;

	for (;;) {
		if (subject->counting)
			trace_pump(subject);
		poll(&wake, 1, subject->counting ? 0 : LOOK_MS);
		if (subject_answered_now(subject, carrier))
			return SUBJECT_ANSWERED;
		state = subject_look(subject);
		if (state != SUBJECT_AWAKE)
			return subject_answered_now(subject, carrier) ? SUBJECT_ANSWERED
								      : state;
		sched_yield();
	}
}

enum subject_state subject_settle(struct subject *subject)
{
	enum subject_state state = SUBJECT_AWAKE;

	while (state == SUBJECT_AWAKE) {
		if (subject->counting)
			trace_pump(subject);
		state = subject_look(subject);
		if (state == SUBJECT_AWAKE)
			sched_yield();
	}
	if (state == SUBJECT_ASLEEP)
		answers_take(subject);
	return state;
}

int subject_send(struct subject *subject, const struct call *call)
{
	subject->answered[call->carrier] = false;
	return send(subject->socket, call, sizeof(*call), MSG_NOSIGNAL) < 0 ? -errno
									    : 0;
}

static int carriers_await(struct subject *subject)
{
	for (int i = 0; i < CARRIERS; i++) {
		enum subject_state state = subject_await(subject, i);

		if (state != SUBJECT_ANSWERED)
			return state == SUBJECT_GONE ? -ECHILD : -EDEADLK;
	}
	subject->all_known = true;
	return 0;
}

static int socket_pair(int ends[2])
{
	const int on = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	/* Before anybody can write: it is the sender's side that notes who it is. */
	if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0)
		return 0;
	close(ends[0]);
	close(ends[1]);
	return -errno;
}

int subject_start(struct subject *subject, const char *program, const char *folder)
{
	const char *const write[] = {folder, NULL};
	char *const argv[] = {(char *)(uintptr_t)program, NULL};
	struct box_plan plan;
	int ends[2], error;

	*subject = (struct subject){0};
	error = socket_pair(ends);
	if (error < 0)
		return error;
	box_plan_init(&plan);
	plan.folder = folder;
	plan.write = write;
	plan.in = ends[1];
	plan.out = ends[1];
	plan.err = STDERR_FILENO;
	error = box_start(&subject->box, &plan, argv);
	close(ends[1]);
	subject->limits = plan.limits;
	subject->socket = ends[0];
	subject->running = error == 0;
	if (error < 0)
		close(ends[0]);
	return error < 0 ? error : carriers_await(subject);
}

/* Our tracees do not end, and with them their box, before we have seen it. */
static void tracees_end(const struct subject *subject)
{
	for (int i = 0; i < CARRIERS; i++) {
		pid_t pid = subject->carrier[i];
		int status;

		if (pid <= 0 || waitpid(pid, &status, __WALL | WNOHANG) < 0)
			continue; /* ECHILD: not ours */
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
			;
	}
}

/* The wait status of one that has ended, but for which nobody has waited: the last
 * number of /proc/PID/stat, see proc(5).  false: it lives. */
static bool end_read(pid_t pid, int *status)
{
	char path[64], line[1024] = "";
	struct glance glance;
	FILE *file;

	if (glance_take(pid, &glance) == 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(line, sizeof(line), file) == NULL || strrchr(line, ' ') == NULL)
		line[0] = '\0';
	fclose(file);
	if (line[0] != '\0')
		*status = atoi(strrchr(line, ' '));
	return line[0] != '\0';
}

/* The carrier that has ended, -1: none. */
static int carrier_end_find(const struct subject *subject, int *status)
{
	pid_t carrier[CARRIERS];
	int carriers = carriers_list(subject, carrier);

	for (int i = 0; i < carriers; i++)
		if (end_read(carrier[i], status))
			return i;
	return -1;
}

/* The kernel kills by itself who has used up his time, just before the box would. */
static bool is_cpu_limit(const struct subject *subject, const struct box_end *end,
			 int status)
{
	uint64_t most_us = subject->limits.cpu_s * UINT64_C(1000000);

	return WIFSIGNALED(status) && end->cpu_us >= most_us / 10 * 9 &&
	       (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU);
}

static void carrier_end_describe(int carrier, int status, char *how, size_t room)
{
	if (carrier < 0)
		snprintf(how, room, "not by itself");
	else if (WIFSIGNALED(status))
		snprintf(how, room, "carrier %d: signal %d (%s)", carrier,
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(how, room, "carrier %d: exit status %d", carrier,
			 WEXITSTATUS(status));
}

int subject_end(struct subject *subject, char *how, size_t room)
{
	struct glance first;
	struct box_end end;
	int error, carrier = -1, status = 0;
	bool alive;

	if (!subject->running)
		return -ECHILD;
	subject->running = false;
	alive = glance_take(subject->box.pid, &first) == 0;
	if (alive) {
		carrier = carrier_end_find(subject, &status);
		box_kill(&subject->box);
	}
	tracees_end(subject);
	close(subject->socket);
	error = box_wait(&subject->box, &end);
	if (error < 0 || end.how == BOX_WALL)
		return error < 0 ? error : -ETIMEDOUT;
	if (alive && is_cpu_limit(subject, &end, status))
		end.how = BOX_CPU;
	if (alive && (end.how == BOX_EXITED || end.how == BOX_SIGNALLED))
		carrier_end_describe(carrier, status, how, room);
	else
		box_end_describe(&end, &subject->limits, how, room);
	return 0;
}
