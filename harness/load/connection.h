/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection to the server and the request it carries.  Nothing here blocks, reads
 * the clock or knows why a request is made. */
#ifndef LOAD_CONNECTION_H
#define LOAD_CONNECTION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/load/http.h"
#include "harness/load/mix.h"
#include "harness/load/tally.h"
#include "harness/load/verify.h"

enum { CONNECTION_BUFFER = 65536 };

struct connection {
	int fd;             /* -1: closed */
	bool busy;          /* carries a request */
	bool awaits_output; /* the request is not written out yet: watched for EPOLLOUT
			       too */
	struct request request;
	struct target *target;
	size_t written; /* bytes of the target's request */
	uint64_t index; /* number of the next request, for the mix */
	uint64_t left;  /* requests this session has still to make (closed: one more) */
	uint64_t wake_ns;
	struct connection *next; /* in the one line it stands in */
	struct http_head head;
	struct verify_body body;
};

/* Where connections go to, and what they share. */
struct dialer {
	struct sockaddr_in to;
	int epoll_fd;
	uint64_t verify_every;
	uint64_t dialed;
	uint32_t source;   /* 0: let the kernel choose; n: 127.0.0.(1 + n) */
	bool many_sources; /* the destination is in 127/8 */
	char buffer[CONNECTION_BUFFER];
};

void dialer_open(struct dialer *dialer, const struct sockaddr_in *to, int epoll_fd,
		 uint64_t verify_every);

/* Begins to connect.  0 or -errno, then closed again. */
int connection_dial(struct connection *connection, struct dialer *dialer);

/* Waits until a connection that was dialled stands, `timeout_ms` at most, and watches
 * it for input.  0 or -errno, then closed again.  Blocks: for set-up only. */
int connection_settle(struct connection *connection, struct dialer *dialer,
		      int timeout_ms);

/* Takes up a request for the target. */
void connection_load(struct connection *connection, struct target *target);

/* Writes what it can of the request, and watches the connection for what it needs next:
 * output until all is written, input from then on.  0 or -errno. */
int connection_send(struct connection *connection, struct dialer *dialer, bool fresh);

/* Reads once and adds the number of bytes to *bytes.  -EAGAIN: the reply is not
 * complete. Else 0 with its outcome; or -errno (-EPROTO: not HTTP, -ECONNRESET: ended
 * early). */
int connection_receive(struct connection *connection, struct dialer *dialer,
		       enum outcome *outcome, uint64_t *bytes);

void connection_close(struct connection *connection);

/* What a failure counts as. */
enum outcome connection_outcome(int error);

#endif
