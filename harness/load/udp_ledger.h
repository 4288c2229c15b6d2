/* SPDX-License-Identifier: BSD-2-Clause */
/* The datagrams that were sent last, by number: which of them have come back. */
#ifndef LOAD_UDP_LEDGER_H
#define LOAD_UDP_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/load/tally.h"

struct udp_entry {
	struct request request;
	uint64_t number;
	bool awaited;
};

struct udp_ledger {
	struct udp_entry *entries;
	size_t room;   /* a power of two */
	uint64_t next; /* number of the next datagram; entries keep the last `room` */
};

enum udp_fate {
	UDP_AWAITED,   /* the first to come back */
	UDP_DUPLICATE, /* one has before */
	UDP_STALE,     /* the entry was given up long ago */
	UDP_UNKNOWN,   /* none was sent with this head */
};

/* Room for `least` at least.  0 or -ENOMEM. */
int udp_ledger_open(struct udp_ledger *ledger, uint64_t least);
void udp_ledger_close(struct udp_ledger *ledger);

/* The entry that the next datagram will take: if it is awaited still, give it up first.
 */
struct udp_entry *udp_ledger_next(struct udp_ledger *ledger);

/* The next datagram was sent. */
void udp_ledger_sent(struct udp_ledger *ledger, const struct request *request);

/* A datagram with this number and plan came.  Sets *entry if it is awaited or a
 * duplicate; the caller ends it. */
enum udp_fate udp_ledger_find(const struct udp_ledger *ledger, uint64_t number,
			      uint64_t planned_ns, struct udp_entry **entry);

#endif
