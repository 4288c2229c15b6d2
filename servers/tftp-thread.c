/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp-thread.c - a file server after Jones, "Threads" (lecture 31 of 22C:116,
 * University of Iowa, 1998, section 5): it awaits requests on one port, and creates a
 * thread and a port of its own for each open file.  A transfer is straight-line code
 * that blocks for each answer; tftp-event.c is its dual. */
#include "config.h"

#include "tftp/transfer.h"
#include "timer_heap.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

static const struct about about = {
	.name = "tftp-thread",
	.family = "thread",
	.style = "direct",
	.summary = "TFTP: one POSIX thread and one port per open file",
	.udp = "tftp",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.connections_max = TRANSFERS_MAX,
	.own = transfer_options,
	.own_counters = transfer_counters,
};

enum { STACK_SIZE = 256 << 10 };

struct open_file {
	struct transfer transfer;
	struct tftp_awaited awaited;
	size_t packet_len, datagram_len;
	char packet[TFTP_HEAD + TFTP_BLOCK_MAX], datagram[TRANSFER_DATAGRAM];
};

static struct server server;
static sem_t room; /* for open files: --max-connections of them */

/* Await a datagram of the peer until then.  Returns 0 or -errno. */
static int await_datagram(struct open_file *f, uint64_t until_ns)
{
	struct pollfd p = {.fd = f->transfer.fd, .events = POLLIN};
	uint64_t now_ns;

	while ((now_ns = timer_now()) < until_ns) {
		uint64_t left_ns = until_ns - now_ns;
		struct timespec left = {(time_t)(left_ns / 1000000000),
					(long)(left_ns % 1000000000)};
		ssize_t n = -EAGAIN;

		if (ppoll(&p, 1, &left, NULL) > 0)
			n = transfer_receive(&f->transfer, f->datagram, MSG_DONTWAIT);
		f->datagram_len = n < 0 ? 0 : (size_t)n;
		if (n != -EAGAIN)
			return n < 0 ? (int)n : 0;
	}
	return -ETIMEDOUT;
}

/* Await what the packet just sent is to be answered with. */
static int await_answer(struct open_file *f, uint64_t patience_ns)
{
	uint64_t until_ns = timer_now() + patience_ns;

	for (;;) {
		int err = await_datagram(f, until_ns);

		if (err < 0)
			return err;
		switch (tftp_judge(&f->awaited, f->datagram, f->datagram_len)) {
		case TFTP_COME:
			return 0;
		case TFTP_AGAIN:
			transfer_send(&f->transfer, f->packet, f->packet_len, true);
			break;
		case TFTP_LATE:
			break;
		case TFTP_GONE:
			return -ECONNRESET;
		case TFTP_BROKEN:
			return -EPROTO;
		}
	}
}

/* Send the packet, again and again, until it is answered. */
static int exchange(struct open_file *f)
{
	uint64_t timeout_ns = transfer_timeout_ns(&f->transfer);
	int err = -ETIMEDOUT;

	for (unsigned sent = 0; sent < TFTP_TRIES && err == -ETIMEDOUT; sent++) {
		transfer_send(&f->transfer, f->packet, f->packet_len, sent > 0);
		err = await_answer(f, tftp_patience_ns(timeout_ns, sent));
	}
	return err;
}

static int send_file(struct open_file *f)
{
	size_t block = f->transfer.request.block;
	ssize_t len = (ssize_t)block;
	int err = 0;

	f->awaited = (struct tftp_awaited){.op = TFTP_ACK};
	f->packet_len = tftp_put_oack(f->packet, &f->transfer.request);
	if (f->packet_len)
		err = exchange(f);
	while (err == 0 && len == (ssize_t)block) {
		len = tftp_file_read(&f->transfer.file, f->packet + TFTP_HEAD, block);
		if (len < 0)
			return (int)len;
		f->packet_len =
			tftp_put_data(f->packet, ++f->awaited.block, (size_t)len);
		err = exchange(f);
	}
	return err;
}

/* The file is complete, but the last acknowledgement may be lost: stay to repeat it
 * (RFC 1350 section 6).  However this ends, it is a success. */
static void dally(struct open_file *f)
{
	transfer_idle(&f->transfer);
	transfer_send(&f->transfer, f->packet, f->packet_len, false);
	await_answer(f, TFTP_DALLY * transfer_timeout_ns(&f->transfer));
}

static int receive_file(struct open_file *f)
{
	size_t block = f->transfer.request.block, len = block;
	int err = 0;

	f->awaited = (struct tftp_awaited){TFTP_DATA, 1, (unsigned)block};
	f->packet_len = tftp_put_oack(f->packet, &f->transfer.request);
	if (!f->packet_len)
		f->packet_len = tftp_put_ack(f->packet, 0);
	while (err == 0 && len == block) {
		err = exchange(f);
		if (err < 0)
			return err;
		len = f->datagram_len - TFTP_HEAD;
		err = tftp_file_write(&f->transfer.file, f->datagram + TFTP_HEAD, len);
		f->packet_len = tftp_put_ack(f->packet, f->awaited.block++);
	}
	if (err == 0)
		err = tftp_file_commit(&f->transfer.file);
	if (err == 0)
		dally(f);
	return err;
}

static void *serve(void *arg)
{
	struct open_file *f = arg;
	struct transfer *t = &f->transfer;

	if (transfer_open(t) == 0)
		transfer_close(t, t->request.write ? receive_file(f) : send_file(f));
	free(f);
	sem_post(&room);
	return NULL;
}

static int start(const struct transfer *t, const pthread_attr_t *attr)
{
	struct open_file *f = malloc(sizeof *f);
	pthread_t thread;
	int err;

	if (!f)
		return ENOMEM;
	f->transfer = *t;
	err = pthread_create(&thread, attr, serve, f);
	if (err)
		free(f);
	return err;
}

static void on_request(struct transfer *t, const pthread_attr_t *attr)
{
	int err = sem_trywait(&room) < 0 ? EAGAIN : 0;

	if (err) {
		transfer_refuse(t, err);
		return;
	}
	err = start(t, attr);
	if (err) {
		transfer_refuse(t, err);
		sem_post(&room);
	}
}

int main(int argc, char **argv)
{
	static struct transfer next;
	pthread_attr_t attr;
	int err = 0;

	server_setup(&server, argc, argv, &about);
	transfer_setup(&server);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	MUST(sem_init(&room, 0, server.max_connections));
	server_ready(&server);

	while (err != -ECANCELED) {
		err = transfer_await(&server, &next, 0);
		if (err == 0)
			on_request(&next, &attr);
	}
	for (unsigned i = 0; i < server.max_connections; i++) /* until all have ended */
		while (sem_wait(&room) < 0)
			continue;
	return server_finish(&server);
}
