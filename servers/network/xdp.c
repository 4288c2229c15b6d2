/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp.c - the driver whose buffers the kernel fills where they are: AF_XDP (the
 * kernel's Documentation/networking/af_xdp.rst).  Frames come into virt_rx's own
 * region; those that go are copied into memory beside it, since a socket knows one
 * region, and clients have theirs.  Of a device with several queues it has the first.
 */
#include "config.h"

#include "driver.h"
#include "xdp_redirect.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	QUEUE = 0,
	EBUSY_TRIES = 200, /* a queue is let go of a moment after its socket */
	EBUSY_NS = 10000000,
	KICKS = 8
};

/* One of the four rings it shares with the kernel; all have NET_BUFFERS slots. */
struct xdp_ring {
	uint32_t *producer, *consumer, *flags;
	void *slots;
};

struct xdp {
	struct driver driver;
	unsigned char *memory; /* rx, and as much again to send from */
	struct xdp_ring fill, rx, tx, completion;
	uint32_t idle[NET_BUFFERS], idles; /* places to send from */
	int link;
	bool filled;
	uint64_t lost_before; /* while there was no buffer yet */
};

/* Pairs with the kernel's own (af_xdp.rst, "Rings"): slots before the count of them. */
static uint32_t count_of(const uint32_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

static void count_set(uint32_t *counter, uint32_t n)
{
	__atomic_store_n(counter, n, __ATOMIC_RELEASE);
}

static void *slot_of(const struct xdp_ring *r, uint32_t at, size_t bytes)
{
	return (unsigned char *)r->slots + at % NET_BUFFERS * bytes;
}

/* The region as it is, and private memory behind it: one range of addresses. */
static int memory_make(struct xdp *x)
{
	struct xdp_umem_reg umem = {.len = 2 * NET_REGION_BYTES,
				    .chunk_size = NET_BUFFER_BYTES};
	void *at = mmap(NULL, umem.len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Of no bytes, mremap(2) maps what is shared a second time. */
	if (at == MAP_FAILED || mremap(x->driver.rx, 0, NET_REGION_BYTES,
				       MREMAP_MAYMOVE | MREMAP_FIXED, at) != at)
		return -errno;
	x->memory = at;
	umem.addr = (uintptr_t)at;
	for (; x->idles < NET_BUFFERS; x->idles++)
		x->idle[x->idles] = NET_REGION_BYTES + x->idles * NET_BUFFER_BYTES;
	return setsockopt(x->driver.fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof umem) < 0
		       ? -errno
		       : 0;
}

static int ring_make(struct xdp *x, struct xdp_ring *r, const struct xdp_ring_offset *o,
		     size_t slot_bytes, off_t page)
{
	int fd = x->driver.fd;
	unsigned char *at =
		mmap(NULL, o->desc + NET_BUFFERS * slot_bytes, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, fd, page);

	if (at == MAP_FAILED)
		return -errno;
	*r = (struct xdp_ring){.producer = (uint32_t *)(void *)(at + o->producer),
			       .consumer = (uint32_t *)(void *)(at + o->consumer),
			       .flags = (uint32_t *)(void *)(at + o->flags),
			       .slots = at + o->desc};
	return 0;
}

static int rings_make(struct xdp *x)
{
	static const int options[] = {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING,
				      XDP_RX_RING, XDP_TX_RING};
	int fd = x->driver.fd, slots = NET_BUFFERS, err;
	struct xdp_mmap_offsets o;
	socklen_t size = sizeof o;

	for (unsigned i = 0; i < 4; i++)
		if (setsockopt(fd, SOL_XDP, options[i], &slots, sizeof slots) < 0)
			return -errno;
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &o, &size) < 0)
		return -errno;
	err = ring_make(x, &x->fill, &o.fr, sizeof(uint64_t),
			(off_t)XDP_UMEM_PGOFF_FILL_RING);
	if (err == 0)
		err = ring_make(x, &x->completion, &o.cr, sizeof(uint64_t),
				(off_t)XDP_UMEM_PGOFF_COMPLETION_RING);
	if (err == 0)
		err = ring_make(x, &x->rx, &o.rx, sizeof(struct xdp_desc),
				XDP_PGOFF_RX_RING);
	if (err == 0)
		err = ring_make(x, &x->tx, &o.tx, sizeof(struct xdp_desc),
				XDP_PGOFF_TX_RING);
	return err;
}

static int queue_bind(const struct xdp *x, int interface)
{
	struct sockaddr_xdp to = {.sxdp_family = AF_XDP,
				  .sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP,
				  .sxdp_ifindex = (uint32_t)interface,
				  .sxdp_queue_id = QUEUE};
	const struct timespec moment = {.tv_nsec = EBUSY_NS};

	for (int i = 0; i < EBUSY_TRIES; i++) {
		if (bind(x->driver.fd, (struct sockaddr *)&to, sizeof to) == 0)
			return 0;
		if (errno != EBUSY)
			break;
		nanosleep(&moment, NULL);
	}
	return -errno;
}

