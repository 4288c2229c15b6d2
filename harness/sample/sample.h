/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.h - what the kernel says a server used: all its processes and threads, those
 * that ended inside the window included.  One cgroup per server carries the accounting.
 */
#ifndef DUALITY_SAMPLE_H
#define DUALITY_SAMPLE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Cumulative readings.  A value that cannot be read here is NAN, never 0. */
enum metric {
	METRIC_CPU_USER_S,
	METRIC_CPU_SYSTEM_S,
	METRIC_CPU_S,
	METRIC_SWITCHES,           /* every switch away from a task of the server */
	METRIC_SWITCHES_VOLUNTARY, /* see "The split" below */
	METRIC_SWITCHES_INVOLUNTARY,
	METRIC_FAULTS_MINOR,
	METRIC_FAULTS_MAJOR,
	METRIC_RSS_PEAK_KIB, /* a level, not a count: delta reports the later value */
	METRIC_SOFTIRQ_S,    /* of the server's CPUs, whoever used them */
	METRIC_IDLE_S,
	METRIC_STEAL_S,
	METRIC_TASKS_S,       /* of any task, by ticks */
	METRIC_UNCHARGED_S,   /* in interrupts that the kernel charges to no task */
	METRIC_CLIENT_IDLE_S, /* of the client's CPUs */
	METRIC_CLIENT_STEAL_S,
	METRIC_CLIENT_TASKS_S,
	METRIC_CLIENT_UNCHARGED_S,
	METRIC_LISTEN_OVERFLOWS, /* of the network namespace */
	METRIC_LISTEN_DROPS,
	METRIC_RCVBUF_ERRORS,
	METRIC_CYCLES,
	METRIC_INSTRUCTIONS,
	METRICS
};

struct snapshot {
	uint64_t at_ns; /* CLOCK_MONOTONIC, taken half-way through the reading */
	double value[METRICS];
	uint64_t tasks;    /* by sample_read_tasks: which tasks there were; else 0 */
	uint64_t last_pid; /* by sample_read_tasks: the last process id given out */
};

enum sample_option {
	SAMPLE_SPLIT =
		1, /* count each switch by its kind: a separate trial, see below */
	/* What a lesser machine would have: for tests and for duality doctor. */
	SAMPLE_NO_UNIFIED = 2, /* no cgroup v2 */
	SAMPLE_NO_CGROUP = 4,  /* none at all */
	SAMPLE_NO_PERF = 8,
};

struct sample;

/* Make the accounting for one server that will run on server_cpus (a list as in
 * "0,2-3"; NULL: all).  Works without privileges too: sources fall back, and what is
 * left unmeasured is NAN.  Returns 0, -EINVAL for a list that is none, or -errno. */
int sample_open(struct sample **out, const char *server_cpus, const char *client_cpus);

/* The same with options, or-ed. */
int sample_open_with(struct sample **out, const char *server_cpus,
		     const char *client_cpus, unsigned options);

/* Called by the child between fork and exec: join the accounting.  Async-signal-safe.
 * Returns 0 or -errno. */
int sample_join(const struct sample *s);

/* Told by the parent as soon as the server's first process is known, best right after
 * fork: what falls back to perf inherit counts only tasks begun later. */
void sample_attach(struct sample *s, pid_t leader);

/* Read everything that is cheap, now: tens of microseconds with a cgroup (a walk of
 * /proc, milliseconds, without).  Allocates nothing.  Not filled: the peak RSS and, in
 * ordinary trials, the split. */
void sample_read(struct sample *s, struct snapshot *out);

/* The split.  Exact over any churn only with SAMPLE_SPLIT: the sched_switch tracepoint,
 * 15 to 25 % dearer per switch, so not for a trial whose times matter; sample_read then
 * fills it.  In an ordinary trial call sample_read_tasks right after sample_read at
 * both ends (some 10 us per live task): it adds what the live tasks' status says, and
 * sample_delta passes that on only where it is whole: the same tasks at both ends, and
 * voluntary + involuntary within 2 % (and 8) of the independently counted switches.
 * Where nothing counts switches independently, no process may have begun anywhere
 * meanwhile, and METRIC_SWITCHES becomes the sum.  Otherwise the split is NAN: a server
 * that makes and ends tasks has no split in ordinary trials.  Returns 0 or -errno (out:
 * NAN). */
int sample_read_tasks(struct sample *s, struct snapshot *out);

/* The peak resident set at the end of a window, milliseconds long: VmHWM of a server of
 * one process; of several the sum of their Pss now (pages they share count once; a
 * level, not the peak).  Returns 0 or -errno (*rss_peak_kib: NAN). */
int sample_read_memory(struct sample *s, double *rss_peak_kib);

/* later - earlier, per metric; levels are taken from later. */
void sample_delta(const struct snapshot *earlier, const struct snapshot *later,
		  struct snapshot *out);

const char *metric_name(enum metric m);

/* Where a metric comes from here ("cgroup v2 cpu.stat", "perf cgroup context-switches",
 * "/proc/PID/stat", "n/a: why"): for the manifest and for duality doctor.  Final after
 * sample_attach. */
const char *sample_source(const struct sample *s, enum metric m);

/* End every process left in the cgroup (SIGKILL), and return how many there were.
 * Without a cgroup: the leader and its descendants. */
int sample_kill(struct sample *s);

/* Release and remove the cgroup.  Fine with NULL. */
void sample_close(struct sample *s);
#endif
