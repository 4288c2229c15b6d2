/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_echoes.c - what comes goes back to whom it came from, whatever else there is. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "tap.h"
#include "udp_gate.h"

enum { USUAL = 1472, PACED = 10000, AHEAD = 16, PEERS = 100, ROUNDS = 10 };

static bool sizes_echoed(struct subject *s, const char *address)
{
	static const size_t sizes[] = {0, 1, 1472, 0, 9000, 65507, 3};
	struct udp_peer p;
	bool good = udp_peer_open(&p, address, s->port, 0);

	for (uint32_t i = 0; good && i < sizeof sizes / sizeof *sizes; i++)
		good = udp_peer_echo(&p, i, sizes[i]);
	udp_peer_close(&p);
	return good;
}

static bool echo_sizes(struct subject *s)
{
	return sizes_echoed(s, "127.0.0.1");
}

static bool echo_ipv6(struct subject *s)
{
	return strncmp(s->said, "ready [::1]:", 12) == 0 && sizes_echoed(s, "::1");
}

/* A few at a time are under way, so that no room is ever short. */
static bool echo_paced(struct subject *s)
{
	static bool back[PACED];
	struct udp_peer p;
	bool good = udp_peer_open(&p, "127.0.0.1", s->port, 0);

	memset(back, 0, sizeof back);
	for (uint32_t i = 0; good && i < PACED + AHEAD; i++) {
		int64_t got;

		if (i < PACED)
			good = udp_peer_send(&p, i, USUAL);
		if (i < AHEAD || !good)
			continue;
		got = udp_peer_take(&p, USUAL, UDP_PATIENCE_MS);
		good = got >= 0 && got < PACED && !back[got];
		if (good)
			back[got] = true;
		else
			tap_diag("after %u: %lld", i, (long long)got);
	}
	good = good && udp_peer_take(&p, USUAL, 0) == UDP_NONE;
	udp_peer_close(&p);
	return good && udp_stop(s, 10) && udp_counted(s, "echoes", PACED) &&
	       udp_counted(s, "bytes_out", (int64_t)PACED * USUAL) &&
	       udp_counted(s, "bytes_in", (int64_t)PACED * USUAL) &&
	       udp_counted(s, "socket_drops", 0);
}

/* Each gets its own back. */
static bool echo_peers(struct subject *s)
{
	struct udp_peer peers[PEERS];
	uint32_t opened = 0;
	bool good = true;

	for (; good && opened < PEERS; opened++)
		good = udp_peer_open(&peers[opened], "127.0.0.1", s->port, 0);
	for (uint32_t round = 0; good && round < ROUNDS; round++) {
		for (uint32_t i = 0; good && i < PEERS; i++)
			good = udp_peer_send(&peers[i], i, 100);
		for (uint32_t i = 0; good && i < PEERS; i++)
			good = udp_peer_take(&peers[i], 100, UDP_PATIENCE_MS) == i;
	}
	for (uint32_t i = 0; i < opened; i++)
		udp_peer_close(&peers[i]);
	return good;
}

/* Their ports are closed by the time they are answered: what comes back is ICMP. */
static bool echo_gone(struct subject *s)
{
	struct udp_peer peers[PEERS], late;
	uint32_t opened = 0;
	bool good = udp_halt(s);

	for (; good && opened < PEERS / 2; opened++)
		good = udp_peer_open(&peers[opened], "127.0.0.1", s->port, 0) &&
		       udp_peer_send(&peers[opened], opened, 100);
	for (uint32_t i = 0; i < opened; i++)
		udp_peer_close(&peers[i]);
	udp_go_on(s);
	good = good && udp_peer_open(&late, "127.0.0.1", s->port, 0);
	for (uint32_t i = 0; good && i < ROUNDS; i++)
		good = udp_peer_echo(&late, i, USUAL);
	udp_peer_close(&late);
	return good;
}

/* Whoever has our own port, as a forged sender or another echo server would, is not
 * answered; others are. */
static bool echo_own_port(struct subject *s)
{
	struct udp_peer same, other;
	bool good = udp_peer_open(&same, "127.0.0.1", s->port, s->port) &&
		    udp_peer_open(&other, "127.0.0.1", s->port, 0) &&
		    udp_peer_send(&same, 1, USUAL) && udp_peer_echo(&other, 2, USUAL);

	good = good && udp_stop(s, 10) && udp_counted(s, "refused", 1) &&
	       udp_peer_take(&same, USUAL, 0) == UDP_NONE;
	udp_peer_close(&same);
	udp_peer_close(&other);
	return good;
}

const struct udp_check udp_echoes[] = {
	{"datagrams of 0 to 65,507 bytes come back", echo_sizes, NULL},
	{"and over IPv6", echo_ipv6, "::1"},
	{"10,000 paced ones come back once each", echo_paced, NULL},
	{"a hundred peers get their own", echo_peers, NULL},
	{"peers that have gone end nothing", echo_gone, NULL},
	{"its own port is not answered", echo_own_port, NULL},
	{NULL, NULL, NULL},
};
