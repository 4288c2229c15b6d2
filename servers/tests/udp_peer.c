/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_peer.c - what a datagram holds follows from its number; see udp_peer.h. */
#include "config.h"

#include "udp_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

enum { DATAGRAM = 65536, ROOM = 1 << 20 };

static size_t address_make(struct sockaddr_storage *to, const char *address,
			   uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (strchr(address, ':')) {
		inet_pton(AF_INET6, address, &in6.sin6_addr);
		memcpy(to, &in6, sizeof in6);
		return sizeof in6;
	}
	inet_pton(AF_INET, address, &in.sin_addr);
	memcpy(to, &in, sizeof in);
	return sizeof in;
}

bool udp_peer_open(struct udp_peer *p, const char *address, uint16_t server_port,
		   uint16_t own_port)
{
	struct sockaddr_storage own, server;
	bool ipv6 = strchr(address, ':');
	size_t len = address_make(&server, address, server_port);
	int room = ROOM;

	/* The server's port may be taken on its own address, but not on another. */
	address_make(&own,
		     ipv6       ? "::1"
		     : own_port ? "127.0.0.2"
				: "127.0.0.1",
		     own_port);
	p->fd = socket(own.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (bind(p->fd, (struct sockaddr *)&own, (socklen_t)len) == 0 &&
	    connect(p->fd, (struct sockaddr *)&server, (socklen_t)len) == 0)
		return true;
	tap_diag("a peer of %s: %s", address, strerror(errno));
	return false;
}

void udp_peer_close(struct udp_peer *p)
{
	close(p->fd);
	p->fd = -1;
}

static void fill(unsigned char *bytes, uint32_t number, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)(number * 31 + i * 7 + (i >> 8));
	if (len >= sizeof number)
		memcpy(bytes, &number, sizeof number);
}

bool udp_peer_send(const struct udp_peer *p, uint32_t number, size_t len)
{
	static unsigned char bytes[DATAGRAM];

	fill(bytes, len < UDP_LEAST ? 0 : number, len);
	if (send(p->fd, bytes, len, 0) == (ssize_t)len)
		return true;
	tap_diag("send of %zu bytes: %s", len, strerror(errno));
	return false;
}

int64_t udp_peer_take(const struct udp_peer *p, size_t len, int wait_ms)
{
	static unsigned char got[DATAGRAM], bytes[DATAGRAM];
	struct pollfd ready = {.fd = p->fd, .events = POLLIN};
	uint32_t number = 0;
	ssize_t n;

	if (poll(&ready, 1, wait_ms) <= 0)
		return UDP_NONE;
	n = recv(p->fd, got, sizeof got, MSG_DONTWAIT);
	if (n != (ssize_t)len) {
		tap_diag("%zd bytes, not %zu: %s", n, len,
			 n < 0 ? strerror(errno) : "");
		return UDP_WRONG;
	}
	if (len >= sizeof number)
		memcpy(&number, got, sizeof number);
	fill(bytes, number, len);
	return memcmp(got, bytes, len) == 0 ? (int64_t)number : UDP_WRONG;
}

bool udp_peer_echo(const struct udp_peer *p, uint32_t number, size_t len)
{
	int64_t got;

	if (!udp_peer_send(p, number, len))
		return false;
	got = udp_peer_take(p, len, UDP_PATIENCE_MS);
	if (got == (len < UDP_LEAST ? 0 : (int64_t)number))
		return true;
	tap_diag("%zu bytes: %s", len, got == UDP_NONE ? "no echo" : "another echo");
	return false;
}
