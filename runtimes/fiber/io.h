/* SPDX-License-Identifier: BSD-2-Clause */
/* io.h - inside the runtime: a system call on a descriptor that may have to be tried
 * again. */
#ifndef DUALITY_FIBER_IO_H
#define DUALITY_FIBER_IO_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

enum io_kind { IO_READ, IO_WRITEV, IO_ACCEPT };

struct io_call {
	enum io_kind kind;
	int fd;
	void *buffer;            /* of IO_READ, len bytes */
	const struct iovec *iov; /* of IO_WRITEV, n pieces of len bytes in all */
	int n;
	size_t len;
};

/* Once.  Returns what the call did, or -errno (never -EINTR). */
ssize_t io_try(const struct io_call *call);

/* Which way it goes: POLLIN or POLLOUT. */
short io_events(const struct io_call *call);

/* poll(2) of one descriptor, without waiting: the events there are, 0, or -errno. */
int io_poll(int fd, short events);
#endif
