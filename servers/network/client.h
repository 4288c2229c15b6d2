/* SPDX-License-Identifier: BSD-2-Clause */
/* client.h - what runs on lwIP in a client. */
#ifndef DUALITY_NETWORK_CLIENT_H
#define DUALITY_NETWORK_CLIENT_H

#include "network.h"

/* lwIP is there once a process, and so is what runs on it: it keeps its state itself.
 */
struct application {
	uint16_t port; /* unless another is told */

	/* The stack is up.  Returns 0, or -errno: it cannot begin. */
	int (*begin)(struct module *m, uint32_t client);

	/* Each turn, when the frames that came were lwIP's.  Returns when it wants its
	 * next at the latest, on timer_now's clock; UINT64_MAX: whenever.  Or NULL. */
	uint64_t (*turn)(void);

	/* The graph is to end.  Or NULL. */
	void (*stop)(void);

	/* It has: this is the last call.  Or NULL. */
	void (*end)(void);
};

extern const struct application echo_application; /* UDP echo (RFC 862) */
extern const struct application http_application; /* the service, over TCP */
#endif
