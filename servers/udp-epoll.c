/* SPDX-License-Identifier: BSD-2-Clause */
/* udp-epoll.c - udp-thread.c turned inside out: the one place to wait is epoll(7), and
 * neither receiving nor sending ever blocks.  A datagram that there is no room to send
 * stays in hand, and until it has gone the loop waits for that room alone: the kernel's
 * queue fills meanwhile, and overflows, as it does for a thread that blocks. */
#include "config.h"

#include "echo.h"

#include <errno.h>
#include <sys/epoll.h>

static const struct about about = {
	.name = "udp-epoll",
	.family = "event",
	.style = "event",
	.summary = "UDP echo: one epoll loop, a receive and a send each",
	.udp = "udp",
	.echo = true,
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = echo_counters,
};

enum { TURN = 64 }; /* datagrams */

static struct server server;
static struct echo echo;
static struct echo_datagram datagram;
static bool in_hand; /* received, and not yet sent */

/* The socket is ready for what was waited for.  Returns as echo_receive. */
static int turn(void)
{
	int came = 0;

	for (int i = 0; i < TURN && came >= 0; i++) {
		if (!in_hand) {
			came = echo_receive(&echo, &datagram, MSG_DONTWAIT);
			in_hand = came == 1;
		}
		if (in_hand && echo_send(&echo, &datagram, MSG_DONTWAIT) < 0)
			return -EAGAIN;
		in_hand = false;
	}
	return came;
}

int main(int argc, char **argv)
{
	struct epoll_event e = {.events = EPOLLIN};
	int epfd, came = 0;

	server_setup(&server, argc, argv, &about);
	echo_setup(&echo, &server, server.listener);
	epfd = MUST(epoll_create1(EPOLL_CLOEXEC));
	MUST(epoll_ctl(epfd, EPOLL_CTL_ADD, echo.fd, &e));
	server_ready(&server);

	while (came != -ECANCELED) {
		uint32_t waits_for = in_hand ? EPOLLOUT : EPOLLIN;

		if (e.events != waits_for) {
			e.events = waits_for;
			MUST(epoll_ctl(epfd, EPOLL_CTL_MOD, echo.fd, &e));
		}
		if (epoll_wait(epfd, &(struct epoll_event){0}, 1, -1) > 0)
			came = turn();
	}
	return server_finish(&server);
}
