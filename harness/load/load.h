/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of load: the loop that plans, sends and receives. */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/load/connection.h"
#include "harness/load/idlers.h"
#include "harness/load/ipbench.h"
#include "harness/load/line.h"
#include "harness/load/options.h"
#include "harness/load/tally.h"
#include "harness/load/udp.h"

/* What the run cost us, inside the window. */
struct client {
	double cpu_s; /* NAN before the window's end */
	uint64_t largest_gap_ns;
	uint64_t loops;
};

struct load {
	const struct options *options;
	struct tally tally;
	struct client client;
	struct dialer dialer;
	struct idlers idlers;
	struct connection *connections;
	uint64_t slots;
	struct line idle;     /* connections without a request; open or closed */
	struct line sleeping; /* in the order of their wake_ns */
	uint64_t busy;        /* connections with a request; datagrams awaited */
	struct schedule schedule;
	uint64_t next_arrival_ns; /* UINT64_MAX: no more */
	struct arrival_queue waiting;
	struct ipbench *ipbench; /* who tells the server's CPU use; or NULL */
	struct udp *udp;         /* what udp:// has instead of connections; or NULL */
	uint64_t epoch_ns;       /* the schedule's start */
	uint64_t stop_ns;        /* the window's end: nothing is planned from here on */
	uint64_t give_up_ns;
	uint64_t now_ns;   /* the last clock reading */
	uint64_t woken_ns; /* the last time epoll returned */
	uint64_t ping_ns;
	uint64_t ping_replies;
	double cpu_start_s;
	bool started, stopped, interrupted;
};

/* Set by a signal handler to end the run early. */
extern volatile sig_atomic_t load_interrupt;

/* Allocates and connects.  0, or -errno: -ENOMEM, or why the server cannot be reached.
 * Blocks for a few seconds at most. */
int load_open(struct load *load, const struct options *options,
	      const union url_address *server);

/* Runs to the end of the drain.  0 or -errno. */
int load_run(struct load *load);

void load_close(struct load *load);

#endif
