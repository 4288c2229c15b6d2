/* SPDX-License-Identifier: BSD-2-Clause */
/* The sockets that load an echo server: each is connected to it, so that it gets nobody
 * else's datagrams, and is told when the server's machine has nobody at that port. */
#ifndef LOAD_UDP_SOCKET_H
#define LOAD_UDP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "harness/load/udp_payload.h"
#include "harness/load/url.h"

enum { UDP_BATCH = 32 }; /* datagrams a system call */

struct udp_socket {
	int fd;
	uint64_t expected; /* one more than the highest number received */
	uint64_t drops;    /* by the kernel, on their way in, when the run began */
};

/* Opens, connects and watches it for input (the event's pointer is the socket).  0 or
 * -errno. */
int udp_socket_open(struct udp_socket *socket, const union url_address *server,
		    int epoll_fd);
void udp_socket_close(struct udp_socket *socket);

/* Whether it is to be watched for room to send as well. */
void udp_socket_watch(struct udp_socket *socket, int epoll_fd, bool output);

/* Datagrams that the kernel had no room for, or found damaged, since it was opened. */
uint64_t udp_socket_drops(const struct udp_socket *socket);

/* Takes what the network has told it is wrong: the last of it, as -errno, or 0. */
int udp_socket_error(const struct udp_socket *socket);

/* Sends a datagram until it comes back.  0, or -errno: -ETIMEDOUT, -ECONNREFUSED:
 * nobody is there, -EBADMSG: something else came back.  Blocks for some seconds at
 * most. */
int udp_socket_probe(const struct udp_socket *socket,
		     const struct udp_payload *payload);

#endif