static int xdp_open(struct driver *d)
{
	struct xdp *x = (struct xdp *)d;
	int interface, err = driver_interface(d, &interface);

	if (err < 0)
		return err;
	d->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return driver_cannot(d, "open an XDP socket for", errno);
	err = memory_make(x);
	if (err < 0)
		return driver_cannot(d, "share the region with", -err);
	err = rings_make(x);
	if (err == 0)
		err = queue_bind(x, interface);
	if (err < 0)
		return driver_cannot(d, "have the first queue of", -err);
	x->link = xdp_redirect(interface, QUEUE, d->fd);
	if (x->link < 0)
		return driver_cannot(d, "redirect the frames of", -x->link);
	return 0;
}

static uint64_t xdp_lost(struct driver *d)
{
	struct xdp_statistics s = {0};
	socklen_t size = sizeof s;

	getsockopt(d->fd, SOL_XDP, XDP_STATISTICS, &s, &size);
	return s.rx_dropped + s.rx_ring_full + s.rx_fill_ring_empty_descs -
	       ((struct xdp *)d)->lost_before;
}

/* All that is empty goes to the kernel. */
static void buffers_fill(struct xdp *x)
{
	struct driver *d = &x->driver;
	uint32_t at = *x->fill.producer;
	uint32_t room = NET_BUFFERS - (at - count_of(x->fill.consumer));

	for (; room > 0 && d->spares > 0; room--) {
		uint64_t *slot = slot_of(&x->fill, at++, sizeof *slot);

		*slot = d->spare[--d->spares];
	}
	count_set(x->fill.producer, at);
	if (!x->filled && at > 0) {
		x->filled = true;
		x->lost_before = xdp_lost(d);
	}
}

static uint32_t xdp_receive(struct driver *d, struct ring_item *items, uint32_t n)
{
	struct xdp *x = (struct xdp *)d;
	uint32_t at = *x->rx.consumer, got;
	uint32_t filled = count_of(x->rx.producer) - at;

	n = n < filled ? n : filled;
	for (got = 0; got < n; got++) {
		const struct xdp_desc *s = slot_of(&x->rx, at + got, sizeof *s);
		uint32_t head = (uint32_t)s->addr % NET_BUFFER_BYTES;

		items[got] = (struct ring_item){.offset = (uint32_t)s->addr - head,
						.length = s->len,
						.tag = frame_tag(0, head)};
	}
	count_set(x->rx.consumer, at + got);
	buffers_fill(x);
	return got;
}

/* Places whose frames have gone. */
static void completions_take(struct xdp *x)
{
	uint32_t at = *x->completion.consumer;
	uint32_t filled = count_of(x->completion.producer) - at;

	for (; filled > 0; filled--) {
		const uint64_t *slot = slot_of(&x->completion, at++, sizeof *slot);

		x->idle[x->idles++] = (uint32_t)*slot;
	}
	count_set(x->completion.consumer, at);
}

/* The kernel sends so many a call. */
static void transmit(struct xdp *x)
{
	uint32_t at = *x->tx.producer;

	for (int i = 0; i < KICKS && count_of(x->tx.consumer) != at; i++)
		if (sendto(x->driver.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 &&
		    errno != EAGAIN && errno != EBUSY && errno != ENOBUFS)
			break;
	completions_take(x);
}

static uint32_t xdp_send(struct driver *d, const struct ring_item *items,
			 const unsigned char *const *frames, uint32_t n)
{
	struct xdp *x = (struct xdp *)d;
	uint32_t at = *x->tx.producer, done;

	for (done = 0; done < n && x->idles > 0; done++) {
		struct xdp_desc *s = slot_of(&x->tx, at++, sizeof *s);

		*s = (struct xdp_desc){.addr = x->idle[--x->idles],
				       .len = items[done].length};
		memcpy(x->memory + s->addr, frames[done], s->len);
	}
	count_set(x->tx.producer, at);
	transmit(x);
	d->blocked = done < n || count_of(x->tx.consumer) != at;
	network_count(d->module, NET_FRAMES_OUT, done);
	return done;
}

static const struct driver_way way = {
	.fills_ahead = true,
	.open = xdp_open,
	.receive = xdp_receive,
	.send = xdp_send,
	.lost = xdp_lost,
};

static int xdp_init(struct module *m)
{
	return driver_begin(m, &way);
}

static void xdp_notified(struct module *m, unsigned channel)
{
	driver_notified(m, &way, channel);
}

static void xdp_ready(struct module *m, void *watched, uint32_t events)
{
	(void)watched, (void)events;
	driver_turn(m, &way);
}

const struct module_type xdp_module = {
	.name = "xdp",
	.ports = driver_ports,
	.state_bytes = sizeof(struct xdp),
	.init = xdp_init,
	.notified = xdp_notified,
	.ready = xdp_ready,
};
