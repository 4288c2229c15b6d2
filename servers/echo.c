/* SPDX-License-Identifier: BSD-2-Clause */
/* echo.c - datagrams go back; see echo.h. */
#include "config.h"

#include "echo.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

/* Every datagram received is one of the first two, or refused. */
enum { ECHOES = COUNTERS, SEND_FAILURES, SOCKET_DROPS };

const char *const echo_counters[] = {"echoes", "send_failures", "socket_drops", NULL};

enum { LOOK_EVERY = 1024 };

/* What the kernel dropped before it reached us, for want of room above all; told by
 * SO_MEMINFO once, and not with every datagram as by SO_RXQ_OVFL (socket(7)). */
static void drops_look(struct echo *e)
{
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof memory;

	e->since_look = 0;
	if (getsockopt(e->fd, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0)
		return;
	counter_add(e->server->counters, SOCKET_DROPS,
		    memory[SK_MEMINFO_DROPS] - e->drops);
	e->drops = memory[SK_MEMINFO_DROPS];
}

void echo_setup(struct echo *e, struct server *s, int fd)
{
	struct sockaddr_in6 bound;
	socklen_t len = sizeof bound;

	*e = (struct echo){.server = s, .fd = fd};
	MUST(getsockname(fd, (struct sockaddr *)&bound, &len));
	e->own_port = bound.sin6_port; /* where an IPv4 address has it, too */
}

/* To another echo server, be it this one by a forged address, one datagram would go
 * back and forth for ever; as inetd does, the own port stands for all of them.  Port 0
 * is nobody's. */
static bool is_answerable(const struct echo *e, const void *from)
{
	in_port_t port = ((const struct sockaddr_in *)from)->sin_port;

	return port != 0 && port != e->own_port;
}

bool echo_received(struct echo *e, const void *from, socklen_t from_len, size_t len)
{
	struct counters *c = e->server->counters;

	if (from_len == 0)
		return false;
	counter_add(c, COUNTER_REQUESTS, 1);
	counter_add(c, COUNTER_BYTES_IN, len);
	if (++e->since_look >= LOOK_EVERY && !e->closed)
		drops_look(e);
	if (is_answerable(e, from))
		return true;
	counter_add(c, COUNTER_REFUSED, 1);
	return false;
}

void echo_sent(struct echo *e, ssize_t result)
{
	if (result < 0) {
		counter_add(e->server->counters, SEND_FAILURES, 1);
		return;
	}
	counter_add(e->server->counters, ECHOES, 1);
	counter_add(e->server->counters, COUNTER_BYTES_OUT, (uint64_t)result);
}

/* shutdown(2) wakes who waits, but a UDP port goes on to take datagrams in.  A filter
 * that drops them ends that; what it drops is not counted. */
void echo_close(struct echo *e)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog filter = {1, &none};

	if (e->closed)
		return;
	e->closed = true;
	drops_look(e);
	/* Without one the end comes when they pause, or after 5 s. */
	(void)setsockopt(e->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

int echo_receive(struct echo *e, struct echo_datagram *d, int flags)
{
	ssize_t n;

	if (server_stopping()) {
		echo_close(e);
		flags |= MSG_DONTWAIT;
	}
	d->from_len = sizeof d->from;
	n = recvfrom(e->fd, d->bytes, ECHO_MAX, flags, &d->from.any, &d->from_len);
	if (n < 0 && errno == EAGAIN)
		return e->closed ? -ECANCELED : -EAGAIN;
	if (n < 0)
		return 0;
	d->len = (size_t)n;
	return echo_received(e, &d->from, d->from_len, d->len);
}

int echo_send(struct echo *e, const struct echo_datagram *d, int flags)
{
	ssize_t n;

	do
		n = sendto(e->fd, d->bytes, d->len, flags, &d->from.any, d->from_len);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return -EAGAIN;
	echo_sent(e, n);
	return 0;
}
