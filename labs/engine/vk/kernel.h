/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.h - the virtual kernel: a clock, processors, threads, and what they wait for.
 * It lives in the judge's process, does no I/O, and is fed with calls. */
#ifndef VK_KERNEL_H
#define VK_KERNEL_H

#include "scenario.h"

enum {
	KERNEL_PROCESSES_MAX = 64,
	KERNEL_OPENED_MAX = 256,
	KERNEL_SEMS_MAX = 64,
	KERNEL_PORTS_MAX = 256,
	KERNEL_QUEUE_MAX = 32, /* messages of a port */
	KERNEL_TIMERS_MAX = VK_THREADS_MAX + KERNEL_OPENED_MAX + SCENARIO_CLIENTS_MAX,
	KERNEL_NOTES_MAX = 8192,
	KERNEL_INTERESTS_MAX = 1024,
	KERNEL_IDLE_CALLS_MAX = 1000, /* when nothing is due: a busy wait for ever */
	KERNEL_CLIENT_PORT = 1000,    /* of the first client; the others follow */
	KERNEL_TEXT_MAX = 48,
};

#define KERNEL_NEVER UINT64_MAX

enum thread_state {
	THREAD_NONE,
	THREAD_READY,
	THREAD_RUNNING,
	THREAD_BLOCKED,
	THREAD_ENDED
};

enum wait {
	WAIT_TIMER,  /* its I/O */
	WAIT_STREAM, /* object: opened file */
	WAIT_SEM,
	WAIT_PORT,
	WAIT_EVENT,
	WAIT_JOIN, /* object: thread */
};

struct thread {
	enum thread_state state;
	int process;
	bool detached, joined;
	uint64_t result;
	struct vk_call call;
	int entry;      /* in the log: the call it is in; -1: it never made one */
	uint64_t burst; /* ticks of a processor until that call takes effect */
	uint64_t slice; /* left of its quantum */
	int cpu;
	bool answered; /* the call is over, and turn what it returns */
	struct vk_turn turn;
	enum wait wait;
	int object;
	uint64_t since; /* its place among those who are ready, or wait for the same */
};

struct process {
	int first; /* thread */
	int parent;
	int fd[VK_FILES_MAX]; /* index into opened, or -1 */
};

struct opened {
	int file;
	int refs;
	size_t offset;
	bool fetching, fetched; /* what nb_read asked a device for */
	bool told;              /* a note was taken, and no call has followed */
};

struct semaphore {
	char name[VK_NAME_MAX];
	unsigned value;
	bool told;
};

struct port {
	int number; /* 0: not in use */
	char name[VK_NAME_MAX];
	int messages;
	struct vk_message message[KERNEL_QUEUE_MAX];
	bool told;
};

struct session { /* a client while it runs */
	int step;
	bool waits; /* for an answer */
	bool meets; /* it waits for the others of its block */
	bool lost;  /* it asked a port that is not there, or was answered wrongly */
	int it;
	struct vk_message answer;
};

struct event_state {
	uint64_t due, delivered, answered; /* KERNEL_NEVER: not yet */
	bool happened, right;
	uint64_t given; /* the answer */
	int stage;      /* the next one */
};

enum timer_kind { TIMER_THREAD, TIMER_FETCH, TIMER_CLIENT };

struct timer {
	uint64_t due, order;
	enum timer_kind kind;
	int id;
};

/* Somebody's non-blocking call failed; and the note that it might not any more. */
struct interest {
	int process;
	enum vk_kind kind;
	int id;
};

struct entry {
	uint64_t called, returned;
	int thread; /* 0: it happened, nobody called */
	int cpu;
	int op, object;
	uint64_t ticks;
	int64_t result;
	uint64_t where;
	char text[KERNEL_TEXT_MAX];
};

struct kernel {
	const struct scenario *scenario;
	enum outcome outcome; /* OUTCOME_GOOD: it goes on */
	uint64_t now, order, idle;
	unsigned idle_calls;
	int current;                  /* the thread that the program runs */
	int cpu[SCENARIO_CPUS_MAX];   /* thread, or 0 */
	int place[SCENARIO_CPUS_MAX]; /* where it worked last */
	int threads, processes, openeds, sems;
	int threads_live, threads_peak;
	struct thread thread[VK_THREADS_MAX + 1]; /* from 1 */
	struct process process[KERNEL_PROCESSES_MAX];
	struct file file[SCENARIO_OBJECTS_MAX];
	struct opened opened[KERNEL_OPENED_MAX];
	struct semaphore sem[KERNEL_SEMS_MAX];
	struct port port[KERNEL_PORTS_MAX];
	struct session session[SCENARIO_CLIENTS_MAX];
	struct event_state event[SCENARIO_HAPPENINGS_MAX];
	int happenings; /* those that have happened */
	int timers, notes, interests;
	struct timer timer[KERNEL_TIMERS_MAX];
	struct interest note[KERNEL_NOTES_MAX];
	struct interest interest[KERNEL_INTERESTS_MAX];
	int entries, entries_max;
	struct entry *entry;
	unsigned calls[VK_OPS], failed[VK_OPS];
	unsigned bad_descriptors, dead_letters, polls, unclosed;
	uint64_t worked;
	uint32_t stack_most; /* bytes */
};

