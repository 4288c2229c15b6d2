/* SPDX-License-Identifier: BSD-2-Clause */
/* frames.c - frames of Ethernet, ARP (RFC 826), IP (RFC 791) and UDP (RFC 768), by the
 * byte. */
#include "config.h"

#include "frames.h"

enum { KIND_IP = 0x0800, KIND_ARP = 0x0806, PROTOCOL_UDP = 17, MORE = 0x2000 };

const unsigned char frame_neighbour[NET_MAC] = {2, 0, 0, 0, 1, 1};

static void put16(struct script_frame *f, uint32_t at, uint32_t value)
{
	f->bytes[at] = (unsigned char)(value >> 8);
	f->bytes[at + 1] = (unsigned char)value;
}

static void put32(struct script_frame *f, uint32_t at, uint32_t value)
{
	put16(f, at, value >> 16);
	put16(f, at + 2, value);
}

static uint32_t address_of(int client)
{
	return script.network.address + (uint32_t)(client > 0 ? client : 0);
}

void frame_begin(struct script_frame *f, int client, uint16_t kind)
{
	memset(f, 0, sizeof *f);
	memset(f->bytes, 0xff, NET_MAC);
	if (client >= 0)
		network_mac(&script.network, (uint32_t)client, f->bytes);
	memcpy(f->bytes + NET_MAC, frame_neighbour, NET_MAC);
	put16(f, 2 * NET_MAC, kind);
	f->length = NET_HEADER;
}

void frame_arp(struct script_frame *f, int client, uint32_t asker)
{
	frame_begin(f, -1, KIND_ARP);
	put32(f, NET_HEADER, 1 << 16 | KIND_IP);
	put32(f, NET_HEADER + 4, 0x0604 << 16 | 1);
	memcpy(f->bytes + NET_HEADER + 8, frame_neighbour, NET_MAC);
	if (asker != script.network.address - 1)
		put32(f, NET_HEADER + 10, asker);
	put32(f, NET_HEADER + 14, asker);
	put32(f, NET_HEADER + 24, address_of(client));
	f->length = NET_HEADER + 28;
}

void frame_ip_sum(struct script_frame *f)
{
	uint32_t sum = 0;

	put16(f, FRAME_IP + 10, 0);
	for (uint32_t i = 0; i < IP_HEADER; i += 2)
		sum += (uint32_t)f->bytes[FRAME_IP + i] << 8 |
		       f->bytes[FRAME_IP + i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(f, FRAME_IP + 10, ~(sum + (sum >> 16)) & 0xffff);
}

void frame_fragment(struct script_frame *f, int client, uint16_t id, uint16_t at,
		    bool more, uint16_t bytes, unsigned char fill)
{
	frame_begin(f, client, KIND_IP);
	put16(f, FRAME_IP, 0x4500);
	put16(f, FRAME_IP_LENGTH, IP_HEADER + (uint32_t)bytes);
	put16(f, FRAME_IP + 4, id);
	put16(f, FRAME_IP + 6, (more ? MORE : 0) | (uint32_t)at);
	put16(f, FRAME_IP + 8, 64 << 8 | PROTOCOL_UDP);
	put32(f, FRAME_IP + 12, script.network.address - 1);
	put32(f, FRAME_IP + 16, address_of(client));
	memset(f->bytes + FRAME_IP + IP_HEADER, fill, bytes);
	f->length = NET_HEADER + IP_HEADER + (uint32_t)bytes;
	frame_ip_sum(f);
}

void frame_udp(struct script_frame *f, int client, const void *bytes, uint16_t n)
{
	enum { UDP = NET_HEADER + IP_HEADER };

	frame_fragment(f, client, 1, 0, false, (uint16_t)(UDP_HEADER + n), 0);
	put16(f, UDP, 4000);
	put16(f, UDP + 2, script.network.port);
	put16(f, UDP + 4, UDP_HEADER + (uint32_t)n); /* the checksum: 0, none */
	memcpy(f->bytes + UDP + UDP_HEADER, bytes, n);
}
