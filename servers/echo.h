/* SPDX-License-Identifier: BSD-2-Clause */
/* echo.h - a UDP port whose datagrams go back to whom they came from, byte for byte
 * (RFC 862): receiving, sending, counting and the end.  The variants differ in who
 * waits for them, and for how many at once. */
#ifndef DUALITY_ECHO_H
#define DUALITY_ECHO_H

#include "setup.h"

#include <netinet/in.h>

/* No datagram is longer (RFC 768).  Arrays of rooms of 64 KiB would all begin in the
 * same sets of the processor's caches: these do not. */
enum { ECHO_MAX = 65535, ECHO_ROOM = 65536 + 1536 };

struct echo {
	struct server *server;
	int fd;
	in_port_t own_port;
	bool closed;         /* nothing comes in any more */
	uint32_t drops;      /* by the kernel, at the last look, */
	unsigned since_look; /* and datagrams received since */
};

struct echo_datagram {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} from;
	socklen_t from_len;
	size_t len;
	char bytes[ECHO_ROOM];
};

/* For struct about. */
extern const char *const echo_counters[];

/* fd is the server's listener, or a further one. */
void echo_setup(struct echo *e, struct server *s, int fd);

/* Receive one, flags as of recvfrom(2).  Returns 1: it is to be sent back; 0: it is
 * not, or none came after all; -EAGAIN: none waits; -ECANCELED: the server is stopping,
 * and all that had come before has been received. */
int echo_receive(struct echo *e, struct echo_datagram *d, int flags);

/* Send it back.  Returns 0, whether or not it could be sent; -EAGAIN: not now (with
 * MSG_DONTWAIT). */
int echo_send(struct echo *e, const struct echo_datagram *d, int flags);

/* For those who receive and send by other calls.  A datagram came: is it to be sent
 * back? Without a sender (from_len 0) it is none, but what a receiver is woken with by
 * shutdown(2). */
bool echo_received(struct echo *e, const void *from, socklen_t from_len, size_t len);

/* It was sent; or not, with -errno. */
void echo_sent(struct echo *e, ssize_t result);

/* Let nothing in any more, so that the rest has an end.  Again: no effect. */
void echo_close(struct echo *e);

#endif
