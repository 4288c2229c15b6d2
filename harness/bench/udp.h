/* SPDX-License-Identifier: BSD-2-Clause */
/* udp.h - experiments of kind udp: datagrams to echo servers over links of a gigabit,
 * in namespaces of this machine, at each of some rates. */
#ifndef DUALITY_BENCH_UDP_H
#define DUALITY_BENCH_UDP_H

#include <stdio.h>

#include "harness/bench/receiver.h"
#include "harness/bench/run.h"

enum { UDP_BYTES = 1472 };

/* A line carries a rate if so much of what was planned came back good.  Above so much
 * of what a link carries its queue is longer than any lateness that would be the
 * client's. */
enum { UDP_CARRIED_PERCENT = 99, UDP_LINK_PERCENT = 98 };

/* How a server gets at its datagrams: trials of it are of phase `name`. */
struct udp_way {
	const char *name;   /* "socket"; else by its own stack: */
	const char *driver; /* NULL: the kernel's stack and a socket */
	bool direct;        /* without a copier */
	bool fences;        /* with the fences that modules of one thread need not */
	bool one_cpu;       /* its two threads, and doorbells between, on one CPU */
	bool shared;        /* one of them on the client's, where there is no other */
	enum receiving receiving;
	const char *beside; /* the way this differs from in that alone; or NULL */
};

/* The nth, the one of this name; or NULL. */
const struct udp_way *udp_way(size_t n);
const struct udp_way *udp_way_named(const char *name);

/* Does this variant go this way, wherever there are CPUs for it? */
bool udp_goes(const struct entry *entry, const struct udp_way *way);

/* Leave out the rates that the budget has no room for, which is noted; returns the
 * seconds it will take. */
double udp_fit(struct run *r, struct experiment *e);

/* 0, -EINTR, or -errno.  Where there can be no testbed that is noted, and nothing is
 * measured. */
int udp_run(struct run *r, const struct experiment *e);

/* Was there no testbed for any trial of it? */
bool udp_is_skipped(const struct run *r, const struct experiment *e);

/* Write FOLDER/udp.tsv where there is such an experiment.  0 or -errno. */
int udp_write(const struct run *r);

/* Tell medians, and how module path and udp-epoll compare, on the terminal. */
void udp_table(const struct run *r, FILE *to);
#endif
