/* SPDX-License-Identifier: BSD-2-Clause */
/* udp-uring.c - udp-mmsg.c with the one system call a turn that io_uring(7) needs: a
 * receive that is told once and ends for each datagram, in a buffer the kernel picks
 * (io_uring_prep_recvmsg_multishot(3)), and a send for each; what was sent gives its
 * buffer back.  Rings of buffers that change hands are also how the modules of LionsOS
 * pass packets on. */
#include "config.h"

#include "echo.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>

static const struct about about = {
	.name = "udp-uring",
	.family = "event",
	.style = "event",
	.summary = "UDP echo: one io_uring, multishot receive, a send each",
	.udp = "udp",
	.echo = true,
	.needs = "liburing",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = echo_counters,
};

/* The queue of submissions has room for a send of every buffer, and what else there is.
 */
enum { BUFFERS = 64, ENTRIES = 128, GROUP = 0, SHORTAGE_MS = 1 };

/* Completions say whose they are: a buffer's, of its send, or one of these. */
enum { RECEIVE = BUFFERS, CANCEL };

static struct server server;
static struct echo echo;
static struct io_uring io;
static struct io_uring_buf_ring *free_buffers;
static char buffers[BUFFERS][ECHO_ROOM]; /* a head, the sender, the datagram */
static struct msghdr layout = {.msg_namelen = sizeof(struct sockaddr_in6)};
static struct answer {
	struct msghdr message;
	struct iovec piece;
} answers[BUFFERS];
static unsigned sending;
static bool receiving;

static void buffer_give(unsigned id)
{
	io_uring_buf_ring_add(free_buffers, buffers[id], ECHO_ROOM, (unsigned short)id,
			      io_uring_buf_ring_mask(BUFFERS), 0);
	io_uring_buf_ring_advance(free_buffers, 1);
}

/* The receive ends by itself when it finds no buffer, and at an empty datagram. */
static void receive_begin(void)
{
	struct io_uring_sqe *e = io_uring_get_sqe(&io);

	io_uring_prep_recvmsg_multishot(e, echo.fd, &layout, 0);
	e->flags |= IOSQE_BUFFER_SELECT;
	e->buf_group = GROUP;
	io_uring_sqe_set_data64(e, RECEIVE);
	receiving = true;
}

static void send_begin(unsigned id, struct io_uring_recvmsg_out *head, size_t len)
{
	struct answer *a = &answers[id];
	struct io_uring_sqe *e = io_uring_get_sqe(&io);

	a->piece = (struct iovec){io_uring_recvmsg_payload(head, &layout), len};
	a->message = (struct msghdr){.msg_name = io_uring_recvmsg_name(head),
				     .msg_namelen = head->namelen,
				     .msg_iov = &a->piece,
				     .msg_iovlen = 1};
	io_uring_prep_sendmsg(e, echo.fd, &a->message, 0);
	io_uring_sqe_set_data64(e, id);
	sending++;
}

static void on_received(int result, unsigned flags)
{
	unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;
	struct io_uring_recvmsg_out *head;
	size_t len;

	if (!(flags & IORING_CQE_F_MORE))
		receiving = false;
	if (!(flags & IORING_CQE_F_BUFFER))
		return;
	head = io_uring_recvmsg_validate(buffers[id], result, &layout);
	len = head ? io_uring_recvmsg_payload_length(head, result, &layout) : 0;
	if (head &&
	    echo_received(&echo, io_uring_recvmsg_name(head), head->namelen, len))
		send_begin(id, head, len);
	else
		buffer_give(id);
}

static void on_sent(unsigned id, int result)
{
	sending--;
	echo_sent(&echo, result);
	buffer_give(id);
}

/* Submit what the last turn brought, wait for something to end, and look at it. */
static void turn(void)
{
	int n = io_uring_submit_and_wait(&io, 1);
	struct io_uring_cqe *e;
	unsigned head, seen = 0;

	if (n < 0 && n != -EINTR)
		poll(NULL, 0, SHORTAGE_MS);
	io_uring_for_each_cqe(&io, head, e)
	{
		uint64_t of = io_uring_cqe_get_data64(e);

		if (of == RECEIVE)
			on_received(e->res, e->flags);
		else if (of < BUFFERS)
			on_sent((unsigned)of, e->res);
		seen++;
	}
	io_uring_cq_advance(&io, seen);
}

static void ring_setup(void)
{
	int err = io_uring_queue_init(
		ENTRIES, &io, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
	struct io_uring_buf_reg group = {.ring_entries = BUFFERS, .bgid = GROUP};
	void *memory;

	if (err < 0)
		server_cannot("set up an io_uring (it takes Linux 6.1; "
			      "kernel.io_uring_disabled and seccomp may forbid it)",
			      -err);
	err = posix_memalign(&memory, 4096, BUFFERS * sizeof(struct io_uring_buf));
	if (err)
		server_cannot("set up the ring of buffers", err);
	free_buffers = memory;
	group.ring_addr = (uintptr_t)memory;
	err = io_uring_register_buf_ring(&io, &group, 0);
	if (err < 0)
		server_cannot("set up the ring of buffers", -err);
	io_uring_buf_ring_init(free_buffers);
	for (unsigned id = 0; id < BUFFERS; id++)
		buffer_give(id);
}

/* What is in the kernel's hands ends first; what waits in the socket goes the plain
 * way. */
static void drain(void)
{
	static struct echo_datagram d;
	struct io_uring_sqe *e = io_uring_get_sqe(&io);
	int came = 0;

	echo_close(&echo);
	io_uring_prep_cancel64(e, RECEIVE, 0);
	io_uring_sqe_set_data64(e, CANCEL);
	while (receiving || sending)
		turn();
	io_uring_queue_exit(&io);
	while (came != -ECANCELED) {
		came = echo_receive(&echo, &d, MSG_DONTWAIT);
		if (came == 1)
			echo_send(&echo, &d, 0);
	}
}

int main(int argc, char **argv)
{
	server_setup(&server, argc, argv, &about);
	echo_setup(&echo, &server, server.listener);
	ring_setup();
	server_ready(&server);

	while (!server_stopping()) {
		if (!receiving && sending < BUFFERS)
			receive_begin();
		turn();
	}
	drain();
	return server_finish(&server);
}
