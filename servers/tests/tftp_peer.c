/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_peer.c - a TFTP client that does as it is told. */
#include "config.h"

#include "tftp_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

enum { PATIENCE_MS = 20000, READ = 1, WRITE, DATA, ACK, ERROR, OACK };

bool peer_open_at(struct peer *p, const char *address, uint16_t port)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, address, &own.sin_addr);
	*p = (struct peer){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
	return p->fd >= 0 && bind(p->fd, (struct sockaddr *)&own, sizeof own) == 0;
}

bool peer_open(struct peer *p, uint16_t request_port)
{
	bool good = peer_open_at(p, "127.0.0.1", 0);

	p->request_port = request_port;
	return good;
}

void peer_close(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

uint16_t peer_port(const struct peer *p)
{
	struct sockaddr_in own;
	socklen_t len = sizeof own;

	return getsockname(p->fd, (struct sockaddr *)&own, &len) == 0
		       ? ntohs(own.sin_port)
		       : 0;
}

static void send_to(const struct peer *p, uint16_t port, const void *bytes, size_t len)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (sendto(p->fd, bytes, len, 0, (const struct sockaddr *)&to, sizeof to) < 0)
		tap_diag("sendto: %s", strerror(errno));
}

void peer_ask(const struct peer *p, const void *bytes, size_t len)
{
	send_to(p, p->request_port, bytes, len);
}

void peer_request(struct peer *p, unsigned op, const char *name, const char *mode,
		  const char *options, size_t options_len)
{
	char bytes[1024] = {0, (char)op}, *to = bytes + 2;

	p->port = 0;
	to = stpcpy(to, name) + 1;
	to = stpcpy(to, mode) + 1;
	memcpy(to, options, options_len);
	peer_ask(p, bytes, (size_t)(to - bytes) + options_len);
}

void peer_read(struct peer *p, const char *name)
{
	peer_request(p, READ, name, "octet", "", 0);
}

void peer_write(struct peer *p, const char *name)
{
	peer_request(p, WRITE, name, "octet", "", 0);
}

void peer_send(const struct peer *p, const void *bytes, size_t len)
{
	send_to(p, p->port, bytes, len);
}

static void send_head(const struct peer *p, unsigned op, unsigned number,
		      const void *bytes, size_t len)
{
	unsigned char packet[65536] = {0, (unsigned char)op,
				       (unsigned char)(number >> 8),
				       (unsigned char)number};

	memcpy(packet + 4, bytes, len);
	peer_send(p, packet, 4 + len);
}

void peer_ack(const struct peer *p, unsigned block)
{
	send_head(p, ACK, block, "", 0);
}

void peer_data(const struct peer *p, unsigned block, const void *bytes, size_t len)
{
	send_head(p, DATA, block, bytes, len);
}

void peer_error(const struct peer *p, unsigned code)
{
	send_head(p, ERROR, code, "enough", 7);
}

bool peer_receive(struct peer *p)
{
	struct pollfd ready = {.fd = p->fd, .events = POLLIN};
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;

	p->len = -1;
	if (poll(&ready, 1, PATIENCE_MS) == 1)
		p->len = recvfrom(p->fd, p->in, sizeof p->in, 0,
				  (struct sockaddr *)&from, &from_len);
	if (p->len < 0) {
		tap_diag("nothing came");
		return false;
	}
	if (p->port && p->port != ntohs(from.sin_port)) {
		tap_diag("it came from port %u, not %u", ntohs(from.sin_port), p->port);
		return false;
	}
	p->port = ntohs(from.sin_port);
	return true;
}

bool peer_silent(struct peer *p)
{
	struct pollfd ready = {.fd = p->fd, .events = POLLIN};

	return poll(&ready, 1, 0) == 0;
}

static unsigned number_in(const struct peer *p, size_t at)
{
	return (unsigned)(p->in[at] << 8 | p->in[at + 1]);
}

static bool gets(struct peer *p, unsigned op, unsigned number)
{
	number &= 0xffff;
	do {
		if (!peer_receive(p))
			return false;
	} while (p->tolerant && p->len >= 4 && number_in(p, 0) == op &&
		 number_in(p, 2) + 1 == number);
	if (p->len >= 4 && number_in(p, 0) == op && number_in(p, 2) == number)
		return true;
	tap_diag("op %u, number %u instead of op %u, number %u", number_in(p, 0),
		 number_in(p, 2), op, number);
	return false;
}

bool peer_gets_data(struct peer *p, unsigned block, const void *bytes, size_t len)
{
	if (!gets(p, DATA, block))
		return false;
	if ((size_t)p->len == 4 + len && memcmp(p->in + 4, bytes, len) == 0)
		return true;
	tap_diag("block %u: %zd bytes, not these %zu", block, p->len - 4, len);
	return false;
}

bool peer_gets_ack(struct peer *p, unsigned block)
{
	return gets(p, ACK, block) && p->len == 4;
}

bool peer_gets_error(struct peer *p, unsigned code)
{
	return gets(p, ERROR, code) && p->len > 5 && p->in[p->len - 1] == '\0';
}

bool peer_gets_oack(struct peer *p, const char *options, size_t options_len)
{
	if (!peer_receive(p))
		return false;
	if ((size_t)p->len == 2 + options_len && p->in[0] == 0 && p->in[1] == OACK &&
	    memcmp(p->in + 2, options, options_len) == 0)
		return true;
	tap_diag("not the OACK expected: op %u, %zd bytes", p->in[1], p->len);
	return false;
}

bool peer_reads(struct peer *p, const void *bytes, size_t len, size_t size)
{
	const unsigned char *at = bytes;
	bool good = true, last = false;

	for (unsigned block = 1; good && !last; block++) {
		size_t now = len < size ? len : size;

		good = peer_gets_data(p, block, at, now);
		peer_ack(p, block);
		last = now < size;
		at += now;
		len -= now;
	}
	return good;
}

bool peer_writes(struct peer *p, const void *bytes, size_t len, size_t size)
{
	const unsigned char *at = bytes;
	bool good = true, last = false;

	for (unsigned block = 1; good && !last; block++) {
		size_t now = len < size ? len : size;

		peer_data(p, block, at, now);
		good = peer_gets_ack(p, block);
		last = now < size;
		at += now;
		len -= now;
	}
	return good;
}
