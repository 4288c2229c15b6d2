/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_gate.h - the checks of a UDP echo server, each on a server of its own. */
#ifndef DUALITY_UDP_GATE_H
#define DUALITY_UDP_GATE_H

#include "subject.h"
#include "udp_peer.h"

struct udp_check {
	const char *name;
	bool (*run)(struct subject *s);
	const char *address; /* NULL: 127.0.0.1 */
};

/* Up to the one without a name. */
extern const struct udp_check udp_echoes[], udp_ends[];

/* Halt it, and wait until it has; let it go on. */
bool udp_halt(const struct subject *s);
void udp_go_on(const struct subject *s);

/* SIGTERM; it must end well, within seconds.  No server is left to be stopped after it.
 */
bool udp_stop(struct subject *s, double seconds);

/* Those counters that have to have these values in the end. */
bool udp_counted(const struct subject *s, const char *name, int64_t value);
#endif
