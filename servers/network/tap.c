/* SPDX-License-Identifier: BSD-2-Clause */
/* tap.c - the driver whose device is a program, this one: the other end of the wire is
 * the kernel's own stack.  One system call a frame; the interface is made if there is
 * none. */
#include "config.h"

#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int tap_open(struct driver *d)
{
	const struct network *n = d->module->program;
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	d->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (d->fd < 0)
		return driver_cannot(d, "open /dev/net/tun for", errno);
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", n->interface);
	if (ioctl(d->fd, TUNSETIFF, &request) < 0)
		return driver_cannot(d, "be the device of", errno);
	return driver_interface(d, request.ifr_name);
}

/* A frame that does not fit is cut by read(2): a byte beyond the most tells. */
static uint32_t tap_receive(struct driver *d, struct ring_item *items, uint32_t n)
{
	uint32_t got = 0, malformed = 0;

	while (got + malformed < n && d->spares > 0) {
		uint32_t offset = d->spare[d->spares - 1];
		ssize_t bytes = read(d->fd, d->rx + offset, NET_BUFFER_BYTES);

		if (bytes < 0)
			break;
		if (bytes > NET_FRAME_MOST) {
			malformed++;
			continue;
		}
		d->spares--;
		items[got++] =
			(struct ring_item){.offset = offset, .length = (uint32_t)bytes};
	}
	network_count(d->module, NET_DROPS_MALFORMED, malformed);
	return got;
}

static uint32_t tap_send(struct driver *d, const struct ring_item *items,
			 const unsigned char *const *frames, uint32_t n)
{
	uint32_t done = 0, dropped = 0;

	for (; done < n; done++) {
		if (write(d->fd, frames[done], items[done].length) >= 0)
			continue;
		d->blocked = errno == EAGAIN;
		if (d->blocked)
			break;
		dropped++;
	}
	network_count(d->module, NET_DROPS_DEVICE, dropped);
	network_count(d->module, NET_FRAMES_OUT, done - dropped);
	return done;
}

/* What the kernel's queue for us has no room for is the interface's own count. */
static uint64_t tap_lost(struct driver *d)
{
	(void)d;
	return 0;
}

const struct driver_way tap_way = {
	.name = "tap",
	.open = tap_open,
	.receive = tap_receive,
	.send = tap_send,
	.lost = tap_lost,
};
