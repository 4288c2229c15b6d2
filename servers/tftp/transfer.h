/* SPDX-License-Identifier: BSD-2-Clause */
/* transfer.h - an open file and the port of its own it is served on: from the request
 * to the last answer, as far as it is the same whoever waits in between. */
#ifndef DUALITY_TRANSFER_H
#define DUALITY_TRANSFER_H

#include "setup.h"
#include "tftp_file.h"

#include <netinet/in.h>

struct transfer {
	struct server *server;
	int fd;    /* its port */
	bool idle; /* stopping ends it */
	struct sockaddr_in peer;
	struct in_addr local; /* the address the request came to */
	struct tftp_request request;
	struct tftp_file file;
};

/* For struct about: the option --timeout MS, and the counter of what was sent again. */
extern const struct own_option transfer_options[];
extern const char *const transfer_counters[];

enum {
	TRANSFER_DATAGRAM = TFTP_HEAD + TFTP_BLOCK_MAX + 1, /* one more than any */
	TRANSFERS_MAX =
		4096, /* three descriptors each; a request costs a liar nothing */
};

/* After server_setup: open the root (exits with 2 if it cannot). */
void transfer_setup(struct server *s);

/* The time to wait unless the client asked for one. */
uint64_t transfer_timeout_ns(const struct transfer *t);

/* Take a request from the request port (flags as of recvmsg(2)); t is new.  Returns 0;
 * -EAGAIN: none waits; -ECANCELED: the server is stopping; -ENOMSG: what came is dealt
 * with: it was no request, or not well-formed. */
int transfer_await(struct server *s, struct transfer *t, int flags);

/* It cannot be served: answer so, from the request port.  EAGAIN: too many are. */
void transfer_refuse(struct transfer *t, int error);

/* Open port and file.  Returns 0; -errno: it has been answered, and there is nothing to
 * end. */
int transfer_open(struct transfer *t);

/* Lost if it cannot be sent: that is what the timeout is for. */
void transfer_send(struct transfer *t, const void *packet, size_t len, bool again);

/* Receive a datagram of the peer (flags as of recvfrom(2)).  Anyone else is told that
 * this is none of his, and nothing changes (RFC 1350 section 4).  Returns its length;
 * -EAGAIN: none, try again; -ECANCELED: idle, and the server is stopping. */
ssize_t transfer_receive(struct transfer *t, void *to, int flags);

/* The file is complete; stopping may cut short what is left. */
void transfer_idle(struct transfer *t);

/* It ended with this result; a failure is told to a peer that is still there. */
void transfer_close(struct transfer *t, int result);
#endif
