/* SPDX-License-Identifier: BSD-2-Clause */
/* io.c - calls that block a fiber: what they are, and the back end that waits for them.
 */
#include "config.h"

#include "descriptor.h"
#include "io.h"

#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t call_once(const struct io_call *call)
{
	switch (call->kind) {
	case IO_READ:
		return read(call->fd, call->buffer, call->len);
	case IO_WRITEV:
		return writev(call->fd, call->iov, call->n);
	case IO_ACCEPT:
		return accept4(call->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	}
	errno = EINVAL;
	return -1;
}

ssize_t io_try(const struct io_call *call)
{
	ssize_t n;

	do
		n = call_once(call);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

short io_events(const struct io_call *call)
{
	return call->kind == IO_WRITEV ? POLLOUT : POLLIN;
}

int io_poll(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (fd < 0)
		return -EBADF; /* poll(2) would ignore it */
	while (poll(&p, 1, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return p.revents & POLLNVAL ? -EBADF : p.revents;
}

/* Why nothing is known of fd. */
static int unknown(int fd)
{
	return fd < 0 ? -EBADF : -ENOMEM;
}

static ssize_t perform(const struct io_call *call)
{
	struct descriptor *d = descriptor_get(call->fd);

	return d ? fiber_runtime.ops->perform(d, call) : unknown(call->fd);
}

ssize_t fiber_read(int fd, void *buffer, size_t len)
{
	struct io_call call = {.kind = IO_READ, .fd = fd, .buffer = buffer, .len = len};

	return perform(&call);
}

ssize_t fiber_writev(int fd, const struct iovec *iov, int n)
{
	struct io_call call = {.kind = IO_WRITEV, .fd = fd, .iov = iov, .n = n};

	for (int i = 0; i < n; i++)
		call.len += iov[i].iov_len;
	return perform(&call);
}

ssize_t fiber_write(int fd, const void *buffer, size_t len)
{
	struct iovec iov = {(void *)(uintptr_t)buffer, len};

	return fiber_writev(fd, &iov, 1);
}

int fiber_accept(int fd)
{
	struct io_call call = {.kind = IO_ACCEPT, .fd = fd};

	return (int)perform(&call);
}

int fiber_wait_fd(int fd, short events, uint64_t deadline_ns)
{
	struct descriptor *d = descriptor_get(fd);

	return d ? fiber_runtime.ops->wait_fd(d, fd, events, deadline_ns) : unknown(fd);
}

void fiber_stream(int fd)
{
	struct descriptor *d = descriptor_get(fd);

	if (d)
		d->stream = true;
}

void fiber_forget(int fd)
{
	struct descriptor *d = descriptor_find(fd);

	if (!d)
		return;
	if (fiber_runtime.ops->forget)
		fiber_runtime.ops->forget(d, fd);
	descriptor_forget(d);
}

int fiber_close(int fd)
{
	fiber_forget(fd);
	return close(fd) < 0 ? -errno : 0;
}

struct preadv_call {
	int fd;
	const struct iovec *iov;
	int n;
	off_t offset;
	ssize_t result;
};

static int preadv_now(void *arg)
{
	struct preadv_call *c = arg;

	do
		c->result = preadv(c->fd, c->iov, c->n, c->offset);
	while (c->result < 0 && errno == EINTR);
	if (c->result < 0)
		c->result = -errno;
	return 0;
}

ssize_t fiber_preadv(int fd, const struct iovec *iov, int n, off_t offset)
{
	struct preadv_call c = {fd, iov, n, offset, 0};
	struct descriptor *d;

	if (strcmp(fiber_runtime.options.load, "uring") == 0) {
		d = descriptor_get(fd);
		return d ? fiber_runtime.ops->preadv(d, fd, iov, n, offset)
			 : unknown(fd);
	}
	fiber_call(preadv_now, &c);
	return c.result;
}

ssize_t fiber_pread(int fd, void *buffer, size_t len, off_t offset)
{
	struct iovec iov = {buffer, len};

	return fiber_preadv(fd, &iov, 1, offset);
}

/* Only fibers count, each for itself: with one worker nobody else does meanwhile. */
static void count_outside(uint64_t more)
{
	_Atomic(uint64_t) *n = &fiber_runtime.outside;

	if (fiber_runtime.worker_count > 1)
		atomic_fetch_add_explicit(n, more, memory_order_relaxed);
	else
		atomic_store_explicit(
			n, atomic_load_explicit(n, memory_order_relaxed) + more,
			memory_order_relaxed);
}

int wait_outside(struct fiber_guard *guard, enum wait_kind kind, const void *object,
		 uint64_t deadline_ns)
{
	int err;

	count_outside(1);
	err = wait_for(guard, kind, object, deadline_ns);
	count_outside(UINT64_MAX);
	return err;
}

const struct wait_ops *wait_named(const char *name)
{
	static const struct wait_ops *const all[] = {&wait_epoll, &wait_uring,
						     &wait_relinquish};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i]->name && strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}
