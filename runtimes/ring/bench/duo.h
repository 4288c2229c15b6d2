/* SPDX-License-Identifier: BSD-2-Clause */
/* duo.h - two threads on two processors that begin together, and whether they were left
 * alone. */
#ifndef DUALITY_RING_DUO_H
#define DUALITY_RING_DUO_H

#include <stdbool.h>

struct duo {
	void (*one)(void *arg), (*two)(void *arg); /* two: what is timed */
	void *arg;
	double ns;
	bool preempted; /* either had to leave its processor to somebody else */
};

/* Which processors; before duo_run.  0, or -errno: one is not there. */
int duo_cpus(int one, int two);

/* 0, or -errno. */
int duo_run(struct duo *d);

/* The same for two alone. */
int duo_run_one(struct duo *d);

double duo_now_ns(void);
#endif
