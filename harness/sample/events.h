/* SPDX-License-Identifier: BSD-2-Clause */
/* events.h - counts the kernel keeps through perf_event_open(2): on a cgroup, one
 * counter per CPU, summed; or, as a fallback, inherited from one process to all it
 * begins. */
#ifndef DUALITY_SAMPLE_EVENTS_H
#define DUALITY_SAMPLE_EVENTS_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum event {
	EVENT_SWITCHES,
	EVENT_FAULTS_MINOR,
	EVENT_FAULTS_MAJOR,
	EVENT_VOLUNTARY,   /* sched_switch of a task that went to sleep or ended */
	EVENT_INVOLUNTARY, /* sched_switch of a task that could have run on */
	EVENT_CYCLES,
	EVENT_INSTRUCTIONS,
	EVENTS
};

enum { EVENTS_BATCH = 5 };

/* Counters read by one read(2). */
struct events_batch {
	int fd[EVENTS_BATCH];
	enum event event[EVENTS_BATCH];
	unsigned n;
};

struct events {
	struct events_batch *batch;
	size_t batches;
	bool grouped;      /* PERF_FORMAT_GROUP */
	int error[EVENTS]; /* 0: counted; else -errno, why not */
};

/* Count what runs in the cgroup whose directory is open as `dir`, on each of `cpus`.
 * With split, the sched_switch tracepoint too.  Returns 0 if anything opened, or
 * -errno. */
int events_open_cgroup(struct events *e, int dir, const cpu_set_t *cpus, bool split);

/* Count a process and all it begins from now on.  Misses the last switch of each task.
 */
int events_open_process(struct events *e, pid_t leader);

/* The sums so far; NAN for an event that is not counted.  Hardware counters that did
 * not run all the time the server ran are NAN too. */
void events_read(const struct events *e, double value[EVENTS]);

/* Fine on one that failed to open, and on one of zeros. */
void events_close(struct events *e);
#endif
