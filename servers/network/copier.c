/* SPDX-License-Identifier: BSD-2-Clause */
/* copier.c - one for each client, so that no client maps the region that devices write
 * to, nor sees others' frames: a frame is copied into a buffer of the client's. */
#include "config.h"

#include "network.h"

#include <errno.h>

enum { IN_ACTIVE, IN_FREE, OUT_ACTIVE, OUT_FREE, IN, OUT };

static const struct port_rule ports[] = {
	[IN_ACTIVE] = {.kind = PORT_IN, .name = "in_active"},
	[IN_FREE] = {.kind = PORT_OUT, .name = "in_free"},
	[OUT_ACTIVE] = {.kind = PORT_OUT, .name = "out_active"},
	[OUT_FREE] = {.kind = PORT_IN, .name = "out_free"},
	[IN] = {.kind = PORT_REGION, .name = "in", .bytes = NET_REGION_BYTES},
	[OUT] = {PORT_REGION, "out", 0, false, true, NET_REGION_BYTES, true, false},
	{.kind = PORT_NONE},
};

struct copier {
	const unsigned char *in;
	unsigned char *out;
	uint32_t spare[NET_BUFFERS], spares; /* offsets of the client's empty buffers */
	bool with_client[NET_BUFFERS];
};

static int copier_init(struct module *m)
{
	struct copier *c = m->state;
	uint64_t bytes;

	c->in = port_memory(m, IN, &bytes);
	c->out = port_memory(m, OUT, &bytes);
	for (; c->spares < NET_BUFFERS; c->spares++)
		c->spare[c->spares] = c->spares * NET_BUFFER_BYTES;
	return 0;
}

/* What the client gives back; it is not believed to have had it. */
static void spares_take(struct module *m)
{
	struct copier *c = m->state;
	struct ring_item items[NET_BUFFERS];
	uint32_t n = port_get(m, OUT_FREE, items, NET_BUFFERS), before = c->spares;

	for (uint32_t i = 0; i < n; i++) {
		bool *with = &c->with_client[frame_buffer(&items[i]) % NET_BUFFERS];

		if (frame_lies_in(&items[i], NET_REGION_BYTES) && *with) {
			c->spare[c->spares++] = items[i].offset;
			*with = false;
		}
	}
	network_count(m, NET_DROPS_MALFORMED, n - (c->spares - before));
}

static struct ring_item frame_copy(struct copier *c, const struct ring_item *in)
{
	struct ring_item out = {.offset = c->spare[--c->spares], .length = in->length};

	memcpy(c->out + out.offset, c->in + in->offset + frame_head(in), in->length);
	c->with_client[frame_buffer(&out)] = true;
	return out;
}

static void copier_notified(struct module *m, unsigned channel)
{
	struct copier *c = m->state;
	struct ring_item in[NET_BATCH], out[NET_BATCH];
	uint32_t n = port_room(m, IN_FREE, NET_BATCH);

	(void)channel;
	spares_take(m);
	n = n < c->spares ? n : c->spares;
	n = port_room(m, OUT_ACTIVE, n);
	n = n ? port_get(m, IN_ACTIVE, in, n) : 0;
	for (uint32_t i = 0; i < n; i++)
		out[i] = frame_copy(c, &in[i]);
	port_put(m, OUT_ACTIVE, out, n);
	port_put(m, IN_FREE, in, n);
	if (n == 0 && port_ended(m, IN_ACTIVE))
		module_done(m);
}

const struct module_type copier_module = {
	.name = "copier",
	.ports = ports,
	.state_bytes = sizeof(struct copier),
	.init = copier_init,
	.notified = copier_notified,
};
