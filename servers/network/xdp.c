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
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* A queue is let go of a moment after its socket: until then it is EBUSY. */
enum { QUEUE = 0, EBUSY_TRIES = 200, EBUSY_US = 10000, KICKS = 8 };

enum { MTU_MOST = NET_FRAME_MOST - NET_HEADER };

/* The rings it shares with the kernel, in the order of xdp_mmap_offsets; all have
 * NET_BUFFERS slots. */
enum { RING_RX, RING_TX, RING_FILL, RING_COMPLETION, RINGS };

struct xdp_ring {
	uint32_t *producer, *consumer;
	void *slots;
};

struct xdp {
	unsigned char *memory; /* rx, and as much again to send from */
	struct xdp_ring ring[RINGS];
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

/* The region as it is, and private memory behind it: one range of addresses. */
static int memory_make(struct driver *d, struct xdp *x)
{
	struct xdp_umem_reg umem = {.len = 2 * NET_REGION_BYTES,
				    .chunk_size = NET_BUFFER_BYTES};
	void *at = mmap(NULL, umem.len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Of no bytes, mremap(2) maps what is shared a second time. */
	if (at == MAP_FAILED ||
	    mremap(d->rx, 0, NET_REGION_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, at) != at)
		return -errno;
	x->memory = at;
	umem.addr = (uintptr_t)at;
	return setsockopt(d->fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof umem) < 0 ? -errno
										: 0;
}

static int rings_make(int fd, struct xdp_ring *r)
{
	static const int option[] = {XDP_RX_RING, XDP_TX_RING, XDP_UMEM_FILL_RING,
				     XDP_UMEM_COMPLETION_RING};
	static const off_t page[] = {XDP_PGOFF_RX_RING, XDP_PGOFF_TX_RING,
				     XDP_UMEM_PGOFF_FILL_RING,
				     XDP_UMEM_PGOFF_COMPLETION_RING};
	struct xdp_ring_offset o[RINGS];
	socklen_t size = sizeof o;
	int slots = NET_BUFFERS;

	for (int i = 0; i < RINGS; i++)
		if (setsockopt(fd, SOL_XDP, option[i], &slots, sizeof slots) < 0)
			return -errno;
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, o, &size) < 0)
		return -errno;
	for (int i = 0; i < RINGS; i++) {
		size_t slot =
			i < RING_FILL ? sizeof(struct xdp_desc) : sizeof(uint64_t);
		unsigned char *at =
			mmap(NULL, o[i].desc + NET_BUFFERS * slot,
			     PROT_READ | PROT_WRITE, MAP_SHARED, fd, page[i]);

		if (at == MAP_FAILED)
			return -errno;
		r[i].producer = (uint32_t *)(void *)(at + o[i].producer);
		r[i].consumer = (uint32_t *)(void *)(at + o[i].consumer);
		r[i].slots = at + o[i].desc;
	}
	return 0;
}

static int queue_bind(int fd, int interface)
{
	struct sockaddr_xdp to = {.sxdp_family = AF_XDP,
				  .sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP,
				  .sxdp_ifindex = (uint32_t)interface,
				  .sxdp_queue_id = QUEUE};

	for (int i = 1; bind(fd, (struct sockaddr *)&to, sizeof to) < 0; i++) {
		if (errno != EBUSY || i == EBUSY_TRIES)
			return -errno;
		usleep(EBUSY_US);
	}
	return 0;
}

static int mtu_of(const char *interface)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {0};

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
	ioctl(fd, SIOCGIFMTU, &r); /* not known: 0; Linux looks too */
	close(fd);
	return r.ifr_mtu;
}

/* What is too long for a buffer would be lost, and Linux refuses (ERANGE) what is too
 * long for XDP: of a veth, by the MTU of the other end. */
static int mtu_refuse(struct driver *d, int mtu)
{
	char what[80];

	snprintf(what, sizeof what,
		 "use XDP with an MTU of %d (at most %d, at both ends) on", mtu,
		 MTU_MOST);
	return driver_cannot(d, what, ERANGE);
}

