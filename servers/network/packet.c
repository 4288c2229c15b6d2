/* SPDX-License-Identifier: BSD-2-Clause */
/* packet.c - the driver that works on any interface: frames come through a ring of the
 * kernel's (packet(7), PACKET_RX_RING), are copied out of it since it is no region of
 * ours, and leave by sendmmsg(2). */
#include "config.h"

#include "driver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RING_FRAMES = 1024, BLOCK_BYTES = 65536, SLOT_BYTES = NET_BUFFER_BYTES };

struct packet {
	unsigned char *ring;
	unsigned at; /* the next slot of it */
};

static int ring_map(struct packet *p, int fd)
{
	int version = TPACKET_V2, on = 1;
	struct tpacket_req ring = {.tp_block_size = BLOCK_BYTES,
				   .tp_block_nr =
					   RING_FRAMES * SLOT_BYTES / BLOCK_BYTES,
				   .tp_frame_size = SLOT_BYTES,
				   .tp_frame_nr = RING_FRAMES};

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) < 0)
		return -errno;
	p->ring = mmap(NULL, RING_FRAMES * SLOT_BYTES, PROT_READ | PROT_WRITE,
		       MAP_SHARED, fd, 0);
	return p->ring == MAP_FAILED ? -errno : 0;
}

/* Clients have addresses the interface does not know: it has to take all frames. */
static int packet_open(struct driver *d)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL)};
	struct packet_mreq all = {.mr_type = PACKET_MR_PROMISC};
	int err = driver_interface(
		d, ((const struct network *)d->module->program)->interface);

	if (err < 0)
		return err;
	all.mr_ifindex = to.sll_ifindex = d->index;
	d->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return driver_cannot(d, "open a packet socket on", errno);
	err = ring_map(d->own, d->fd);
	if (err < 0)
		return driver_cannot(d, "map a ring of frames of", -err);
	if (bind(d->fd, (struct sockaddr *)&to, sizeof to) < 0 ||
	    setsockopt(d->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0)
		return driver_cannot(d, "take the frames of", errno);
	return 0;
}

/* Out of the ring, at full length.  A VLAN's tag (IEEE 802.1Q) the kernel has taken out
 * of the frame and keeps beside it: here it is put back, or what is another network's
 * would look like this one's.  Returns the frame's length. */
static uint32_t frame_copy(unsigned char *to, const struct tpacket2_hdr *h)
{
	const uint16_t tag[] = {htons(h->tp_vlan_tpid), htons(h->tp_vlan_tci)};
	unsigned char *kind = to + 2 * NET_MAC;

	memcpy(to, (const unsigned char *)h + h->tp_mac, h->tp_len);
	if (!(h->tp_status & TP_STATUS_VLAN_VALID))
		return h->tp_len;
	memmove(kind + sizeof tag, kind, h->tp_len - 2 * NET_MAC);
	memcpy(kind, tag, sizeof tag);
	return h->tp_len + (uint32_t)sizeof tag;
}

static uint32_t packet_receive(struct driver *d, struct ring_item *items, uint32_t n)
{
	struct packet *p = d->own;
	uint32_t got = 0, malformed = 0;

	while (got + malformed < n && d->spares > 0) {
		struct tpacket2_hdr *h = (void *)(p->ring + p->at * SLOT_BYTES);

		/* pairs with the kernel's release of the slot; ours is below */
		if (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) &
		      TP_STATUS_USER))
			break;
		if (h->tp_snaplen == h->tp_len) {
			uint32_t offset = d->spare[--d->spares];

			items[got++] = (struct ring_item){
				.offset = offset,
				.length = frame_copy(d->rx + offset, h)};
		} else {
			malformed++;
		}
		__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		p->at = (p->at + 1) % RING_FRAMES;
	}
	network_count(d->module, NET_DROPS_MALFORMED, malformed);
	return got;
}

static uint32_t packet_send(struct driver *d, const struct ring_item *items,
			    const unsigned char *const *frames, uint32_t n)
{
	struct mmsghdr messages[NET_BATCH];
	struct iovec iov[NET_BATCH];
	uint32_t done = 0, dropped = 0;

	for (uint32_t i = 0; i < n; i++) {
		iov[i] = (struct iovec){(void *)(uintptr_t)frames[i], items[i].length};
		messages[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
	}
	while (done < n) {
		int sent = sendmmsg(d->fd, messages + done, n - done, MSG_DONTWAIT);

		if (sent < 0 && errno == EAGAIN) {
			d->blocked = true;
			break;
		}
		dropped += sent < 0;
		done += sent < 0 ? 1 : (uint32_t)sent;
	}
	network_count(d->module, NET_DROPS_DEVICE, dropped);
	network_count(d->module, NET_FRAMES_OUT, done - dropped);
	return done;
}

static uint64_t packet_lost(struct driver *d)
{
	struct tpacket_stats stats = {0};
	socklen_t size = sizeof stats;

	getsockopt(d->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
	return stats.tp_drops;
}

const struct driver_way packet_way = {
	.name = "packet",
	.own_bytes = sizeof(struct packet),
	.open = packet_open,
	.receive = packet_receive,
	.send = packet_send,
	.lost = packet_lost,
};
