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

static struct xdp_desc *frame_slot(const struct xdp_ring *r, uint32_t at)
{
	return (struct xdp_desc *)r->slots + at % NET_BUFFERS;
}

static uint64_t *buffer_slot(const struct xdp_ring *r, uint32_t at)
{
	return (uint64_t *)r->slots + at % NET_BUFFERS;
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
	static const struct {
		int option;
		off_t page;
		size_t slot_bytes;
	} kind[RINGS] = {
		{XDP_RX_RING, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc)},
		{XDP_TX_RING, XDP_PGOFF_TX_RING, sizeof(struct xdp_desc)},
		{XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t)},
		{XDP_UMEM_COMPLETION_RING, XDP_UMEM_PGOFF_COMPLETION_RING,
		 sizeof(uint64_t)},
	};
	struct xdp_ring_offset o[RINGS];
	socklen_t size = sizeof o;
	int slots = NET_BUFFERS;

	for (int i = 0; i < RINGS; i++)
		if (setsockopt(fd, SOL_XDP, kind[i].option, &slots, sizeof slots) < 0)
			return -errno;
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, o, &size) < 0)
		return -errno;
	for (int i = 0; i < RINGS; i++) {
		unsigned char *at =
			mmap(NULL, o[i].desc + NET_BUFFERS * kind[i].slot_bytes,
			     PROT_READ | PROT_WRITE, MAP_SHARED, fd, kind[i].page);

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
	const struct timespec moment = {.tv_nsec = EBUSY_NS};

	for (int i = 0; i < EBUSY_TRIES; i++) {
		if (bind(fd, (struct sockaddr *)&to, sizeof to) == 0)
			return 0;
		if (errno != EBUSY)
			break;
		nanosleep(&moment, NULL);
	}
	return -errno;
}

static int xdp_open(struct driver *d)
{
	struct xdp *x = d->own;
	int err = driver_interface(
		d, ((const struct network *)d->module->program)->interface);

	if (err < 0)
		return err;
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
	uint32_t at = *r->producer;
	uint32_t room = NET_BUFFERS - (at - count_of(r->consumer));

	for (; room > 0 && d->spares > 0; room--)
		*buffer_slot(r, at++) = d->spare[--d->spares];
	count_set(r->producer, at);
	if (!x->filled && at > 0) {
		x->filled = true;
		x->lost_before = xdp_lost(d);
	}
}

static uint32_t xdp_receive(struct driver *d, struct ring_item *items, uint32_t n)
{
	struct xdp *x = d->own;
	struct xdp_ring *r = &x->ring[RING_RX];
	uint32_t at = *r->consumer, filled = count_of(r->producer) - at;

	n = n < filled ? n : filled;
	for (uint32_t i = 0; i < n; i++) {
		const struct xdp_desc *s = frame_slot(r, at + i);
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

	for (done = 0; done < n && done < room; done++, at++) {
		struct xdp_desc *s = frame_slot(r, at);

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
