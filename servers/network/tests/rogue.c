/* SPDX-License-Identifier: BSD-2-Clause */
/* rogue.c - a client without a stack: it takes frames, sends some, and can be told not
 * to drain, or to lie. */
#include "config.h"

#include "script.h"

enum { RX_ACTIVE, RX_FREE, TX_ACTIVE, TX_FREE, RX, TX, POKE };

static const struct port_rule ports[] = {
	[RX_ACTIVE] = {.kind = PORT_IN, .name = "rx_active"},
	[RX_FREE] = {.kind = PORT_OUT, .name = "rx_free"},
	[TX_ACTIVE] = {.kind = PORT_OUT, .name = "tx_active"},
	[TX_FREE] = {.kind = PORT_IN, .name = "tx_free"},
	[RX] = {PORT_REGION, "rx", 0, false, true, NET_REGION_BYTES, false, false},
	[TX] = {PORT_REGION, "tx", 0, false, true, NET_REGION_BYTES, false, false},
	[POKE] = {.kind = PORT_CHANNEL, .name = "poke"},
	{.kind = PORT_NONE},
};

static const char *const options[] = {"rogue", NULL};

struct rogue {
	uint64_t number;
	uint32_t spare[NET_BUFFERS], spares;
};

static int rogue_init(struct module *m)
{
	struct rogue *s = m->state;

	for (; s->spares < NET_BUFFERS; s->spares++)
		s->spare[s->spares] = s->spares * NET_BUFFER_BYTES;
	return module_number(m, "rogue", 0, SCRIPT_ROGUES - 1, &s->number);
}

static void frames_take(struct module *m, struct script_rogue *told)
{
	struct ring_item item;
	const unsigned char *rx;
	uint64_t bytes;

	rx = port_memory(m, RX, &bytes);
	while (!told->stuck && port_room(m, RX_FREE, 1) &&
	       port_get(m, RX_ACTIVE, &item, 1)) {
		told->got++;
		told->last.length = item.length;
		memcpy(told->last.bytes, rx + item.offset + frame_head(&item),
		       item.length);
		port_put(m, RX_FREE, &item, 1);
	}
}

/* Each frame has the rogue's number, and its own, behind the addresses. */
static void frames_send(struct module *m, struct script_rogue *told)
{
	struct rogue *s = m->state;
	unsigned char *tx;
	uint64_t bytes;

	tx = port_memory(m, TX, &bytes);
	for (; told->send > 0 && s->spares > 0 && port_room(m, TX_ACTIVE, 1);
	     told->send--) {
		struct ring_item item = {.offset = s->spare[--s->spares],
					 .length = NET_HEADER + 2};

		memset(tx + item.offset, 0, item.length);
		tx[item.offset + NET_HEADER] = (unsigned char)s->number;
		tx[item.offset + NET_HEADER + 1] = (unsigned char)told->send;
		port_put(m, TX_ACTIVE, &item, 1);
	}
}

/* What is no buffer, has no end, or is not its own; the last it has no right to twice.
 */
static void lies_tell(struct module *m, struct script_rogue *told)
{
	for (; told->lies > 0; told->lies--) {
		struct ring_item item = {.offset = told->lies * 1000 * 4099,
					 .length = told->lies,
					 .tag = frame_tag(7, told->lies * 77)};

		if (told->lies % 4 == 0)
			item.offset = 0;
		if (told->lies % 4 == 1)
			item.offset = UINT32_MAX - NET_BUFFER_BYTES + 1;
		port_put(m, RX_FREE, &item, 1);
		item.length = told->lies % 2 ? UINT32_MAX : 5;
		if (port_room(m, TX_ACTIVE, 1))
			port_put(m, TX_ACTIVE, &item, 1);
	}
}

static void rogue_notified(struct module *m, unsigned channel)
{
	struct rogue *s = m->state;
	struct script_rogue *told = &script.rogue[s->number];
	struct ring_item item;

	(void)channel;
	while (port_get(m, TX_FREE, &item, 1))
		if (item.offset % NET_BUFFER_BYTES == 0 && s->spares < NET_BUFFERS &&
		    item.length >= NET_HEADER && item.length <= NET_BUFFER_BYTES)
			s->spare[s->spares++] = item.offset;
	frames_take(m, told);
	frames_send(m, told);
	lies_tell(m, told);
	told->held = s->spares;
	if (port_ended(m, RX_ACTIVE) || (told->stuck && channel == CHANNEL_STOP))
		module_done(m);
}

const struct module_type script_rogue_module = {
	.name = "rogue",
	.ports = ports,
	.options = options,
	.state_bytes = sizeof(struct rogue),
	.init = rogue_init,
	.notified = rogue_notified,
};
