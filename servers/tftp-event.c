/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp-event.c - the dual of tftp-thread.c: a port of its own for each open file, and
 * the "multiwait" that Jones's thread per open file avoids (lecture 31 of 22C:116,
 * 1998, section 5).  One epoll(7) loop; a transfer is a state machine and a timer. */
#include "config.h"

#include "tftp/tftp_machine.h"
#include "tftp/transfer.h"
#include "timer_heap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static const struct about about = {
	.name = "tftp-event",
	.family = "event",
	.style = "event",
	.summary = "TFTP: one epoll loop, one port per open file",
	.udp = "tftp",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.connections_max = TRANSFERS_MAX,
	.own = transfer_options,
	.own_counters = transfer_counters,
};

enum { EVENTS = 64, REQUESTS = 16 };

struct open_file {
	struct transfer transfer;
	struct tftp_machine machine;
	struct timer timer;
	char packet[]; /* for a DATA of the block's size, or another reply */
};

static struct server server;
static struct timer_heap timers;
static int epfd;

static void close_file(struct open_file *f, int result)
{
	timer_cancel(&timers, &f->timer);
	transfer_close(&f->transfer, result); /* leaves the epoll set with it */
	free(f);
}

/* Send, and see to it that something will come: an answer, or the time. */
static int send_packet(struct open_file *f)
{
	struct tftp_machine *m = &f->machine;
	bool again = m->want == TFTP_WANT_REPEAT || m->sent > 0;
	bool waits_anew = m->want == TFTP_WANT_SEND;

	if (m->dallies && m->sent == 0)
		transfer_idle(&f->transfer);
	transfer_send(&f->transfer, m->packet, m->packet_len, again);
	tftp_sent(m);
	return waits_anew ? timer_arm(&timers, &f->timer, timer_now() + m->patience_ns)
			  : 0;
}

/* Do what the machine wants until it has to wait. */
static void advance(struct open_file *f)
{
	struct tftp_machine *m = &f->machine;
	struct tftp_file *file = &f->transfer.file;
	int err = 0;

	while (m->want != TFTP_WANT_WAIT && m->want != TFTP_WANT_END && err == 0) {
		if (m->want == TFTP_WANT_FILL)
			tftp_filled(m, tftp_file_read(file, m->packet + TFTP_HEAD,
						      m->room));
		else if (m->want == TFTP_WANT_STORE)
			tftp_stored(m, tftp_file_write(file, m->stored, m->stored_len));
		else if (m->want == TFTP_WANT_COMMIT)
			tftp_committed(m, tftp_file_commit(file));
		else
			err = send_packet(f);
	}
	if (err < 0 || m->want == TFTP_WANT_END)
		close_file(f, err < 0 ? err : m->result);
}

static void on_timer(struct timer *t)
{
	struct open_file *f =
		(struct open_file *)((char *)t - offsetof(struct open_file, timer));

	tftp_expired(&f->machine);
	advance(f);
}

static void on_datagram(struct open_file *f)
{
	static char datagram[TRANSFER_DATAGRAM];
	ssize_t n = transfer_receive(&f->transfer, datagram, MSG_DONTWAIT);

	if (n == -ECANCELED) {
		close_file(f, 0);
	} else if (n >= 0) {
		tftp_received(&f->machine, datagram, (size_t)n);
		advance(f);
	}
}

static int watch(int fd, void *what)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = what};

	return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static void open_file(struct transfer *t)
{
	size_t block = t->request.block;
	struct open_file *f = calloc(1, sizeof *f + TFTP_REPLY_MAX + block);
	int err;

	if (!f) {
		transfer_refuse(t, ENOMEM);
		return;
	}
	f->transfer = *t;
	if (transfer_open(&f->transfer) < 0) {
		free(f);
		return;
	}
	f->timer.expired = on_timer;
	tftp_machine_init(&f->machine, &f->transfer.request, f->packet,
			  transfer_timeout_ns(&f->transfer));
	err = watch(f->transfer.fd, f);
	if (err < 0)
		close_file(f, err);
	else
		advance(f);
}

/* A few at a time: the open files come first. */
static void on_requests(void)
{
	static struct transfer next;
	int err = 0;

	for (int i = 0; i < REQUESTS && err != -EAGAIN && err != -ECANCELED; i++) {
		err = transfer_await(&server, &next, MSG_DONTWAIT);
		if (err == 0 && server_full(&server))
			transfer_refuse(&next, EAGAIN);
		else if (err == 0)
			open_file(&next);
	}
	if (err == -ECANCELED) /* shut down, it would be reported for ever */
		epoll_ctl(epfd, EPOLL_CTL_DEL, server.listener, NULL);
}

/* Wait until something is ready, or the next timer is due. */
static int wait_for_events(struct epoll_event *events)
{
	struct timespec left;
	int n = epoll_pwait2(epfd, events, EVENTS,
			     timer_left(timer_next(&timers), &left), NULL);

	if (n < 0 && errno != EINTR)
		server_cannot("wait for events", errno); /* ENOSYS: before Linux 5.11 */
	return n;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];

	server_setup(&server, argc, argv, &about);
	transfer_setup(&server);
	epfd = MUST(epoll_create1(EPOLL_CLOEXEC));
	MUST(watch(server.listener, &server));
	server_ready(&server);

	while (!server_stopping() || server.live > 0) {
		int n = wait_for_events(events);
		bool requests = false;
		struct timer *t;

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == &server)
				requests = true;
			else
				on_datagram(events[i].data.ptr);
		}
		while (timers.used && (t = timer_expired(&timers, timer_now())))
			t->expired(t);
		if (requests)
			on_requests();
	}
	return server_finish(&server);
}
