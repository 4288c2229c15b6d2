/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.c - connections as chains of operations that the kernel performs: send, read a
 * file, wait.  What a loop of callbacks would do between two system calls it does
 * between two completions; all that it wants done is told in one call a turn.  How
 * they come in is in ring_accept.c. */
#include "config.h"

#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	ENTRIES = 256, /* of the queue of submissions */
	COMPLETIONS = 4096,
	SHORTAGE_MS = 1,
	FEATURES = IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE,
};

/* What an entry points to.  The kernel has copied it when it has taken the entry
 * (IORING_FEAT_SUBMIT_STABLE), so each entry has one, and not each connection. */
struct details {
	struct __kernel_timespec time;
	struct msghdr message;
	struct iovec iov[EXCHANGE_PIECES];
};

static struct details *details_of(struct ring *r, const struct io_uring_sqe *e)
{
	return &r->details[e - r->io.sq.sqes];
}

/* The queue is full: submit it.  The kernel may want memory, or its completions seen
 * first (those it had no room for are kept, IORING_FEAT_NODROP, and given out now). */
struct io_uring_sqe *ring_entry(struct ring *r)
{
	struct io_uring_sqe *e;

	while (!(e = io_uring_get_sqe(&r->io)))
		if (io_uring_submit(&r->io) < 0) {
			io_uring_get_events(&r->io);
			poll(NULL, 0, SHORTAGE_MS);
		}
	return e;
}

void ring_issue(struct io_uring_sqe *e, struct operation *o,
		void (*ended)(struct operation *o, int result, unsigned flags))
{
	io_uring_sqe_set_data(e, o);
	o->ended = ended;
	o->pending++;
}

/* The kernel looks through all timeouts for one to cancel: it costs as many steps as
 * there are connections that wait. */
void ring_cancel(struct ring *r, struct operation *o)
{
	struct io_uring_sqe *e = ring_entry(r);

	io_uring_prep_cancel(e, o, IORING_ASYNC_CANCEL_ALL);
	io_uring_sqe_set_data(e, NULL);
}

static void time_begin(struct connection *c, struct operation *o, uint64_t ns,
		       void (*ended)(struct operation *o, int result, unsigned flags))
{
	struct io_uring_sqe *e = ring_entry(c->ring);
	struct __kernel_timespec *time = &details_of(c->ring, e)->time;

	*time = (struct __kernel_timespec){(int64_t)(ns / 1000000000),
					   (long long)(ns % 1000000000)};
	io_uring_prep_timeout(e, time, 0, 0);
	ring_issue(e, o, ended);
}

static void on_waited(struct operation *o, int result, unsigned flags)
{
	(void)result, (void)flags;
	machine_done(&o->connection->machine, 0);
	ring_advance(o->connection);
}

static void on_lingered(struct operation *o, int result, unsigned flags)
{
	(void)result, (void)flags;
	ring_close(o->connection); /* drained long enough */
}

static void on_sent(struct operation *o, int result, unsigned flags)
{
	(void)flags;
	if (result != -EINTR && result != -EAGAIN)
		machine_sent(&o->connection->machine, result);
	ring_advance(o->connection);
}

static void send_begin(struct connection *c)
{
	struct io_uring_sqe *e = ring_entry(c->ring);
	struct details *d = details_of(c->ring, e);

	d->message = (struct msghdr){.msg_iov = d->iov};
	d->message.msg_iovlen = (size_t)machine_output(&c->machine, d->iov);
	io_uring_prep_sendmsg(e, c->fd, &d->message, MSG_NOSIGNAL);
	ring_issue(e, &c->work, on_sent);
}

static void on_loaded(struct operation *o, int result, unsigned flags);

/* A load has come to this: 1: read on.  Returns true if it is over. */
static bool load_step(struct connection *c, int result)
{
	const struct cache_load *load = machine_loading(&c->machine);
	struct io_uring_sqe *e;
	struct details *d;

	if (result != 1) {
		machine_done(&c->machine, result);
		return true;
	}
	e = ring_entry(c->ring);
	d = details_of(c->ring, e);
	io_uring_prep_readv(e, cache_load_fd(load), d->iov,
			    (unsigned)cache_load_iov(load, d->iov, EXCHANGE_PIECES),
			    cache_load_at(load));
	ring_issue(e, &c->work, on_loaded);
	return false;
}

static void on_loaded(struct operation *o, int result, unsigned flags)
{
	struct connection *c = o->connection;

	(void)flags;
	if (load_step(c, machine_load_got(&c->machine, result)))
		ring_advance(c);
}

/* The join is a counter at zero.  After a failure the other parts are cancelled, and
 * end at once. */
static void on_part(struct operation *o, int result, unsigned flags)
{
	struct connection *c = o->connection;
	const struct fan *f = machine_fan(&c->machine);

	(void)result, (void)flags;
	if (o == &c->timer) {
		c->joined = fan_part_result(f, f->fail - 1);
		if (c->work.pending)
			ring_cancel(c->ring, &c->work);
	}
	if (c->work.pending + c->timer.pending > 0)
		return;
	machine_done(&c->machine, c->joined);
	ring_advance(c);
}

