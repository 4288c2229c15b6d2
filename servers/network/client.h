/* SPDX-License-Identifier: BSD-2-Clause */
/* client.h - what runs on lwIP in a client. */
#ifndef DUALITY_NETWORK_CLIENT_H
#define DUALITY_NETWORK_CLIENT_H

#include "network.h"

/* UDP echo (RFC 862), on the network's port.  Returns 0 or -errno. */
int echo_begin(const struct network *n);
#endif
