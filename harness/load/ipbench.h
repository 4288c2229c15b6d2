/* SPDX-License-Identifier: BSD-2-Clause */
/* The server's CPU use over the window, as its machine tells it: the controller's side
 * of ipbench's dialogue with a target.  A board running LionsOS is one, or `duality
 * agent`. */
#ifndef LOAD_IPBENCH_H
#define LOAD_IPBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IPBENCH_HOST = 256,
	IPBENCH_WHY = 160,
	IPBENCH_LINE = 128, /* no target says more at a time */
};

/* Who is asked; a host of length 0: nobody. */
struct ipbench_peer {
	char host[IPBENCH_HOST];
	char port[8];
};

struct ipbench {
	int fd; /* -1: none */
	bool started, stopped;
	bool told;             /* idle and total are known */
	uint64_t idle, total;  /* in the peer's unit, over all its CPUs */
	char why[IPBENCH_WHY]; /* where it failed; or "" */
	size_t have;
	char text[IPBENCH_LINE]; /* received, and not yet taken */
};

/* Does it begin as a URL, of whatever scheme? */
bool ipbench_is_url(const char *text);

/* Of `ipbench://HOST[:PORT]`; the port is 1236.  NULL, or what is wrong. */
const char *ipbench_parse(struct ipbench_peer *peer, const char *text);

/* Connects, and agrees on what is to be measured.  0; or -1, and `why` says it all.
 * Blocks for some seconds at most, not counting DNS. */
int ipbench_open(struct ipbench *ipbench, const struct ipbench_peer *peer);

/* The window opens, and closes.  Neither blocks.  Fine with NULL. */
void ipbench_start(struct ipbench *ipbench);
void ipbench_stop(struct ipbench *ipbench);

/* Waits for the data, some seconds at most, and hangs up.  0; or -1, and `why`. */
int ipbench_collect(struct ipbench *ipbench);

/* Busy over total, 0 to 1; NAN unless told. */
double ipbench_share(const struct ipbench *ipbench);

void ipbench_close(struct ipbench *ipbench);

#endif
