/* SPDX-License-Identifier: BSD-2-Clause */
/* session.h - a connection in direct style: what happens next is the next line, and
 * what is remembered lies on the stack.  machine.h is the same turned inside out. */
#ifndef DUALITY_SESSION_H
#define DUALITY_SESSION_H

#include "service.h"

/* How this runtime blocks.  The kernel's own calls are one instance; what runs at once
 * in a /fan is the variant's to say. */
struct io {
	ssize_t (*read)(int fd, void *buffer, size_t len);
	ssize_t (*writev)(int fd, const struct iovec *iov, int n);
	/* 1 when fd is readable, 0 when timeout_ns passed first, -1 with errno */
	int (*readable)(int fd, uint64_t timeout_ns);
	int (*load)(const struct service *s, struct exchange *x); /* 0 or -errno */
	void (*sleep_ns)(uint64_t ns);
	int (*fan)(const struct fan *f); /* 0, or the failing part's -errno */
};

int kernel_readable(int fd, uint64_t timeout_ns);
void kernel_sleep_ns(uint64_t ns);

/* Serve a connection until it ends; the caller closes fd.  Blocks.  Returns 0 or -errno
 * (the peer broke it off). */
int session_serve(int fd, const struct io *io, const struct service *service);
#endif
