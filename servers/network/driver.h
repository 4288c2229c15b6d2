/* SPDX-License-Identifier: BSD-2-Clause */
/* driver.h - what drivers share: rings on one side, a way to the device on the other.
 */
#ifndef DUALITY_NETWORK_DRIVER_H
#define DUALITY_NETWORK_DRIVER_H

#include "network.h"

struct driver {
	struct module *module;
	int fd;    /* ready: there are frames, or room for them */
	int index; /* of the interface */
	uint32_t watched;
	bool told, stopping; /* to stop; it is, and takes no more frames */
	bool blocked;        /* the device takes no more now */
	unsigned char *rx;
	const unsigned char *tx[NET_CLIENTS]; /* or NULL */
	uint32_t spare[NET_BUFFERS], spares;  /* offsets of empty buffers */
	void *own;                            /* the way's */
};

/* A way to the device. */
struct driver_way {
	const char *name;
	size_t own_bytes; /* of d->own, zero at first */
	bool fills_ahead; /* it gives the kernel empty buffers, and keeps none */

	/* Sets d->fd.  Returns 0, or -errno with the module failed. */
	int (*open)(struct driver *d);

	/* Up to n frames, in buffers that were spare.  Returns how many. */
	uint32_t (*receive)(struct driver *d, struct ring_item *items, uint32_t n);

	/* Of n frames at these places, send some.  Returns how many are done with;
	 * blocked: tell me when there is room. */
	uint32_t (*send)(struct driver *d, const struct ring_item *items,
			 const unsigned char *const *frames, uint32_t n);

	/* How many frames the kernel lost for want of room. */
	uint64_t (*lost)(struct driver *d);
};

extern const struct driver_way packet_way, xdp_way, tap_way;

/* Sets d->index.  Returns 0, or -errno with the module failed. */
int driver_interface(struct driver *d, const char *name);

/* It cannot begin: "WHAT INTERFACE".  Returns -error. */
int driver_cannot(struct driver *d, const char *what, int error);
#endif