static void fan_begin(struct connection *c)
{
	const struct fan *f = machine_fan(&c->machine);

	c->joined = 0;
	for (unsigned i = 0; i < f->n; i++)
		time_begin(c, i + 1 == f->fail ? &c->timer : &c->work,
			   fan_part_ns(f, i), on_part);
}

static bool receive(struct connection *c)
{
	uint64_t linger_ns = machine_timeout_ns(&c->machine);

	if (linger_ns && !c->timer.pending)
		time_begin(c, &c->timer, linger_ns, on_lingered);
	return c->ring->way->receive(c);
}

/* Take one step.  Returns false when the next one comes with a completion. */
static bool step(struct connection *c)
{
	switch (machine_wants(&c->machine)) {
	case WANT_READ:
		return receive(c);
	case WANT_WRITE:
		send_begin(c);
		return false;
	case WANT_LOAD: /* to open the file still blocks, and to map what is too big */
		return load_step(c, machine_load_begin(&c->machine, false));
	case WANT_WAIT:
		time_begin(c, &c->timer, machine_timeout_ns(&c->machine), on_waited);
		return false;
	case WANT_SPIN:
		machine_block(&c->machine);
		return true;
	case WANT_FAN:
		fan_begin(c);
		return false;
	case WANT_SHUT:
		shutdown(c->fd, SHUT_WR);
		machine_shut(&c->machine);
		return true;
	case WANT_CLOSE:
		ring_close(c);
		return false;
	}
	return false;
}

void ring_advance(struct connection *c)
{
	while (!c->closing && step(c))
		continue;
}

void ring_close(struct connection *c)
{
	struct operation *all[] = {&c->input, &c->work, &c->timer};

	c->closing = true;
	for (int i = 0; i < 3; i++)
		if (all[i]->pending)
			ring_cancel(c->ring, all[i]);
}

static void connection_end(struct connection *c)
{
	struct ring *r = c->ring;

	if (r->way->closed)
		r->way->closed(c);
	machine_free(&c->machine);
	server_closed(r->server, c->fd);
	free(c);
	r->connections--;
	ring_listen(r); /* there is room for one more */
}

static void on_completion(struct ring *r, struct operation *o, int result,
			  unsigned flags)
{
	struct connection *c = o->connection;

	if (!(flags & IORING_CQE_F_MORE))
		o->pending--;
	if (!c || !c->closing)
		o->ended(o, result, flags);
	else if (r->way->discard)
		r->way->discard(flags);
	if (c && c->closing &&
	    c->input.pending + c->work.pending + c->timer.pending == 0)
		connection_end(c);
}

/* With DEFER_TASKRUN completions are made when this thread asks for them, and not by
 * interrupting it; an older kernel has less of that, or nothing. */
static int queue_init(struct io_uring *io)
{
	static const unsigned flags[] = {
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
			IORING_SETUP_COOP_TASKRUN,
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN,
		0,
	};
	int err = -EINVAL;

	for (int i = 0; i < 3 && err == -EINVAL; i++) {
		struct io_uring_params p = {.flags = flags[i] | IORING_SETUP_CQSIZE,
					    .cq_entries = COMPLETIONS};

		err = io_uring_queue_init_params(ENTRIES, io, &p);
		if (err == 0 && (p.features & FEATURES) != FEATURES)
			return -ENOSYS;
	}
	return err;
}

void ring_setup(struct ring *r, struct server *s, const struct way *way)
{
	int err;

	*r = (struct ring){.server = s, .way = way, .last = &r->first};
	err = queue_init(&r->io);
	if (err < 0)
		server_cannot("set up an io_uring (kernel.io_uring_disabled, seccomp "
			      "and RLIMIT_MEMLOCK may forbid it)",
			      -err);
	r->details = calloc(ENTRIES, sizeof *r->details);
	if (!r->details)
		server_cannot("set up an io_uring", ENOMEM);
	MUST(fcntl(s->listener, F_SETFL, O_NONBLOCK));
}

/* Submit what this turn has brought, and wait for something to end. */
static void turn(struct ring *r)
{
	int n = io_uring_submit_and_wait(&r->io, 1);
	struct io_uring_cqe *e;

	if (n == -EBADR) /* told only once: somebody would wait for ever */
		server_cannot("keep the completions of an io_uring", ENOMEM);
	if (n < 0 && n != -EINTR)
		poll(NULL, 0, SHORTAGE_MS);
	/* Those that come meanwhile are the next turn's. */
	for (unsigned i = io_uring_cq_ready(&r->io); i > 0; i--) {
		struct operation *o;
		unsigned flags;
		int result;

		if (io_uring_peek_cqe(&r->io, &e) < 0)
			break;
		o = io_uring_cqe_get_data(e);
		result = e->res;
		flags = e->flags;
		io_uring_cqe_seen(&r->io, e);
		if (o)
			on_completion(r, o, result, flags);
	}
}

void ring_run(struct ring *r)
{
	ring_listen(r);
	while (!server_stopping() || r->connections > 0)
		turn(r);
	ring_listen_end(r);
	io_uring_queue_exit(&r->io);
	free(r->details);
}
