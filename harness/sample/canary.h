/* SPDX-License-Identifier: BSD-2-Clause */
/* canary.h - a fixed piece of work, about 200 ms on each CPU, to see whether the
 * machine is ours before a trial begins. */
#ifndef DUALITY_SAMPLE_CANARY_H
#define DUALITY_SAMPLE_CANARY_H

#include <sched.h>
#include <stdint.h>

/* Zero it before the first run and keep it: the first run fixes the amount of work, and
 * the best pace each CPU has shown is what later runs are held against. */
struct canary {
	uint64_t rounds; /* of work per piece; 0: not known yet */
	uint64_t best_ns[CPU_SETSIZE];
};

struct canary_report {
	double steal_share; /* /proc/stat's steal over the time of all these CPUs; NAN:
			       unknown */
	double slowdown; /* the slowest CPU's time over what its best pace would take;
			    >= 1 */
	uint64_t wall_ns;
};

/* Run one thread pinned on each CPU of the list (NULL: all) and wait for them.  Returns
 * 0, -EINVAL for a list that is none, or -errno (a CPU that may not be used). */
int canary_run(struct canary *c, const char *cpus, struct canary_report *out);
#endif
