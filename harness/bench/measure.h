/* SPDX-License-Identifier: BSD-2-Clause */
/* measure.h - what a window's readings say, per request. */
#ifndef DUALITY_MEASURE_H
#define DUALITY_MEASURE_H

#include "harness/bench/run.h"

/* How many CPUs a list as in "0,2-3" names; 0 if it is none. */
int measure_cpus(const char *list);

/* The first so many of a list of CPUs, each by its number. */
void measure_cpus_first(char list[RUN_CPUS], const char *all, int n);

/* Put the window's readings into the row. */
void measure_fill(struct row *row, const struct reading *window, double window_ns,
		  int server_cpus, int client_cpus);

/* Of a trial whose server had the client's CPU too: each is the other's stranger, and
 * no CPU is the server's alone, unless all of the machine's are both's. */
void measure_shared(struct row *row, bool all);

/* Note, once, where each metric of the running server comes from. */
void measure_sources(struct run *r);

/* Wait until the machine is quiet: canaries, for as long as the suite allows and the
 * budget has room.  0, or -EINTR. */
int measure_quiet(struct run *r);
#endif
