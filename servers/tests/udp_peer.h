/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_peer.h - a sender of datagrams that knows each one again. */
#ifndef DUALITY_UDP_PEER_H
#define DUALITY_UDP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct udp_peer {
	int fd;
};

enum { UDP_NONE = -1, UDP_WRONG = -2, UDP_PATIENCE_MS = 20000, UDP_LEAST = 4 };

/* A socket on this machine, of IPv4 unless `address` has a colon, that knows only the
 * server's port there.  own_port: its own; 0: any. */
bool udp_peer_open(struct udp_peer *p, const char *address, uint16_t server_port,
		   uint16_t own_port);
void udp_peer_close(struct udp_peer *p);

/* Send datagram `number`, of so many bytes; from UDP_LEAST on they tell its number. */
bool udp_peer_send(const struct udp_peer *p, uint32_t number, size_t len);

/* Await the next datagram: its number, if its bytes are those; UDP_NONE: none came in
 * that time; UDP_WRONG: other bytes. */
int64_t udp_peer_take(const struct udp_peer *p, size_t len, int wait_ms);

/* Send it, and have the same bytes back. */
bool udp_peer_echo(const struct udp_peer *p, uint32_t number, size_t len);
#endif
