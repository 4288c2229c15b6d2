/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.h - what the kernel says a server used: all its processes and threads, those that
 * ended inside the window included.  One cgroup per server carries the accounting. */
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
	METRIC_SWITCHES,	     /* every switch away from a task of the server */
	METRIC_SWITCHES_VOLUNTARY,
	METRIC_SWITCHES_INVOLUNTARY,
	METRIC_FAULTS_MINOR,
	METRIC_FAULTS_MAJOR,
	METRIC_RSS_PEAK_KIB,	     /* a level, not a count: delta reports the later value */
	METRIC_SOFTIRQ_S,	     /* of the server's CPUs, whoever used them */
	METRIC_IDLE_S,
	METRIC_STEAL_S,
	METRIC_CLIENT_STEAL_S,	     /* of the client's CPUs */
	METRIC_LISTEN_OVERFLOWS,     /* of the network namespace */
	METRIC_LISTEN_DROPS,
	METRIC_RCVBUF_ERRORS,
	METRIC_CYCLES,
	METRIC_INSTRUCTIONS,
	METRICS
};

struct snapshot {
	uint64_t at_ns; /* CLOCK_MONOTONIC, taken half-way through the reading */
	double value[METRICS];
};

struct sample;

/* Make the accounting for one server that will run on server_cpus (a list as in
 * "0,2-3"; NULL: all).  Works without privileges too: sources fall back, and what is left
 * unmeasured is NAN.  Returns 0 or -errno. */
int sample_open(struct sample **out, const char *server_cpus, const char *client_cpus);

/* Called by the child between fork and exec: join the accounting.  Async-signal-safe.
 * Returns 0 or -errno. */
int sample_join(const struct sample *s);

/* Told by the parent once the server's first process is known. */
void sample_attach(struct sample *s, pid_t leader);

/* Read everything now.  Microseconds long; allocates nothing. */
void sample_read(struct sample *s, struct snapshot *out);

/* later - earlier, per metric; levels are taken from later. */
void sample_delta(const struct snapshot *earlier, const struct snapshot *later,
		  struct snapshot *out);

const char *metric_name(enum metric m);

/* Where a metric comes from here ("cpuacct cgroup", "perf cgroup context-switches",
 * "/proc/PID/stat", "n/a: why"): for the manifest and for duality doctor. */
const char *sample_source(const struct sample *s, enum metric m);

/* End every process left in the cgroup (SIGKILL), and return how many there were. */
int sample_kill(struct sample *s);

/* Release and remove the cgroup.  Fine with NULL. */
void sample_close(struct sample *s);
#endif
