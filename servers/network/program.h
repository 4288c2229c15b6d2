/* SPDX-License-Identifier: BSD-2-Clause */
/* program.h - what all programs are that have an application on top of the network's
 * modules: their options, and the graph from its beginning to its end. */
#ifndef DUALITY_NETWORK_PROGRAM_H
#define DUALITY_NETWORK_PROGRAM_H

#include "client.h"
#include "servers/core/setup.h"

extern const struct own_option network_options[];
extern const char *const network_counters[];

/* What all of them say in their struct about; the flag says which graph is its own.
 * Each client has a cache, and accounts, of its own, and thus no lock. */
#define NETWORK_ABOUT                                                             \
	.family = "module", .style = "event", .own_stack = true, .needs = "lwIP", \
	.lock = &lock_none, .accounts = ACCOUNTS_FREE, .own = network_options,    \
	.own_counters = network_counters

/* After server_setup: run the graph, with this application in its clients.  Returns
 * main's exit status. */
int network_main(struct server *s, const struct application *application);
#endif
