/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `duality load`. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/load/ipbench.h"
#include "harness/load/mix.h"
#include "harness/load/schedule.h"

enum load_mode {
	LOAD_OPEN, /* sessions arrive, each on a connection of its own */
	LOAD_POOL, /* requests arrive, and wait for one of a fixed set of connections */
	LOAD_CLOSED, /* each connection sends when its reply is in */
	LOAD_UDP,    /* datagrams are sent, by a fixed set of sockets */
};

struct options {
	enum load_mode mode;
	enum schedule_kind arrivals;
	double rate_rps;
	uint64_t connections;      /* pool and closed; of UDP, sockets */
	uint64_t size;             /* of datagrams, bytes */
	uint64_t session_requests; /* closed: and then a new connection */
	uint64_t think_ns;
	uint64_t idle; /* connections that are only there */
	uint64_t max_live;
	bool max_live_given;
	uint64_t warmup_ns, duration_ns, drain_ns;
	uint64_t seed;
	uint64_t verify_every;
	uint64_t limit_ns; /* the experiment's latency limit, for the certificate */
	uint64_t ping_ns;
	bool spin; /* never sleep */
	bool live_line;
	int events_fd;                /* or -1 */
	int cpu;                      /* or -1 */
	struct ipbench_peer cpu_peer; /* who tells the server's CPU use */
	const char *json;
	const char *histogram;
	struct mix mix;
};

/* Fills `options`.  Returns -1 to go on; else the exit status, everything said. */
int options_parse(struct options *options, int argc, char **argv);

#endif