/* NULL: out of memory.  The scenario must stay. */
struct kernel *kernel_new(const struct scenario *scenario);
void kernel_delete(struct kernel *kernel);
/* What the thread whose turn it is calls, and whose turn it is then.  -EPROTO: that is
 * no call of this thread; the kernel is as it was. */
int kernel_call(struct kernel *kernel, const struct vk_call *call,
		struct vk_turn *turn);
/* The program is gone, without a call. */
void kernel_died(struct kernel *kernel, const char *how);

/* --- for the files that do the calls -----------------------------------------------
 */

void kernel_done(struct kernel *kernel, struct thread *thread, int64_t result);
void kernel_block(struct kernel *kernel, struct thread *thread, enum wait wait,
		  int object);
void kernel_wake(struct kernel *kernel, struct thread *thread, int64_t result);
/* Who has waited longest for it, or NULL. */
struct thread *kernel_waiter(struct kernel *kernel, enum wait wait, int object);
/* Adds to the log the call that a thread begins, or what nobody called. */
void kernel_log(struct kernel *kernel, struct thread *thread);
void kernel_say(struct kernel *kernel, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Something has changed for somebody. */
void kernel_progress(struct kernel *kernel);
struct thread *kernel_thread_add(struct kernel *kernel, int process);
int kernel_thread_id(const struct kernel *kernel, const struct thread *thread);
/* The next state after so many ticks of work. */
uint64_t kernel_work(const struct scenario *scenario, uint64_t state, uint64_t ticks);

/* clock.c */
void kernel_timer(struct kernel *kernel, uint64_t ticks, enum timer_kind kind, int id);
/* When something is due by itself; KERNEL_NEVER: nothing. */
uint64_t clock_next(const struct kernel *kernel);
/* Does all that is due by now: the scenario's, then timers. */
void clock_fire(struct kernel *kernel);
/* To the next tick at which anything changes; false if there is none. */
bool clock_advance(struct kernel *kernel);

/* notes.c */
/* One of its calls has failed. */
void notes_want(struct kernel *kernel, int process, enum vk_kind kind, int id);
/* One more unit of it is there: tells one who wanted it, or all. */
void notes_tell(struct kernel *kernel, enum vk_kind kind, int id, bool all);
void notes_post(struct kernel *kernel, int process, enum vk_kind kind, int id);
/* What is known of the scenario's event id. */
void notes_event(const struct kernel *kernel, int id, struct vk_event *event);
/* Takes the oldest of this process; false if there is none. */
bool notes_take(struct kernel *kernel, int process, struct vk_event *event);

/* clients.c */
void client_go_on(struct kernel *kernel, int client);
void client_answer(struct kernel *kernel, int client, const struct vk_message *message);
bool client_finished(const struct kernel *kernel, int client);
int client_find(const struct kernel *kernel, int port);

/* calls_*.c */
typedef void kernel_effect(struct kernel *kernel, struct thread *thread);
kernel_effect call_now, call_work, call_sleep, call_wait_event, call_poll_event,
	call_look_event, call_answer, call_stage;
kernel_effect call_open, call_close, call_read, call_nb_read, call_write;
kernel_effect call_sem_create, call_sem_find, call_sem_wait, call_nb_sem_wait,
	call_sem_signal;
kernel_effect call_port_create, call_port_find, call_port_delete, call_send,
	call_receive, call_nb_receive;
kernel_effect call_thread, call_process, call_join, call_detach, call_self, call_yield,
	call_thread_exit, call_exit;

/* Ticks that the next stage of event id takes; 0 if there is none. */
unsigned event_stage_ticks(const struct kernel *kernel, int id, int *place);
void event_happen(struct kernel *kernel, int occurrence);
void file_arrive(struct kernel *kernel, int file, const char *text);
void file_finish(struct kernel *kernel, int file);
/* Would a non-blocking read do something? */
bool file_ready(const struct kernel *kernel, const struct opened *opened);
void file_fetched(struct kernel *kernel, int opened);
/* What a thread has waited for is over: its read, its write, its sleep. */
void file_io_done(struct kernel *kernel, struct thread *thread);
void file_close_all(struct kernel *kernel, struct process *process);
void sem_signal(struct kernel *kernel, int sem);
/* Gives a message to a port, or to the client it belongs to; -errno if there is none.
 */
int port_give(struct kernel *kernel, int number, const struct vk_message *message);

#endif
