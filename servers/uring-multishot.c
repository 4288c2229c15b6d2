/* SPDX-License-Identifier: BSD-2-Clause */
/* uring-multishot.c - uring.c with entries that are told once and end many times: one
 * accepts all clients, one for each connection receives whatever comes, into buffers
 * that the kernel picks from a ring shared by all.  An idle connection has none, and
 * a request costs one entry, that of its reply (io_uring_prep_recv_multishot(3),
 * io_uring_register_buf_ring(3)).  What the kernel does by itself cannot be put off:
 * backpressure, which a loop has by not reading, has to be made (hold). */
#include "config.h"

#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

static const struct about about = {
	.name = "uring-multishot",
	.family = "event",
	.style = "event",
	.summary = "one io_uring, multishot accept and receive, provided buffers",
	.needs = "liburing",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

/* BUFFER: more than a head of most clients; BUFFERS: one each for as many as may send
 * within a turn.  NEAR: to --max-connections. */
enum { BUFFERS = 1024, BUFFER = 1024, GROUP = 0, NEAR = 256 };

/* Input that came before it was wanted. */
struct held {
	struct held *next;
	size_t start, end;
	char data[];
};

static struct server server;
static struct io_uring_buf_ring *free_buffers;
static char (*buffers)[BUFFER];

/* It takes all that wait before it can be told to stop (ring_accept.c keeps those
 * without a place); so near --max-connections clients are accepted one by one. */
static void accept_all(struct io_uring_sqe *e, const struct server *s)
{
	if (s->live + NEAR < s->max_connections)
		io_uring_prep_multishot_accept(e, s->listener, NULL, NULL,
					       SOCK_CLOEXEC);
	else
		io_uring_prep_accept(e, s->listener, NULL, NULL, SOCK_CLOEXEC);
}

static void buffer_return(unsigned id)
{
	io_uring_buf_ring_add(free_buffers, buffers[id], BUFFER, (unsigned short)id,
			      io_uring_buf_ring_mask(BUFFERS), 0);
	io_uring_buf_ring_advance(free_buffers, 1);
}

static void discard(unsigned flags)
{
	if (flags & IORING_CQE_F_BUFFER)
		buffer_return(flags >> IORING_CQE_BUFFER_SHIFT);
}

/* Hand the machine what it has room for.  Returns how much. */
static size_t give(struct connection *c, const char *data, size_t n)
{
	size_t len;
	char *room = machine_room(&c->machine, &len);

	if (!room) {
		machine_got(&c->machine, -ENOMEM);
		return n;
	}
	if (n > len)
		n = len;
	memcpy(room, data, n);
	machine_got(&c->machine, (ssize_t)n);
	return n;
}

/* Keep it for later, and ask for no more until then.  Until the kernel hears of that,
 * at most what the shared buffers hold can come. */
static void hold(struct connection *c, const char *data, size_t n)
{
	struct held *h = malloc(sizeof *h + n);

	if (!h) {
		counter_add(server.counters, COUNTER_REFUSED, 1);
		ring_close(c);
		return;
	}
	*h = (struct held){.end = n};
	memcpy(h->data, data, n);
	if (!c->held)
		c->held_end = &c->held;
	*c->held_end = h;
	c->held_end = &h->next;
	if (c->input.pending && !c->cancelled)
		ring_cancel(c->ring, &c->input);
	c->cancelled = true;
}

static bool wants_input(const struct connection *c)
{
	return machine_wants(&c->machine) == WANT_READ && !c->held;
}

static void take(struct connection *c, const char *data, size_t n)
{
	size_t given = wants_input(c) ? give(c, data, n) : 0;

	if (given < n)
		hold(c, data + given, n - given);
	if (given)
		ring_advance(c);
}

/* An end or an error that nobody wants to hear of yet is told again by the next
 * receive, or by the send.  -ENOBUFS: by now there are buffers again. */
static void on_received(struct operation *o, int result, unsigned flags)
{
	struct connection *c = o->connection;
	unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;

	if (flags & IORING_CQE_F_BUFFER) {
		if (result > 0)
			take(c, buffers[id], (size_t)result);
		buffer_return(id);
	}
	if (result > 0 && o->pending)
		return;
	if (!wants_input(c))
		return;
	if (result == 0 || (result < 0 && result != -ENOBUFS && result != -ECANCELED &&
			    result != -EINTR && result != -EAGAIN))
		machine_got(&c->machine, result);
	ring_advance(c);
}

static bool receive(struct connection *c)
{
	struct held *h = c->held;
	struct io_uring_sqe *e;

	if (h) {
		h->start += give(c, h->data + h->start, h->end - h->start);
		if (h->start == h->end) {
			c->held = h->next;
			free(h);
		}
		return true;
	}
	if (c->input.pending)
		return false;
	c->cancelled = false;
	e = ring_entry(c->ring);
	io_uring_prep_recv_multishot(e, c->fd, NULL, 0, 0);
	e->flags |= IOSQE_BUFFER_SELECT;
	e->buf_group = GROUP;
	ring_issue(e, &c->input, on_received);
	return false;
}

static void closed(struct connection *c)
{
	while (c->held) {
		struct held *h = c->held;

		c->held = h->next;
		free(h);
	}
}

static void *pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		server_cannot("allocate the shared buffers", errno);
	return p;
}

/* liburing 2.3 has no io_uring_setup_buf_ring yet; this is what it does. */
static void buffers_setup(struct ring *r)
{
	struct io_uring_buf_reg reg = {.ring_entries = BUFFERS, .bgid = GROUP};
	int err;

	if (!(r->io.flags & IORING_SETUP_SINGLE_ISSUER))
		server_cannot("receive by multishot: Linux 6.0 is needed", ENOSYS);
	buffers = pages(sizeof *buffers * BUFFERS);
	free_buffers = pages(sizeof(struct io_uring_buf) * BUFFERS);
	reg.ring_addr = (uintptr_t)free_buffers;
	err = io_uring_register_buf_ring(&r->io, &reg, 0);
	if (err < 0)
		server_cannot("register the shared buffers", -err);
	for (unsigned id = 0; id < BUFFERS; id++)
		buffer_return(id);
}

int main(int argc, char **argv)
{
	static const struct way way = {accept_all, receive, discard, closed};
	struct ring ring;

	server_setup(&server, argc, argv, &about);
	ring_setup(&ring, &server, &way);
	buffers_setup(&ring);
	server_ready(&server);
	ring_run(&ring);
	return server_finish(&server);
}
