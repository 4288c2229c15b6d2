/* SPDX-License-Identifier: BSD-2-Clause */
/* wait_relinquish.c - Jones's ThreadP (Lecture notes 31, section 4): the variant of the
 * call that does not block is tried again and again, and between two attempts the other
 * threads run (relinquish).  It needs nothing of the kernel but that variant, and is
 * busy waiting: on purpose, to be measured against those that are notified. */
#include "config.h"

#include "descriptor.h"
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct bell {
	int fd;
};

static int relinquish_open(struct worker *w)
{
	struct bell *b = malloc(sizeof *b);
	int err;

	if (!b)
		return -ENOMEM;
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = b->fd < 0 ? -errno : 0;
	if (err < 0)
		free(b);
	else
		w->wait = b;
	return err;
}

static void relinquish_close(struct worker *w)
{
	struct bell *b = w->wait;

	close(b->fd);
	free(b);
	w->wait = NULL;
	if (w->number == 0)
		descriptors_free();
}

static void relinquish_wake(struct worker *w)
{
	const struct bell *b = w->wait;

	(void)!eventfd_write(b->fd, 1);
}

/* Who waits for a descriptor is always ready, so one that may sleep has none. */
static int relinquish_poll(struct worker *w, uint64_t timeout_ns)
{
	const struct bell *b = w->wait;
	struct pollfd p = {.fd = b->fd, .events = POLLIN};
	struct timespec timeout = {(time_t)(timeout_ns / 1000000000),
				   (long)(timeout_ns % 1000000000)};
	eventfd_t rung;

	if (timeout_ns > 0 &&
	    ppoll(&p, 1, timeout_ns == FIBER_FOREVER ? NULL : &timeout, NULL) > 0)
		(void)!eventfd_read(b->fd, &rung);
	return 0;
}

static uint32_t forgotten(const struct descriptor *d)
{
	return atomic_load_explicit(&d->in.told, memory_order_relaxed);
}

/* One more attempt was in vain: let others run.  -EBADF: the descriptor was forgotten
 * meanwhile. */
static int relinquish(const struct descriptor *d, uint32_t before)
{
	worker_count(worker_self(), FIBER_COUNT_POLLS_EMPTY);
	fiber_yield();
	return forgotten(d) == before ? 0 : -EBADF;
}

static ssize_t relinquish_perform(const struct io_call *call)
{
	struct descriptor *d = descriptor_get(call->fd);
	uint32_t before = d ? forgotten(d) : 0;
	ssize_t n;
	int err;

	if (!d)
		return call->fd < 0 ? -EBADF : -ENOMEM;
	for (;;) {
		worker_count(worker_self(), FIBER_COUNT_POLLS);
		n = io_try(call);
		if (n != -EAGAIN)
			return n;
		err = relinquish(d, before);
		if (err < 0)
			return err;
	}
}

static int relinquish_wait_fd(int fd, short events, uint64_t deadline_ns)
{
	struct descriptor *d = descriptor_get(fd);
	uint32_t before = d ? forgotten(d) : 0;
	int there = 0;

	if (!d)
		return fd < 0 ? -EBADF : -ENOMEM;
	for (;;) {
		worker_count(worker_self(), FIBER_COUNT_POLLS);
		there = io_poll(fd, events);
		if (there != 0)
			return there;
		if (fiber_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		there = relinquish(d, before);
		if (there < 0)
			return there;
	}
}

static void relinquish_forget(int fd)
{
	struct descriptor *d = descriptor_find(fd);

	if (d)
		descriptor_forget(d);
}

const struct wait_ops wait_relinquish = {
	.name = "relinquish",
	.open = relinquish_open,
	.close = relinquish_close,
	.poll = relinquish_poll,
	.wake = relinquish_wake,
	.wait_fd = relinquish_wait_fd,
	.forget = relinquish_forget,
	.perform = relinquish_perform,
};
