/* SPDX-License-Identifier: BSD-2-Clause */
/* unread.h - how much of what was sent has the peer's program not read yet?  Asked of
 * the kernel about the peer's end of a local connection (sock_diag(7)), so that pieces
 * reach a server one by one however busy the machine is. */
#ifndef DUALITY_UNREAD_H
#define DUALITY_UNREAD_H

#include <netinet/in.h>

/* A socket to ask through, or -errno. */
int unread_open(void);

/* The bytes in the receive queue of the end at `peer`; 0 too if that end is gone. */
int unread_bytes(int fd, const struct sockaddr_in *own, const struct sockaddr_in *peer);
#endif
