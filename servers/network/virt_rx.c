/* SPDX-License-Identifier: BSD-2-Clause */
/* virt_rx.c - the receive virtualiser: whose is a frame?  It goes to the client whose
 * address it bears, or to all; and back to the driver when all who had it are done. */
#include "config.h"

#include "network.h"

#include <errno.h>

enum {
	FREE,   /* to the driver */
	ACTIVE, /* from it */
	REGION,
	CLIENT_ACTIVE,
	CLIENT_FREE = CLIENT_ACTIVE + NET_CLIENTS,
	CLIENTS_END = CLIENT_FREE + NET_CLIENTS
};

static const struct port_rule ports[] = {
	{.kind = PORT_OUT, .name = "free"},
	{.kind = PORT_IN, .name = "active"},
	{.kind = PORT_REGION, .name = "rx", .bytes = NET_REGION_BYTES},
	{PORT_OUT, "client_active", NET_CLIENTS, true, false, 0, false, true},
	{PORT_IN, "client_free", NET_CLIENTS, true, false, 0, false, true},
	{.kind = PORT_NONE},
};

struct outlet {
	unsigned char mac[NET_MAC];
	uint32_t has; /* how many buffers are with this client */
	uint32_t room, used;
	struct ring_item items[NET_BATCH];
};

struct virt_rx {
	const unsigned char *frames;
	uint32_t clients, share;
	uint8_t holders[NET_BUFFERS]; /* a bit for each client that has it */
	struct outlet outlet[NET_CLIENTS];
};

static int virt_rx_init(struct module *m)
{
	struct virt_rx *v = m->state;
	struct ring_item items[NET_BUFFERS];
	uint64_t bytes;

	v->frames = port_memory(m, REGION, &bytes);
	for (unsigned c = 0; c < NET_CLIENTS; c++) {
		network_mac(m->program, c, v->outlet[c].mac);
		v->clients += port_connected(m, CLIENT_ACTIVE + c);
		if (port_connected(m, CLIENT_ACTIVE + c) !=
		    port_connected(m, CLIENT_FREE + c))
			return -ENOTCONN;
	}
	if (v->clients == 0 || port_room(m, FREE, NET_BUFFERS) < NET_BUFFERS)
		return v->clients ? -ENOBUFS : -ENOTCONN;
	/* One client cannot have what is the others' share. */
	v->share = NET_BUFFERS / v->clients;
	port_stock(m, FREE, 0, NET_BUFFERS);
	for (uint32_t i = 0; i < NET_BUFFERS; i++)
		items[i] = (struct ring_item){.offset = i * NET_BUFFER_BYTES};
	port_put(m, FREE, items, NET_BUFFERS);
	return 0;
}

/* What a client gives back; it is not believed to have had it. */
static void client_take(struct module *m, unsigned c)
{
	struct virt_rx *v = m->state;
	struct ring_item items[NET_BUFFERS];
	uint32_t n = port_get(m, CLIENT_FREE + c, items, NET_BUFFERS), free = 0;
	uint32_t before = v->outlet[c].has;

	for (uint32_t i = 0; i < n; i++) {
		uint8_t *holders = &v->holders[frame_buffer(&items[i]) % NET_BUFFERS];

		if (!frame_lies_in(&items[i], NET_REGION_BYTES) ||
		    !(*holders & 1U << c))
			continue;
		*holders = (uint8_t)(*holders & ~(1U << c));
		v->outlet[c].has--;
		if (*holders == 0)
			items[free++] = (struct ring_item){.offset = items[i].offset};
	}
	network_count(m, NET_DROPS_MALFORMED, n - (before - v->outlet[c].has));
	port_put(m, FREE, items, free);
}

/* For whom: a bit each. */
static unsigned frame_clients(const struct virt_rx *v, const unsigned char *mac)
{
	if (mac[0] & 1) /* a group's address (IEEE 802): all are asked */
		return UINT32_MAX;
	for (unsigned c = 0; c < NET_CLIENTS; c++)
		if (memcmp(mac, v->outlet[c].mac, NET_MAC) == 0)
			return 1U << c;
	return 0;
}

/* Returns whether anyone has it now. */
static bool frame_hand_out(struct module *m, const struct ring_item *item)
{
	struct virt_rx *v = m->state;
	unsigned clients, holders = 0, full = 0;

	if (item->length < NET_HEADER || item->length > NET_FRAME_MOST ||
	    !frame_lies_in(item, NET_REGION_BYTES)) {
		network_count(m, NET_DROPS_MALFORMED, 1);
		return false;
	}
	clients = frame_clients(v, v->frames + item->offset + frame_head(item));
	for (unsigned c = 0; c < NET_CLIENTS; c++) {
		struct outlet *o = &v->outlet[c];

		if (!(clients & 1U << c) || !port_connected(m, CLIENT_ACTIVE + c))
			continue;
		if (o->used == o->room) {
			full++;
			continue;
		}
		o->items[o->used++] = *item;
		holders |= 1U << c;
	}
	v->holders[frame_buffer(item)] = (uint8_t)holders;
	network_count(m, NET_DROPS_CLIENT_FULL, full);
	network_count(m, NET_DROPS_NOBODYS, !full && !holders);
	network_count(m, NET_BROADCASTS, clients == UINT32_MAX);
	return holders;
}

static void outlets_open(struct module *m)
{
	struct virt_rx *v = m->state;

	for (unsigned c = 0; c < NET_CLIENTS; c++) {
		struct outlet *o = &v->outlet[c];
		uint32_t left;

		o->used = o->room = 0;
		if (!port_connected(m, CLIENT_ACTIVE + c))
			continue;
		client_take(m, c);
		left = v->share - o->has;
		o->room = port_room(m, CLIENT_ACTIVE + c, NET_BATCH);
		o->room = o->room < left ? o->room : left;
	}
}

static void virt_rx_notified(struct module *m, unsigned channel)
{
	struct virt_rx *v = m->state;
	struct ring_item items[NET_BATCH];
	uint32_t n, dropped = 0;

	(void)channel;
	outlets_open(m);
	n = port_get(m, ACTIVE, items, NET_BATCH);
	for (uint32_t i = 0; i < n; i++)
		if (!frame_hand_out(m, &items[i]))
			items[dropped++] =
				(struct ring_item){.offset = items[i].offset};
	port_put(m, FREE, items, dropped);
	for (unsigned c = 0; c < NET_CLIENTS; c++) {
		struct outlet *o = &v->outlet[c];

		o->has += o->used;
		if (o->used)
			port_put(m, CLIENT_ACTIVE + c, o->items, o->used);
	}
	if (n == 0 && port_ended(m, ACTIVE))
		module_done(m);
}

const struct module_type virt_rx_module = {
	.name = "virt_rx",
	.ports = ports,
	.state_bytes = sizeof(struct virt_rx),
	.init = virt_rx_init,
	.notified = virt_rx_notified,
};
