/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of the load; see udp_socket.h. */
#include "config.h"

#include "harness/load/udp_socket.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "harness/clock.h"

enum {
	/* For a client that is kept from its CPU for a moment: 30 ms at 1 Gb/s. Without
	 * the right to, net.core.rmem_max bounds it. */
	ROOM = 4 << 20,
	PROBE_NS = 100000000,
	PROBES = 30,
};

static void watch(struct udp_socket *s, int epoll_fd, int operation, bool output)
{
	struct epoll_event event = {.events = EPOLLIN | (output ? EPOLLOUT : 0U),
				    .data.ptr = s};

	epoll_ctl(epoll_fd, operation, s->fd, &event);
}

void udp_socket_watch(struct udp_socket *s, int epoll_fd, bool output)
{
	watch(s, epoll_fd, EPOLL_CTL_MOD, output);
}

/* Only so is it told that a queue on the way out was full (ENOBUFS), and not as if it
 * had been sent; ip(7). */
static void errors_ask(const struct udp_socket *s, const union url_address *server)
{
	int on = 1;

	if (server->any.sa_family == AF_INET6)
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
	else
		setsockopt(s->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

/* And what it is told of stays in a queue until it is taken. */
int udp_socket_error(const struct udp_socket *s)
{
	struct msghdr nothing = {.msg_name = NULL};
	int error = 0;
	socklen_t length = sizeof error;

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	while (recvmsg(s->fd, &nothing, MSG_ERRQUEUE) >= 0)
		continue;
	return -error;
}

int udp_socket_open(struct udp_socket *s, const union url_address *server, int epoll_fd)
{
	int room = ROOM;

	*s = (struct udp_socket){.fd = -1};
	s->fd = socket(server->any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       0);
	if (s->fd < 0)
		return -errno;
	if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
		setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	errors_ask(s, server);
	if (connect(s->fd, &server->any, sizeof *server) < 0) {
		int error = -errno;

		udp_socket_close(s);
		return error;
	}
	watch(s, epoll_fd, EPOLL_CTL_ADD, false);
	return 0;
}

void udp_socket_close(struct udp_socket *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

uint64_t udp_socket_drops(const struct udp_socket *s)
{
	uint32_t memory[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof memory;

	getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, memory, &length);
	return memory[SK_MEMINFO_DROPS];
}

/* 0: the probe has come back; -EAGAIN: nothing has yet. */
static int probe_answer(const struct udp_socket *s, const struct udp_payload *payload)
{
	static unsigned char bytes[UDP_SIZE_MOST + 1];
	struct udp_head head;
	ssize_t length = recv(s->fd, bytes, sizeof bytes, 0);

	if (length < 0)
		return -errno;
	if (udp_payload_read(payload, bytes, (size_t)length, &head) &&
	    head.number == UINT64_MAX)
		return 0;
	return -EBADMSG;
}

static int probe_once(const struct udp_socket *s, const struct udp_payload *payload)
{
	struct udp_head head = {UINT64_MAX, clock_now_ns()};
	struct iovec pieces[UDP_PIECES];
	struct pollfd ready = {.fd = s->fd, .events = POLLIN};
	const struct timespec patience = {.tv_nsec = PROBE_NS};

	udp_payload_pieces(payload, &head, pieces);
	if (writev(s->fd, pieces, UDP_PIECES) < 0)
		return -errno;
	return ppoll(&ready, 1, &patience, NULL) > 0 ? probe_answer(s, payload)
						     : -EAGAIN;
}

int udp_socket_probe(const struct udp_socket *s, const struct udp_payload *payload)
{
	int error = -EAGAIN;

	for (int i = 0; i < PROBES && error == -EAGAIN; i++)
		error = probe_once(s, payload);
	return error == -EAGAIN ? -ETIMEDOUT : error;
}
