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
#include <sys/eventfd.h>

/* Who waits for a descriptor is always ready, so one that may sleep has none. */
static int relinquish_poll(struct worker *w, uint64_t timeout_ns)
{
	struct pollfd p = {.fd = w->bell, .events = POLLIN};
	struct timespec timeout = {(time_t)(timeout_ns / 1000000000),
				   (long)(timeout_ns % 1000000000)};
	eventfd_t rung;

	if (timeout_ns > 0 &&
	    ppoll(&p, 1, timeout_ns == FIBER_FOREVER ? NULL : &timeout, NULL) > 0)
		(void)!eventfd_read(w->bell, &rung);
	return 0;
}

/* One attempt at the call (NULL: to poll for events).  -EBADF: the descriptor is not
 * the one of that age any more.  Under the guard: it is not closed meanwhile. */
static ssize_t attempt(struct descriptor *d, uint32_t of_age,
		       const struct io_call *call, int fd, short events)
{
	ssize_t n = -EBADF;

	worker_count(worker_self(), FIBER_COUNT_POLLS);
	guard_take(&d->guard);
	if (descriptor_age(d) == of_age)
		n = call ? io_try(call) : io_poll(fd, events);
	guard_drop(&d->guard);
	return n;
}

static void relinquish(void)
{
	worker_count(worker_self(), FIBER_COUNT_POLLS_EMPTY);
	fiber_yield();
}

static ssize_t relinquish_perform(struct descriptor *d, const struct io_call *call)
{
	const uint32_t of_age = descriptor_age(d);
	ssize_t n;

	while ((n = attempt(d, of_age, call, 0, 0)) == -EAGAIN)
		relinquish();
	return n;
}

static int relinquish_wait_fd(struct descriptor *d, int fd, short events,
			      uint64_t deadline_ns)
{
	const uint32_t of_age = descriptor_age(d);
	ssize_t there;

	while ((there = attempt(d, of_age, NULL, fd, events)) == 0) {
		if (fiber_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		relinquish();
	}
	return (int)there;
}

const struct wait_ops wait_relinquish = {
	.name = "relinquish",
	.poll = relinquish_poll,
	.wait_fd = relinquish_wait_fd,
	.perform = relinquish_perform,
};
