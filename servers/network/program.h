/* SPDX-License-Identifier: BSD-2-Clause */
/* program.h - what all programs are that have an application on top of the network's
 * modules: their options, and the graph from its beginning to its end. */
#ifndef DUALITY_NETWORK_PROGRAM_H
#define DUALITY_NETWORK_PROGRAM_H

#include "client.h"
#include "servers/core/setup.h"

/* Of a variant's struct about.  Its flag says which graph is its own. */
extern const struct own_option network_options[];
extern const char *const network_counters[];

/* After server_setup: run the graph, with this application in its clients.  Returns
 * main's exit status. */
int network_main(struct server *s, const struct application *application);
#endif
