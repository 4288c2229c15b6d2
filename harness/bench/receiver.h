/* SPDX-License-Identifier: BSD-2-Clause */
/* receiver.h - who of the kernel receives for the server of a testbed, and on whose
 * CPUs.  Why it matters: docs/decisions/0018. */
#ifndef DUALITY_BENCH_RECEIVER_H
#define DUALITY_BENCH_RECEIVER_H

#include "harness/bench/run.h"

enum receiving {
	RECEIVE_HANDED, /* the server's CPUs, if they are handed what others took in */
	RECEIVE_THREAD, /* a thread of the kernel's that is bound to them */
	RECEIVE_READ    /* nobody: the server is the switch's device "tap", and reads */
};

struct receiver {
	const struct run *run;
	enum receiving by;
	int thread;              /* 0 or less: there is none */
	double handed, thread_s; /* how often, how long, within the window */
};

/* The server runs. */
void receiver_begin(struct receiver *v, const struct run *r, enum receiving by);

/* The window opens, or it closes. */
void receiver_open(struct receiver *v);
void receiver_close(struct receiver *v);

/* The thread is no stranger on the server's CPUs, though none of its tasks. */
void receiver_charge(const struct receiver *v, struct snapshot *window);

/* "server" or "sender", as it was in the window; "" where there is no testbed. */
const char *receiver_billed(const struct receiver *v);
#endif
