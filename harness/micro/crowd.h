/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd.h - experiments with as many threads of a runtime as one asks for (task8k,
 * busywait), and what they ask of the runtime.  The same code runs on all of them. */
#ifndef DUALITY_MICRO_CROWD_H
#define DUALITY_MICRO_CROWD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/micro/micro.h"

enum { CROWD_START_S = 20 }; /* to start them, and again until each had a turn */

struct crowd {
	/* One more, that calls begin(arg), ends, and is not joined.  0 or -errno. */
	int (*start)(void *(*begin)(void *arg), void *arg);
	void (*join)(void); /* all, where somebody has to; or NULL */
	void (*yield)(void);
	void (*sleep)(uint64_t ns);
	/* CPU time of those that are not in this process; NULL: all are. */
	double (*others_cpu_ns)(void);

	/* A descriptor to wait at: int because it may fail, with -errno. */
	int (*open)(int fd);
	ssize_t (*read)(int fd, void *buffer, size_t len);
	ssize_t (*write)(int fd, const void *buffer, size_t len);
	void (*close)(int fd);

	unsigned kib_each; /* of memory, the kernel's too: about */
	unsigned most;     /* with more a turn of all takes tens of seconds; 0: any */
	_Bool preempts;    /* they need not yield for others to run */
};

/* Each program's own. */
extern const struct crowd crowd;

/* n threads take tasks from a queue that has as many; a task reads 8 KiB of a cached
 * file and goes back to the queue's end, and its thread yields.  Tasks per second. */
double task8k(unsigned n);

/* Beside n that wait for a descriptor nobody writes to, two play ping-pong over pipes:
 * how many a second. */
double busywait(unsigned n);

/* The same with a millisecond's sleep before each: CPU microseconds per ping-pong. */
double busywait_cpu(unsigned n);

/* Are there memory, and numbers for them?  0, or NAN after micro_cannot. */
double crowd_room(unsigned n);

/* Start them.  Those that preempt begin when all are there: else the first to come
 * would keep the CPU from who starts the others.  0, or NAN after micro_cannot: the
 * machine has no more, or it takes too long. */
double crowd_start(unsigned n, void (*run)(unsigned number));

/* Sleep until so many had a turn; false: that takes too long. */
_Bool crowd_await(unsigned n);

/* How many had a turn. */
unsigned crowd_begun(void);

/* Wait until all that were started have ended.  False: some have not, which takes them
 * too long: what they use has to stay, and there is no room for others. */
_Bool crowd_join(void);

/* For open: calls on it will say EAGAIN instead of blocking.  0 or more, or -errno. */
int crowd_unblock(int fd);

#define CROWD_IS (MICRO_SCALES | MICRO_NAMED)
#define TASK8K_SIZES                                               \
	{                                                          \
		1, 8, 64, 512, 4096, 16384, 65536, 262144, 1000000 \
	}
#define BUSYWAIT_SIZES              \
	{                           \
		0, 1, 10, 100, 1000 \
	}
#define TASK8K_CASE                                                   \
	{                                                             \
		"task8k", "1/s", NULL, task8k, TASK8K_SIZES, CROWD_IS \
	}
#define BUSYWAIT_CASES                                                             \
	{"busywait", "1/s", NULL, busywait, BUSYWAIT_SIZES, CROWD_IS},             \
	{                                                                          \
		"busywait-cpu", "us", NULL, busywait_cpu, BUSYWAIT_SIZES, CROWD_IS \
	}
#endif
