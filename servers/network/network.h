/* SPDX-License-Identifier: BSD-2-Clause */
/* network.h - what the modules of the networking subsystem say to each other
 * (docs/network.md).  A message is a buffer with a frame in it, or an empty one on its
 * way back.  Modules are sDDF's (LionsOS; Heiser, COMP9242 2025, lecture 2b). */
#ifndef DUALITY_NETWORK_H
#define DUALITY_NETWORK_H

#include "runtimes/graph/module.h"
#include "servers/core/counters.h"

enum {
	NET_CLIENTS = 8, /* at most, behind one driver */
	NET_BUFFERS = 512,
	NET_BUFFER_BYTES = 2048,
	NET_REGION_BYTES = NET_BUFFERS * NET_BUFFER_BYTES,
	NET_BATCH = 64, /* frames at once */
	NET_HEADER = 14,
	NET_MAC = 6,
	NET_FRAME_MOST = 1514
};

/* Counters of their own, after COUNTERS. */
enum {
	NET_FRAMES_IN,         /* that the driver took */
	NET_FRAMES_OUT,        /* that it sent */
	NET_BROADCASTS,        /* for several clients */
	NET_DROPS_NO_BUFFER,   /* the kernel had no room: no buffer came back in time */
	NET_DROPS_NOBODYS,     /* for none of the clients */
	NET_DROPS_CLIENT_FULL, /* the client did not drain */
	NET_DROPS_MALFORMED,   /* too short, too long, or no buffer */
	NET_DROPS_NO_TX_BUFFER, /* the client had none to send with */
	NET_DROPS_DEVICE,       /* the device did not take it */
	NET_SIGNALS_SENT,
	NET_SIGNALS_ELIDED,
	NET_FENCES,
	NET_COUNTERS
};

/* module->program. */
struct network {
	const struct driver_way *way;          /* of the driver (driver.h) */
	const struct application *application; /* of the clients (client.h) */
	struct server *server;
	struct counters *counters;
	const char *interface;
	uint32_t address, mask; /* of client 0, in host order; others follow it */
	unsigned char mac[NET_MAC];
	uint16_t port;

	/* By client, in memory that outlives it: connections it has, and, when the
	 * graph is to end, those whose last bytes have not arrived.  Meanwhile the
	 * driver goes on. */
	_Atomic uint32_t *open;
	_Atomic uint32_t *holder; /* by client, there too: the module that is it */
};

extern const struct module_type driver_module, virt_rx_module, copier_module,
	client_module;
extern const struct module_type virt_tx_round_robin_module, virt_tx_priority_module;

/* The address of a client: the first's, and the client's number added. */
static inline void network_mac(const struct network *n, uint32_t client,
			       unsigned char mac[NET_MAC])
{
	memcpy(mac, n->mac, NET_MAC);
	mac[NET_MAC - 1] = (unsigned char)(mac[NET_MAC - 1] + client);
}

static inline void network_count(const struct module *m, unsigned which, uint64_t n)
{
	const struct network *network = m->program;

	if (n > 0)
		counter_add(network->counters, COUNTERS + which, n);
}

/* A frame need not begin where its buffer does.  The tag says where, and whose region
 * of buffers it is where there are several. */
static inline uint64_t frame_tag(uint32_t client, uint32_t head)
{
	return (uint64_t)client << 32 | head;
}

static inline uint32_t frame_head(const struct ring_item *item)
{
	return (uint32_t)item->tag;
}

static inline uint32_t frame_client(const struct ring_item *item)
{
	return (uint32_t)(item->tag >> 32);
}

static inline uint32_t frame_buffer(const struct ring_item *item)
{
	return item->offset / NET_BUFFER_BYTES;
}

/* Is it a buffer of a region, with a frame that lies in it?  Rings to clients carry no
 * region (a graph's word for: the runtime looks, and who was told nonsense has failed):
 * a client is not believed, and what it says wrongly is its own loss. */
static inline bool frame_lies_in(const struct ring_item *item, uint64_t region_bytes)
{
	return item->offset % NET_BUFFER_BYTES == 0 &&
	       item->offset < NET_REGION_BYTES && item->offset < region_bytes &&
	       item->length <= NET_BUFFER_BYTES &&
	       frame_head(item) <= NET_BUFFER_BYTES - item->length;
}
#endif