static int xdp_open(struct driver *d)
{
	const char *interface = ((const struct network *)d->module->program)->interface;
	struct xdp *x = d->own;
	int err = driver_interface(d, interface), mtu = mtu_of(interface);

	if (err < 0)
		return err;
	if (mtu > MTU_MOST)
		return mtu_refuse(d, mtu);
	d->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return driver_cannot(d, "open an XDP socket for", errno);
	err = memory_make(d, x);
	if (err < 0)
		return driver_cannot(d, "share the region with", -err);
	err = rings_make(d->fd, x->ring);
	if (err == 0)
		err = queue_bind(d->fd, d->index);
	if (err < 0)
		return driver_cannot(d, "have the first queue of", -err);
	err = xdp_redirect(d->index, QUEUE, d->fd);
	if (err == -ERANGE)
		return mtu_refuse(d, mtu);
	return err < 0 ? driver_cannot(d, "redirect the frames of", -err) : 0;
}

/* What found no empty buffer was copied by nobody: it is among rx_dropped, and must not
 * be added from rx_fill_ring_empty_descs again (net/xdp/xsk.c, xsk_rcv). */
static uint64_t xdp_lost(struct driver *d)
{
	struct xdp_statistics s = {0};
	socklen_t size = sizeof s;

	getsockopt(d->fd, SOL_XDP, XDP_STATISTICS, &s, &size);
	return s.rx_dropped + s.rx_ring_full - ((struct xdp *)d->own)->lost_before;
}

/* All that is empty goes to the kernel. */
static void buffers_fill(struct driver *d, struct xdp *x)
{
	struct xdp_ring *r = &x->ring[RING_FILL];
	uint64_t *slot = r->slots;
	uint32_t at = *r->producer;
	uint32_t room = NET_BUFFERS - (at - count_of(r->consumer));

	for (; room > 0 && d->spares > 0; room--)
		slot[at++ % NET_BUFFERS] = d->spare[--d->spares];
	count_set(r->producer, at);
	if (!x->filled)
		x->lost_before += xdp_lost(d);
	x->filled |= at > 0;
}

static uint32_t xdp_receive(struct driver *d, struct ring_item *items, uint32_t n)
{
	struct xdp *x = d->own;
	struct xdp_ring *r = &x->ring[RING_RX];
	const struct xdp_desc *slot = r->slots;
	uint32_t at = *r->consumer, filled = count_of(r->producer) - at;

	n = n < filled ? n : filled;
	for (uint32_t i = 0; i < n; i++) {
		const struct xdp_desc *s = &slot[(at + i) % NET_BUFFERS];
		uint32_t head = (uint32_t)s->addr % NET_BUFFER_BYTES;

		items[i] = (struct ring_item){.offset = (uint32_t)s->addr - head,
					      .length = s->len,
					      .tag = frame_tag(0, head)};
	}
	count_set(r->consumer, at + n);
	buffers_fill(d, x);
	return n;
}

/* The kernel sends so many a call.  Returns whether all have gone. */
static bool transmit(int fd, const struct xdp_ring *r)
{
	for (int i = 0; i < KICKS && count_of(r->consumer) != *r->producer; i++)
		if (sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN &&
		    errno != EBUSY && errno != ENOBUFS)
			break;
	return count_of(r->consumer) == *r->producer;
}

/* Each slot has its place in memory, free again when its frame has gone: in the order
 * they were sent. */
static uint32_t xdp_send(struct driver *d, const struct ring_item *items,
			 const unsigned char *const *frames, uint32_t n)
{
	struct xdp *x = d->own;
	struct xdp_ring *r = &x->ring[RING_TX], *gone = &x->ring[RING_COMPLETION];
	uint32_t at = *r->producer, completed = count_of(gone->producer), done;
	uint32_t room = NET_BUFFERS - (at - completed);
	struct xdp_desc *slot = r->slots;

	for (done = 0; done < n && done < room; done++, at++) {
		struct xdp_desc *s = &slot[at % NET_BUFFERS];

		s->addr = NET_REGION_BYTES + at % NET_BUFFERS * NET_BUFFER_BYTES;
		s->len = items[done].length;
		s->options = 0;
		memcpy(x->memory + s->addr, frames[done], s->len);
	}
	count_set(r->producer, at);
	d->blocked = !transmit(d->fd, r) || done < n;
	count_set(gone->consumer, completed);
	network_count(d->module, NET_FRAMES_OUT, done);
	return done;
}

const struct driver_way xdp_way = {
	.name = "xdp",
	.fills_ahead = true,
	.own_bytes = sizeof(struct xdp),
	.open = xdp_open,
	.receive = xdp_receive,
	.send = xdp_send,
	.lost = xdp_lost,
};
