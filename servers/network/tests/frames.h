/* SPDX-License-Identifier: BSD-2-Clause */
/* frames.h - frames for lwIP's client of the tests, from a neighbour at 10.99.0.1. */
#ifndef DUALITY_NETWORK_FRAMES_H
#define DUALITY_NETWORK_FRAMES_H

#include "script.h"

enum { IP_HEADER = 20, UDP_HEADER = 8, FRAME_IP = NET_HEADER, FRAME_IP_LENGTH = 16 };

extern const unsigned char frame_neighbour[NET_MAC];

/* A frame to client n, or to all (-1), of this kind (EtherType), and nothing in it. */
void frame_begin(struct script_frame *f, int client, uint16_t kind);

/* Who has 10.99.0.(2 + client)?  Asked by address `asker`, of a MAC made of it. */
void frame_arp(struct script_frame *f, int client, uint32_t asker);

/* A fragment of an IP packet of this protocol: so many bytes at offset `at` (of eight
 * bytes each), with more to come or not.  Its bytes are `fill`. */
void frame_fragment(struct script_frame *f, int client, uint16_t id, uint16_t at,
		    bool more, uint16_t bytes, unsigned char fill);

/* A datagram of these bytes to the echo. */
void frame_udp(struct script_frame *f, int client, const void *bytes, uint16_t n);

/* The header's checksum made right again (RFC 1071). */
void frame_ip_sum(struct script_frame *f);
#endif
