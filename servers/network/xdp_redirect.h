/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_redirect.h - the program in the kernel that sends frames to an XDP socket. */
#ifndef DUALITY_NETWORK_XDP_REDIRECT_H
#define DUALITY_NETWORK_XDP_REDIRECT_H

/* All frames of this queue of the interface go to fd.  Returns the link's descriptor,
 * with which it ends; or -errno. */
int xdp_redirect(int interface, int queue, int fd);
#endif
