/* SPDX-License-Identifier: BSD-2-Clause */
/* wait_uring.c - an io_uring(7) a worker.  A call is an entry of its queue, and the
 * fiber blocks until the kernel has done it; the entries of all fibers that ran go out
 * in the one system call in which the worker waits (Axboe, Efficient IO with io_uring,
 * 2019).  What an entry points to lies on the stacks of fibers, so these wait for the
 * end of what is cancelled, too.  Needs Linux 5.19. */
#include "config.h"

#include "descriptor.h"
#include "io.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ENTRIES = 256, /* of the queue of submissions */
	COMPLETIONS = 4096,
	SHORTAGE_MS = 1,
	LENGTH_MOST = 1 << 30, /* of one read: an entry has 32 bits for it */
};

/* Somebody on another worker forgets fd: what waits for it here is to be cancelled. */
struct order {
	struct order *next;
	int fd;
	_Atomic(bool) given;
};

struct ring {
	struct io_uring io;
	int bell; /* the worker's */
	bool enabled;
	uint64_t pending; /* operations the kernel has, or is about to get */
	struct fiber_guard guard;
	struct order *orders; /* under the guard */
};

/* On the stack of the fiber that waits for it. */
struct operation {
	struct waiter waiter;
	struct ring *ring;
	int result;
	bool forgotten;
};

static char rung; /* its address is the bell's */

/* The queue is full: submit it.  The kernel may want memory, or its completions seen
 * first (those it had no room for are kept, and given out now). */
static struct io_uring_sqe *entry(struct ring *r, unsigned room)
{
	while (io_uring_sq_space_left(&r->io) < room)
		if (io_uring_submit(&r->io) < 0) {
			io_uring_get_events(&r->io);
			poll(NULL, 0, SHORTAGE_MS);
		}
	return io_uring_get_sqe(&r->io);
}

static void listen_to_bell(struct ring *r)
{
	struct io_uring_sqe *e = entry(r, 1);

	io_uring_prep_poll_multishot(e, r->bell, POLLIN);
	io_uring_sqe_set_data(e, &rung);
}

/* By the one kernel thread that will use it; the rings were made by another. */
static struct ring *enabled(struct worker *w)
{
	struct ring *r = w->wait;

	if (!r->enabled) {
		r->enabled = true;
		/* liburing 2.3 declares io_uring_enable_rings, and has it not */
		io_uring_register((unsigned)r->io.ring_fd, IORING_REGISTER_ENABLE_RINGS,
				  NULL, 0);
		listen_to_bell(r);
	}
	return r;
}

/* With DEFER_TASKRUN (Linux 6.1) completions are made when the worker asks for them,
 * and not by interrupting it. */
static int queue_init(struct io_uring *io)
{
	static const unsigned flags[] = {
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
		0,
	};
	int err = -EINVAL;

	for (int i = 0; i < 2 && err == -EINVAL; i++) {
		struct io_uring_params p = {
			.flags = flags[i] | IORING_SETUP_COOP_TASKRUN |
				 IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE,
			.cq_entries = COMPLETIONS};

		err = io_uring_queue_init_params(ENTRIES, io, &p);
	}
	return err;
}

static int uring_open(struct worker *w)
{
	struct ring *r = calloc(1, sizeof *r);
	int err = r ? 0 : -ENOMEM;

	if (err < 0)
		return err;
	r->bell = w->bell;
	err = queue_init(&r->io);
	if (err < 0)
		free(r);
	else
		w->wait = r;
	return err;
}

/* Returns whether it woke somebody. */
static bool on_completion(struct ring *r, const struct io_uring_cqe *e, bool running)
{
	struct operation *o = io_uring_cqe_get_data(e);

	if ((char *)o == &rung) {
		if (!(e->flags & IORING_CQE_F_MORE) && running)
			listen_to_bell(r);
		return false;
	}
	if (!o) /* of a cancellation or a deadline */
		return false;
	r->pending--;
	o->result = e->res;
	if (!running || !wait_claim(o->waiter.fiber))
		return false;
	wait_wake(o->waiter.fiber);
	return true;
}

