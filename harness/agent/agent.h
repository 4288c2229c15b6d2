/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may ask: one loop over all clients, each with a dialogue and a window of its own.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/agent/dialogue.h"

enum { AGENT_CLIENTS = 64 };

struct client {
	int fd;
	uint64_t deadline_ns; /* to be closed at; UINT64_MAX: never */
	struct dialogue dialogue;
};

struct agent {
	int listener; /* non-blocking */
	int signals;  /* a signalfd: any signal ends it */
	struct meter *meter;
	uint64_t silence_ns; /* for which a client may say nothing before START */
	uint64_t pause_ns;   /* nothing is accepted until then */
	bool stopping;
	unsigned most; /* clients at a time, AGENT_CLIENTS at most */
	unsigned count;
	struct client clients[AGENT_CLIENTS];
};

/* Serves until a signal comes, then closes the clients.  0 or -errno. */
int agent_run(struct agent *agent);

#endif
