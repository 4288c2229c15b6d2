/* SPDX-License-Identifier: BSD-2-Clause */
/* tasks.h - what /proc says of the processes and threads that are alive, for what no
 * cgroup and no counter gives.  Allocates at opening only. */
#ifndef DUALITY_SAMPLE_TASKS_H
#define DUALITY_SAMPLE_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/sample/cgroup.h"

/* TASKS_CHEAP: reading a task takes some 10 us, and may stand inside a window. */
enum { TASKS_CHEAP = 128, TASKS_MAX = 4096, TASKS_ROWS = 16384, TASKS_TEXT = 16384 };

/* One process; times of itself and of the children it has waited for. */
struct tasks_row {
	pid_t pid, parent;
	bool member;
	double user_s, system_s, faults_minor, faults_major;
};

struct tasks {
	int proc; /* /proc */
	double tick_s;
	const struct cgroup *group; /* NULL: none, the leader's descendants instead */
	pid_t leader;               /* 0: not known yet */
	struct tasks_row *row;      /* TASKS_ROWS, by rising pid */
	size_t rows;
	pid_t *id; /* TASKS_MAX */
	char *text;
};

struct tasks_usage {
	double user_s, system_s, faults_minor, faults_major;
};

struct tasks_switches {
	double voluntary, involuntary;
	uint64_t signature; /* of the set of tasks; never 0 */
};

int tasks_open(struct tasks *t, const struct cgroup *group);

/* The sum over the leader and its living descendants, and the children they waited for.
 * -ENODATA where the leader ignores SIGCHLD: its children then leave no trace. */
int tasks_usage(struct tasks *t, struct tasks_usage *out);

/* The switches of all living tasks, of those alone.  -E2BIG beyond TASKS_CHEAP tasks,
 * -ESRCH if one ended meanwhile. */
int tasks_switches(struct tasks *t, struct tasks_switches *out);

/* VmHWM of one process, the sum of Pss of several; -ETIMEDOUT if that takes over 1 s.
 */
int tasks_memory(struct tasks *t, double *kib);

/* The last process id given out here; 0 if unknown. */
uint64_t tasks_last_pid(struct tasks *t);

/* SIGKILL to the leader and its descendants; returns how many there were. */
int tasks_kill(struct tasks *t);

void tasks_close(struct tasks *t);
#endif