static int reap(struct ring *r, bool running)
{
	struct io_uring_cqe *e;
	unsigned head, n = 0;
	int woken = 0;

	io_uring_for_each_cqe(&r->io, head, e)
	{
		woken += on_completion(r, e, running);
		n++;
	}
	io_uring_cq_advance(&r->io, n);
	return woken;
}

/* Nothing is to be written any more to the stacks of fibers that are given up.  (What
 * another kernel thread submitted, the kernel cancelled when it ended.) */
static void drain(struct ring *r)
{
	while (r->pending > 0) {
		struct io_uring_sqe *e = entry(r, 1);

		io_uring_prep_cancel(e, NULL,
				     IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
		io_uring_sqe_set_data(e, NULL);
		io_uring_submit_and_wait(&r->io, 1);
		reap(r, false);
	}
}

/* On the first worker's kernel thread, the others' having ended; before any stack is
 * unmapped. */
static void uring_close(struct worker *w)
{
	struct ring *r = w->wait;

	drain(fiber_runtime.workers[0].wait);
	io_uring_queue_exit(&r->io);
	free(r);
	w->wait = NULL;
}

static void cancel(struct ring *r, int fd)
{
	struct io_uring_sqe *e = entry(r, 1);

	io_uring_prep_cancel_fd(e, fd, IORING_ASYNC_CANCEL_ALL);
	io_uring_sqe_set_data(e, NULL);
}

/* Submitted at once: those who gave them may close the descriptor then. */
static void obey(struct ring *r)
{
	struct order *o, *next;

	guard_take(&r->guard);
	o = r->orders;
	r->orders = NULL;
	guard_drop(&r->guard);
	for (; o; o = next) {
		next = o->next;
		cancel(r, o->fd);
		io_uring_submit(&r->io);
		atomic_store_explicit(&o->given, true, memory_order_release);
	}
}

static int uring_poll(struct worker *w, uint64_t timeout_ns)
{
	struct ring *r = enabled(w);
	struct __kernel_timespec timeout = {(int64_t)(timeout_ns / 1000000000),
					    (long long)(timeout_ns % 1000000000)};
	struct io_uring_cqe *first;
	int err;

	obey(r);
	if (timeout_ns == 0)
		err = io_uring_submit_and_get_events(&r->io);
	else
		err = io_uring_submit_and_wait_timeout(
			&r->io, &first, 1,
			timeout_ns == FIBER_FOREVER ? NULL : &timeout, NULL);
	if (err == -EAGAIN || err == -ENOMEM)
		poll(NULL, 0, SHORTAGE_MS);
	return reap(r, true);
}

/* Let the fiber wait for the end of e.  -EBADF: it was forgotten meanwhile. */
static int wait_end(struct ring *r, struct io_uring_sqe *e, struct descriptor *d,
		    struct operation *o, int fd)
{
	*o = (struct operation){.waiter.fiber = fiber_current(), .ring = r};
	io_uring_sqe_set_data(e, o);
	r->pending++;
	guard_take(&d->guard);
	waiter_link(d, &o->waiter);
	guard_drop(&d->guard);
	wait_outside(NULL, WAIT_FD, (void *)(intptr_t)fd, FIBER_FOREVER);
	guard_take(&d->guard);
	waiter_unlink(&o->waiter);
	guard_drop(&d->guard);
	return o->forgotten && o->result < 0 ? -EBADF : o->result;
}

static int uring_wait_fd(struct descriptor *d, int fd, short events,
			 uint64_t deadline_ns)
{
	struct __kernel_timespec deadline = {(int64_t)(deadline_ns / 1000000000),
					     (long long)(deadline_ns % 1000000000)};
	int there = -ECANCELED;

	while (there == -ECANCELED) {
		struct ring *r = enabled(worker_self());
		struct io_uring_sqe *e = entry(r, 2), *last;
		struct operation o;

		io_uring_prep_poll_add(e, fd, (unsigned short)events);
		if (deadline_ns != FIBER_FOREVER) {
			io_uring_sqe_set_flags(e, IOSQE_IO_LINK);
			last = entry(r, 1);
			io_uring_prep_link_timeout(last, &deadline, IORING_TIMEOUT_ABS);
			io_uring_sqe_set_data(last, NULL);
		}
		there = wait_end(r, e, d, &o, fd);
		if (o.forgotten)
			return -EBADF;
		if (there == -ECANCELED && fiber_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
	}
	return there;
}

static struct ring *ring_of_waiter(struct descriptor *d)
{
	struct ring *r = NULL;

	guard_take(&d->guard);
	for (struct waiter *w = d->waiting; w; w = w->next) {
		struct operation *o = (struct operation *)w;

		o->forgotten = true;
		r = o->ring;
	}
	guard_drop(&d->guard);
	return r;
}

static void give_order(struct ring *r, int fd)
{
	struct order o = {.fd = fd};
	struct worker *w = fiber_runtime.workers;

	while (w->wait != r)
		w++;
	guard_take(&r->guard);
	o.next = r->orders;
	r->orders = &o;
	guard_drop(&r->guard);
	worker_ring(w);
	while (!atomic_load_explicit(&o.given, memory_order_acquire))
		fiber_pause();
}

/* Only when nobody waits any more may the number mean something else: what waits may
 * not have been submitted yet. */
static void uring_forget(struct descriptor *d, int fd)
{
	struct ring *r;

	while ((r = ring_of_waiter(d))) {
		if (r == worker_self()->wait)
			cancel(r, fd);
		else
			give_order(r, fd);
		fiber_pause();
	}
}

/* A write is an entry, too: to try writev(2) first cost more, with many connections. */
static void prepare(struct io_uring_sqe *e, const struct io_call *call,
		    const struct descriptor *d)
{
	unsigned len = call->len < LENGTH_MOST ? (unsigned)call->len : LENGTH_MOST;

	switch (call->kind) {
	case IO_READ:
		if (atomic_load_explicit(&d->file, memory_order_relaxed)) {
			io_uring_prep_read(e, call->fd, call->buffer, len,
					   (uint64_t)-1);
			return;
		}
		io_uring_prep_recv(e, call->fd, call->buffer, len, 0);
		return;
	case IO_WRITEV:
		io_uring_prep_writev(e, call->fd, call->iov, (unsigned)call->n,
				     (uint64_t)-1);
		return;
	case IO_ACCEPT:
		io_uring_prep_accept(e, call->fd, NULL, NULL,
				     SOCK_NONBLOCK | SOCK_CLOEXEC);
	}
}

/* What is not to be told the caller becomes -EINTR: once more. */
static int judge(const struct io_call *call, struct descriptor *d, int n)
{
	if (n == -ECANCELED) /* meant for another of the same file */
		return -EINTR;
	if (n == -EAGAIN) { /* it cannot wait by itself */
		n = uring_wait_fd(d, call->fd, io_events(call), FIBER_FOREVER);
		return n < 0 ? n : -EINTR;
	}
	if (n == -ENOTSOCK && call->kind == IO_READ) {
		atomic_store_explicit(&d->file, true, memory_order_relaxed);
		return -EINTR;
	}
	return n;
}

static ssize_t uring_perform(struct descriptor *d, const struct io_call *call)
{
	int n = -EINTR;

	while (n == -EINTR) {
		struct ring *r = enabled(worker_self());
		struct io_uring_sqe *e = entry(r, 1);
		struct operation o;

		prepare(e, call, d);
		n = wait_end(r, e, d, &o, call->fd);
		n = judge(call, d, n);
	}
	return n;
}

static ssize_t uring_preadv(struct descriptor *d, int fd, const struct iovec *iov,
			    int count, off_t offset)
{
	int n = -EINTR;

	while (n == -EINTR || n == -ECANCELED) {
		struct ring *r = enabled(worker_self());
		struct io_uring_sqe *e = entry(r, 1);
		struct operation o;

		io_uring_prep_readv(e, fd, iov, (unsigned)count, (uint64_t)offset);
		n = wait_end(r, e, d, &o, fd);
	}
	return n;
}

const struct wait_ops wait_uring = {
	.name = "uring",
	.open = uring_open,
	.close = uring_close,
	.poll = uring_poll,
	.wait_fd = uring_wait_fd,
	.forget = uring_forget,
	.perform = uring_perform,
	.preadv = uring_preadv,
};
