/* SPDX-License-Identifier: BSD-2-Clause */
/* setup_private.h - what setup.c, options.c and connections.c share. */
#ifndef DUALITY_SETUP_PRIVATE_H
#define DUALITY_SETUP_PRIVATE_H

#include "setup.h"

#include <netinet/in.h>

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct options {
	const struct about *about; /* the variant chosen */
	union address address;
	const char *root;
	size_t cache_bytes;
	unsigned workers, max_connections; /* 0: not given */
	const char *counters;
};

/* Read the command line; exits where server_setup says so. */
void options_read(struct options *o, int argc, char **argv, const struct about *about);

/* A listening socket, or one for datagrams, on the port that this one has. */
int listener_another(int listener);

/* The descriptors of live connections, a bit each, for the signal handler. */
void connections_setup(unsigned descriptors);

/* Shut the receiving side of all of them down; async-signal-safe. */
void connections_shut(void);

/* Forget all but fd: a child has only that one. */
void connections_only(int fd);
#endif
