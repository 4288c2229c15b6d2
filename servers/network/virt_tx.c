/* SPDX-License-Identifier: BSD-2-Clause */
/* virt_tx.c - the transmit virtualiser: which client is next?  Two types, by policy; a
 * graph names the one it wants. */
#include "config.h"

#include "network.h"

#include <errno.h>

enum {
	ACTIVE, /* to the driver */
	FREE,   /* from it */
	CLIENT_ACTIVE,
	CLIENT_FREE = CLIENT_ACTIVE + NET_CLIENTS,
	CLIENTS_END = CLIENT_FREE + NET_CLIENTS
};

/* In turn, a client has so many frames. */
enum { QUANTUM = 16 };

static const struct port_rule ports[] = {
	{.kind = PORT_OUT, .name = "active"},
	{.kind = PORT_IN, .name = "free"},
	{PORT_IN, "client_active", NET_CLIENTS, true, false, 0, false, true},
	{PORT_OUT, "client_free", NET_CLIENTS, true, false, 0, false, true},
	{.kind = PORT_NONE},
};

struct virt_tx {
	unsigned first; /* whose turn it is */
	bool sending[NET_CLIENTS][NET_BUFFERS];
};

static int virt_tx_init(struct module *m)
{
	unsigned clients = 0;

	for (unsigned c = 0; c < NET_CLIENTS; c++) {
		clients += port_connected(m, CLIENT_ACTIVE + c);
		if (port_connected(m, CLIENT_ACTIVE + c) !=
		    port_connected(m, CLIENT_FREE + c))
			return -ENOTCONN;
	}
	return clients ? 0 : -ENOTCONN;
}

/* Give back what was sent.  A client has asked for no more than it has room for. */
static void sent_take(struct module *m)
{
	struct virt_tx *v = m->state;
	struct ring_item items[NET_BATCH];
	uint32_t n = port_get(m, FREE, items, NET_BATCH);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t c = frame_client(&items[i]);

		v->sending[c][frame_buffer(&items[i])] = false;
		items[i].tag = 0;
		if (port_room(m, CLIENT_FREE + c, 1))
			port_put(m, CLIENT_FREE + c, &items[i], 1);
	}
}

/* Is it a frame that can be sent?  A client is not believed. */
static bool frame_take(struct virt_tx *v, unsigned c, struct ring_item *item)
{
	bool *sending = &v->sending[c][frame_buffer(item) % NET_BUFFERS];

	item->tag = frame_tag(c, frame_head(item));
	if (!frame_lies_in(item, NET_REGION_BYTES) || item->length < NET_HEADER ||
	    item->length > NET_FRAME_MOST || *sending)
		return false;
	return *sending = true;
}

/* Up to `most` frames of a client go to the driver; what is none goes back.  Returns
 * how many went. */
static uint32_t client_send(struct module *m, unsigned c, uint32_t most)
{
	struct ring_item items[NET_BATCH];
	uint32_t n, good = 0, bad;

	if (most == 0 || !port_connected(m, CLIENT_ACTIVE + c))
		return 0;
	n = port_get(m, CLIENT_ACTIVE + c, items, most);
	for (uint32_t i = 0; i < n; i++) {
		if (frame_take(m->state, c, &items[i]))
			items[good++] = items[i];
		else if (port_room(m, CLIENT_FREE + c, 1))
			port_put(m, CLIENT_FREE + c, &items[i], 1);
	}
	bad = n - good;
	network_count(m, NET_DROPS_MALFORMED, bad);
	port_put(m, ACTIVE, items, good);
	return good;
}

/* Without room it did not look at all clients; it may have been its own bound. */
static void turn_over(struct module *m, uint32_t room)
{
	if (room == 0 && port_room(m, ACTIVE, 1))
		module_again(m, ACTIVE);
	if (port_ended(m, ACTIVE))
		module_done(m);
}

/* Each a quantum, beginning with another client each time. */
static void round_robin_notified(struct module *m, unsigned channel)
{
	struct virt_tx *v = m->state;
	uint32_t room, before;

	(void)channel;
	sent_take(m);
	room = port_room(m, ACTIVE, NET_BATCH);
	do {
		before = room;
		for (unsigned i = 0; i < NET_CLIENTS; i++)
			room -= client_send(m, (v->first + i) % NET_CLIENTS,
					    room < QUANTUM ? room : QUANTUM);
	} while (room > 0 && room < before);
	do
		v->first = (v->first + 1) % NET_CLIENTS;
	while (!port_connected(m, CLIENT_ACTIVE + v->first));
	turn_over(m, room);
}

/* A client has what those before it leave. */
static void priority_notified(struct module *m, unsigned channel)
{
	uint32_t room;

	(void)channel;
	sent_take(m);
	room = port_room(m, ACTIVE, NET_BATCH);
	for (unsigned c = 0; c < NET_CLIENTS; c++)
		room -= client_send(m, c, room);
	turn_over(m, room);
}

const struct module_type virt_tx_round_robin_module = {
	.name = "virt_tx",
	.ports = ports,
	.state_bytes = sizeof(struct virt_tx),
	.init = virt_tx_init,
	.notified = round_robin_notified,
};

const struct module_type virt_tx_priority_module = {
	.name = "virt_tx_priority",
	.ports = ports,
	.state_bytes = sizeof(struct virt_tx),
	.init = virt_tx_init,
	.notified = priority_notified,
};
