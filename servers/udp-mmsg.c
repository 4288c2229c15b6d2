/* SPDX-License-Identifier: BSD-2-Clause */
/* udp-mmsg.c - udp-thread.c with what waits taken in one system call and sent back in
 * another (recvmmsg(2), sendmmsg(2)): the busier it is, the fewer calls a datagram, as
 * with the batches of a staged server (Welsh, Culler, Brewer, SEDA, 2001, section 4.2).
 */
#include "config.h"

#include "echo.h"

#include <errno.h>
#include <sys/socket.h>

static const struct about about = {
	.name = "udp-mmsg",
	.family = "thread",
	.style = "direct",
	.summary = "UDP echo: one thread, up to 64 datagrams a system call",
	.udp = "udp",
	.echo = true,
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = echo_counters,
};

enum { BATCH = 64 };

static struct server server;
static struct echo echo;
static struct echo_datagram datagrams[BATCH];
static struct mmsghdr came[BATCH], to_send[BATCH];
static struct iovec pieces[BATCH];

/* Make those room for any datagram that were used last. */
static void rooms_empty(int n)
{
	for (int i = 0; i < n; i++) {
		pieces[i] = (struct iovec){datagrams[i].bytes, ECHO_MAX};
		came[i].msg_hdr = (struct msghdr){
			.msg_name = &datagrams[i].from,
			.msg_namelen = sizeof datagrams[i].from,
			.msg_iov = &pieces[i],
			.msg_iovlen = 1,
		};
	}
}

/* Wait for one, and take what else is there.  Returns their number or -errno. */
static int receive_batch(void)
{
	int flags = MSG_WAITFORONE, n;

	if (server_stopping()) {
		echo_close(&echo);
		flags = MSG_DONTWAIT;
	}
	n = recvmmsg(echo.fd, came, BATCH, flags, NULL);
	return n < 0 ? -errno : n;
}

/* Those to send back keep room, name and length.  Returns their number. */
static int answer_batch(int n)
{
	int answers = 0;

	for (int i = 0; i < n; i++) {
		const struct msghdr *m = &came[i].msg_hdr;

		if (!echo_received(&echo, m->msg_name, m->msg_namelen, came[i].msg_len))
			continue;
		m->msg_iov->iov_len = came[i].msg_len;
		to_send[answers++].msg_hdr = *m;
	}
	return answers;
}

/* The call ends at one that cannot be sent: go on behind it. */
static void send_batch(int n)
{
	for (int sent = 0; sent < n;) {
		int more = sendmmsg(echo.fd, &to_send[sent], (unsigned)(n - sent), 0);

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0) {
			echo_sent(&echo, -errno);
			sent++;
		}
		for (int i = 0; i < more; i++)
			echo_sent(&echo, to_send[sent++].msg_len);
	}
}

int main(int argc, char **argv)
{
	int n = 0;

	rooms_empty(BATCH);
	server_setup(&server, argc, argv, &about);
	echo_setup(&echo, &server, server.listener);
	server_ready(&server);

	while (!(n == -EAGAIN && echo.closed)) {
		n = receive_batch();
		send_batch(answer_batch(n));
		rooms_empty(n);
	}
	return server_finish(&server);
}
