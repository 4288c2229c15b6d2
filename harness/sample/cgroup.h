/* SPDX-License-Identifier: BSD-2-Clause */
/* cgroup.h - one control group per server, in each hierarchy that has something to say:
 * the unified one (v2), or cpuacct (v1) where there is no v2; and perf_event where that
 * is mounted as v1.  Limits and shares are never set, no controller is ever enabled. */
#ifndef DUALITY_SAMPLE_CGROUP_H
#define DUALITY_SAMPLE_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum cgroup_kind { CGROUP_UNIFIED, CGROUP_CPUACCT, CGROUP_PERF_EVENT, CGROUP_KINDS };

struct cgroup_place {
	char path[PATH_MAX];
	int dir, procs; /* -1: none */
};

struct cgroup {
	struct cgroup_place place[CGROUP_KINDS];
};

/* Make the groups, below the caller's own where allowed, and remove empty ones left by
 * runs that are dead.  Returns 0 if there is at least one, else -errno. */
int cgroup_open(struct cgroup *g, bool unified);

/* Put the calling process into the groups.  Async-signal-safe. */
int cgroup_join(const struct cgroup *g);

/* The directory perf_event_open(2) wants with PERF_FLAG_PID_CGROUP, or -1. */
int cgroup_perf_dir(const struct cgroup *g);

/* A descriptor on one file of a group, or -errno. */
int cgroup_file(const struct cgroup *g, enum cgroup_kind kind, const char *name);

/* Ids of the processes, or of all threads.  Returns how many, or -errno; -E2BIG if more
 * than max. */
int cgroup_ids(const struct cgroup *g, bool threads, pid_t *ids, size_t max);

/* SIGKILL to everything inside until it is empty; returns how many processes there
 * were. */
int cgroup_kill(const struct cgroup *g);

/* Remove the groups.  Fine on one that failed to open. */
void cgroup_close(struct cgroup *g);
#endif
