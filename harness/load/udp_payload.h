/* SPDX-License-Identifier: BSD-2-Clause */
/* What a datagram holds: its number and its planned time, then bytes that follow from
 * the number, so that any change of it is seen. */
#ifndef LOAD_UDP_PAYLOAD_H
#define LOAD_UDP_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct udp_head {
	uint64_t number;
	uint64_t planned_ns;
};

enum {
	UDP_PIECES = 2,
	UDP_SIZE_LEAST = sizeof(struct udp_head),
	UDP_SIZE_MOST = 65507
};

struct udp_payload {
	size_t size; /* of a datagram, UDP_SIZE_LEAST to UDP_SIZE_MOST */
	unsigned char *pattern;
};

/* 0 or -ENOMEM. */
int udp_payload_open(struct udp_payload *payload, size_t size, uint64_t seed);
void udp_payload_close(struct udp_payload *payload);

/* The pieces of the datagram with this head, which has to last as long as they. */
void udp_payload_pieces(const struct udp_payload *payload, struct udp_head *head,
			struct iovec pieces[static UDP_PIECES]);

/* Reads the head, if there is one.  Returns whether all behind it is as it was. */
bool udp_payload_read(const struct udp_payload *payload, const void *bytes,
		      size_t length, struct udp_head *head);

#endif
