/* SPDX-License-Identifier: BSD-2-Clause */
/* driver.c - a driver's rings: empty buffers come from virt_rx, and go back to it with
 * frames; frames come from virt_tx, and their buffers go back.  An adapter: below it is
 * Linux's own driver. */
#include "config.h"

#include "driver.h"
#include "timer_heap.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	STOPPING_NS = 100000000, /* what is under way has so long to come out */
	LOOK_NS = 1000000000
};

enum { RX_FREE, RX_ACTIVE, TX_ACTIVE, TX_FREE, RX, TX };

static const struct port_rule ports[] = {
	{.kind = PORT_IN, .name = "rx_free"},
	{.kind = PORT_OUT, .name = "rx_active"},
	{.kind = PORT_IN, .name = "tx_active"},
	{.kind = PORT_OUT, .name = "tx_free"},
	{PORT_REGION, "rx", 0, false, true, NET_REGION_BYTES, false, false},
	{PORT_REGION, "tx", NET_CLIENTS, true, false, NET_REGION_BYTES, true, true},
	{.kind = PORT_NONE},
};

static const struct driver_way *way_of(const struct driver *d)
{
	return ((const struct network *)d->module->program)->way;
}

int driver_cannot(struct driver *d, const char *what, int error)
{
	const struct network *n = d->module->program;
	char text[128];

	snprintf(text, sizeof text, "cannot %s %.32s", what, n->interface);
	module_fail(d->module, -error, text);
	return -error;
}

int driver_interface(struct driver *d, const char *name)
{
	d->index = (int)if_nametoindex(name);
	return d->index ? 0 : driver_cannot(d, "find the interface", errno);
}

/* Watch the device for what can be done with it. */
static void device_watch(struct driver *d)
{
	bool receives = !d->stopping && (d->spares || way_of(d)->fills_ahead);
	uint32_t events = (receives ? EPOLLIN : 0) | (d->blocked ? EPOLLOUT : 0);
	int err;

	if (events == d->watched)
		return;
	err = module_watch(d->module, d->fd, events, d);
	if (err < 0)
		module_fail(d->module, err, "cannot watch the device");
	d->watched = events;
}

static void buffers_take(struct driver *d)
{
	struct ring_item items[NET_BUFFERS];
	uint32_t n = port_get(d->module, RX_FREE, items, NET_BUFFERS - d->spares);

	for (uint32_t i = 0; i < n; i++)
		d->spare[d->spares++] = items[i].offset;
}

static void frames_receive(struct driver *d)
{
	struct ring_item items[NET_BATCH];
	uint32_t n = port_room(d->module, RX_ACTIVE, NET_BATCH);

	n = d->stopping ? 0 : way_of(d)->receive(d, items, n);
	port_put(d->module, RX_ACTIVE, items, n);
	network_count(d->module, NET_FRAMES_IN, n);
	if (n == NET_BATCH)
		module_again(d->module, RX_FREE);
}

/* Frames are looked at, and taken when the device has.  virt_tx has checked them. */
static void frames_send(struct driver *d)
{
	struct module *m = d->module;
	struct ring_item items[NET_BATCH];
	const unsigned char *frames[NET_BATCH];
	uint32_t n = port_room(m, TX_FREE, NET_BATCH), done;

	n = n ? port_filled(m, TX_ACTIVE, n) : 0;
	for (uint32_t i = 0; i < n; i++) {
		items[i] = port_look(m, TX_ACTIVE, i);
		frames[i] = d->tx[frame_client(&items[i])];
		if (!frames[i]) {
			module_fail(m, -EACCES, "a client's tx is not granted");
			return;
		}
		frames[i] += items[i].offset + frame_head(&items[i]);
	}
	d->blocked = false;
	done = way_of(d)->send(d, items, frames, n);
	port_took(m, TX_ACTIVE, done);
	port_put(m, TX_FREE, items, done);
}

static void driver_turn(struct driver *d)
{
	buffers_take(d);
	frames_receive(d);
	frames_send(d);
	device_watch(d);
}

/* Is the interface there?  One that goes down may come up again, and one that is
 * removed goes down first: nothing tells a packet socket more than that, and an XDP
 * socket not even that.  So it is looked for now and then. */
static void device_look(struct driver *d)
{
	char name[IF_NAMESIZE];
	int error;
	socklen_t size = sizeof error;

	/* that it went down is an error until it was asked for (socket(7)) */
	getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (!if_indextoname((unsigned)d->index, name))
		driver_cannot(d, "go on without", ENODEV);
	else if (!d->told)
		module_deadline(d->module, timer_now() + LOOK_NS);
}

static bool clients_are_open(const struct network *n)
{
	uint32_t open = 0;

	for (unsigned i = 0; n->open && i < NET_CLIENTS; i++)
		open += n->open[i];
	return open;
}

static int driver_init(struct module *m)
{
	struct driver *d = m->state;
	uint64_t bytes;
	int err;

	d->module = m;
	d->rx = port_memory(m, RX, &bytes);
	for (unsigned i = 0; i < NET_CLIENTS; i++)
		d->tx[i] = port_memory(m, TX + i, &bytes);
	d->own = calloc(1, way_of(d)->own_bytes + 1);
	if (!d->own)
		return -ENOMEM;
	module_deadline(m, timer_now() + LOOK_NS);
	err = way_of(d)->open(d);
	return err < 0 ? err : module_watch(m, d->fd, d->watched = EPOLLIN, d);
}

static void driver_notified(struct module *m, unsigned channel)
{
	struct driver *d = m->state;
	bool ends = channel == CHANNEL_DEADLINE && d->stopping;

	d->told |= channel == CHANNEL_STOP;
	if (channel == CHANNEL_DEADLINE && !d->told)
		device_look(d);
	else if (channel == CHANNEL_STOP || channel == CHANNEL_DEADLINE) {
		d->stopping = !clients_are_open(m->program);
		module_deadline(m, timer_now() + STOPPING_NS);
	}
	driver_turn(d);
	if (!ends)
		return;
	network_count(m, NET_DROPS_NO_BUFFER, way_of(d)->lost(d));
	module_unwatch(m, d->fd);
	free(d->own);
	module_done(m);
}

static void driver_ready(struct module *m, void *watched, uint32_t events)
{
	(void)m;
	if (events & EPOLLERR)
		device_look(watched);
	driver_turn(watched);
}

const struct module_type driver_module = {
	.name = "driver",
	.ports = ports,
	.state_bytes = sizeof(struct driver),
	.init = driver_init,
	.notified = driver_notified,
	.ready = driver_ready,
};
