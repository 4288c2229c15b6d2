/* SPDX-License-Identifier: BSD-2-Clause */
/* host.h - what is read of the machine rather than of the server: time of its CPUs
 * (/proc/stat, proc(5)) and the network namespace's drop counters. */
#ifndef DUALITY_SAMPLE_HOST_H
#define DUALITY_SAMPLE_HOST_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/* Seconds since boot summed over a set of CPUs; NAN unless every CPU of the set is
 * there. */
struct host_cpu {
	double softirq_s, idle_s, steal_s;
	double tasks_s; /* of tasks, by ticks; with the interrupts charged to them */
	double uncharged_s; /* in interrupts, softirqs among them, where the kernel
			       charges these to no task; else 0 */
};

struct host {
	int stat, netstat, snmp; /* -1: not there */
	char *text;
	size_t size;
};

/* Where /proc/cpuinfo says so; on Arm it does not. */
bool host_is_virtual(void);

int host_open(struct host *h);

/* The times of one or more sets, from a single reading of the file. */
void host_cpus(struct host *h, const cpu_set_t *sets, struct host_cpu *out, int n);

struct host_net {
	double listen_overflows, listen_drops, rcvbuf_errors;
};

void host_net(struct host *h, struct host_net *out);

void host_close(struct host *h);
#endif
