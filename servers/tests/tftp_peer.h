/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_peer.h - a TFTP client that does as it is told, one datagram at a time: it
 * loses, repeats and delays those that a script says.  Nothing here waits for a length
 * of time to pass, but for what must come. */
#ifndef DUALITY_TFTP_PEER_H
#define DUALITY_TFTP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct peer {
	int fd;
	uint16_t request_port, port; /* of the server; of its transfer, 0: not known yet
				      */
	bool tolerant; /* what came before may come again, and is skipped */
	ssize_t len;   /* of the last datagram, -1: none came */
	unsigned char in[65536];
};

/* A port of its own at 127.0.0.1, or at `address` and `port` if not NULL and 0. */
bool peer_open(struct peer *p, uint16_t request_port);
bool peer_open_at(struct peer *p, const char *address, uint16_t port);
void peer_close(struct peer *p);
uint16_t peer_port(const struct peer *p); /* its own */

/* Any bytes to the request port; or a request, `options` being "name\0value\0...". */
void peer_ask(const struct peer *p, const void *bytes, size_t len);
void peer_request(struct peer *p, unsigned op, const char *name, const char *mode,
		  const char *options, size_t options_len);
void peer_read(struct peer *p, const char *name);  /* octet, no options */
void peer_write(struct peer *p, const char *name); /* also */

/* To the transfer's port. */
void peer_send(const struct peer *p, const void *bytes, size_t len);
void peer_ack(const struct peer *p, unsigned block);
void peer_data(const struct peer *p, unsigned block, const void *bytes, size_t len);
void peer_error(const struct peer *p, unsigned code);

/* The next datagram, from the transfer's port; the first one tells which that is. */
bool peer_receive(struct peer *p);
bool peer_silent(struct peer *p); /* nothing waits */

/* Receive, and it must be this. */
bool peer_gets_data(struct peer *p, unsigned block, const void *bytes, size_t len);
bool peer_gets_ack(struct peer *p, unsigned block);
bool peer_gets_error(struct peer *p, unsigned code);
bool peer_gets_oack(struct peer *p, const char *options, size_t options_len);

/* All blocks from `block` on of a whole transfer. */
bool peer_reads(struct peer *p, const void *bytes, size_t len, size_t size);
bool peer_writes(struct peer *p, const void *bytes, size_t len, size_t size);
#endif
