/* SPDX-License-Identifier: BSD-2-Clause */
/* vk.h - the calls of the virtual kernel: what a program under test has instead of a
 * clock, disks, semaphores, ports and threads.  See lab-vk(7).
 *
 * As of a system's calls: -1 and errno where one fails, and errno is left alone where
 * it does not.  Time passes in calls only: what stands between two of them takes none.
 */
#ifndef VK_H
#define VK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	VK_NAME_MAX = 16,      /* of files, semaphores, ports, sources; with the NUL */
	VK_TEXT_MAX = 64,      /* of a message; with the NUL */
	VK_DATA_MAX = 512,     /* bytes a read or write takes at most */
	VK_FILES_MAX = 16,     /* open descriptors of a process */
	VK_THREADS_MAX = 1024, /* of a run, those that ended included */
	VK_ANY = 0,
};

/* --- time and work -----------------------------------------------------------------
 */

uint64_t vk_now(void);

/* Computes for so many ticks: the next state, and as state after a and then b ticks is
 * that after a + b, work may be done in parts, by whom and whenever you like.  Place is
 * the program's location (from 1; 0: nowhere): where the scenario says `cold N`, a
 * processor needs N ticks more for a place other than its last. */
uint64_t vk_work(int place, uint64_t state, unsigned ticks);

/* Waits, without a processor. */
void vk_sleep(unsigned ticks);

/* --- events ------------------------------------------------------------------------
 */

enum vk_kind {
	VK_SOURCE,    /* the scenario's: a clock's tick, a key, a request */
	VK_READABLE,  /* vk_nb_read of descriptor `id` would now do something */
	VK_SIGNALLED, /* so would vk_nb_sem_wait of semaphore `id` */
	VK_MESSAGE,   /* so would vk_nb_receive of port `id` */
	VK_ENDED,     /* process `id` has ended: vk_join it */
};

struct vk_event {
	int kind;
	int id;         /* of VK_SOURCE: what vk_answer and vk_stage want */
	int place;      /* the next stage's location; 0: it has no stages */
	unsigned ticks; /* the work it takes; 0: none, or in stages of unknown length */
	uint64_t due;   /* when it happened */
	uint64_t value; /* the state that the work begins with */
	char source[VK_NAME_MAX];
};

/* VK_READABLE, VK_SIGNALLED and VK_MESSAGE come once for each time a non-blocking call
 * of this process failed with EWOULDBLOCK.  Who got it has nothing yet: another may be
 * faster, so try again.  vk_poll_event fails with EWOULDBLOCK if there is none. */
int vk_wait_event(struct vk_event *event);
int vk_poll_event(struct vk_event *event);
/* What is known of an event that was delivered, and has no answer yet; its place is
 * that of the next stage now. */
int vk_look_event(int id, struct vk_event *event);
/* Tells the outcome: the state after all its ticks, or all its stages. */
int vk_answer(int id, uint64_t value);
/* Runs the event's next stage to its end.  Returns the place of the one behind it, 0
 * if that was the last. */
int vk_stage(int id, uint64_t *state);

/* --- files -------------------------------------------------------------------------
 */

int vk_open(const char *name);
int vk_close(int fd);
ssize_t vk_read(int fd, void *data, size_t size);
ssize_t vk_nb_read(int fd, void *data, size_t size);
/* Blocks as long as the device takes.  There is no other write. */
ssize_t vk_write(int fd, const void *data, size_t size);

/* --- semaphores, of this process and of others -------------------------------------
 */

int vk_sem_create(unsigned value);
int vk_sem_find(const char *name);
int vk_sem_wait(int sem);
int vk_nb_sem_wait(int sem);
int vk_sem_signal(int sem);

/* --- ports: Jones's network addresses ----------------------------------------------
 */

struct vk_message {
	int port; /* one that goes with it: where an answer may be sent, a new one */
	char text[VK_TEXT_MAX];
};

/* Of this number, or VK_ANY: the kernel picks. */
int vk_port_create(int number);
int vk_port_find(const char *name);
int vk_port_delete(int port);
/* Never blocks; fails with ECONNREFUSED where there is no such port. */
int vk_send(int port, const struct vk_message *message);
int vk_receive(int port, struct vk_message *message);
int vk_nb_receive(int port, struct vk_message *message);

/* --- kernel threads and processes --------------------------------------------------
 */

/* A thread of this process, or the first one of a new process.  That has descriptors of
 * its own, copies of its creator's; memory is the same (it is a virtual kernel's idea
 * of a process).  A process ends with its first thread, and all its threads with it. */
int vk_thread(uint64_t (*fn)(void *), void *arg);
int vk_process(uint64_t (*fn)(void *), void *arg);
/* Waits for the end of either; whom nobody joins stays, as zombies do. */
int vk_join(int id, uint64_t *result);
/* Nobody will join this thread. */
int vk_detach(int id);
int vk_self(void);
void vk_yield(void);
_Noreturn void vk_thread_exit(uint64_t result);

#endif
