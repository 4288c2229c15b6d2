/* SPDX-License-Identifier: BSD-2-Clause */
/* transfer.c - the request port, and the port of each open file (a "transfer ID", RFC
 * 1350 section 4): sockets and counters, blocking or not as the variant asks. */
#include "config.h"

#include "transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNTER_RETRANSMITS = COUNTERS, TIMEOUT_MS = 1000, TIMEOUT_MS_MAX = 30000 };

static unsigned long timeout_ms = TIMEOUT_MS;
static int root = -1;

static bool timeout_set(const char *value)
{
	char *end;

	timeout_ms = strtoul(value, &end, 10);
	return *value >= '0' && *value <= '9' && !*end && timeout_ms >= 1 &&
	       timeout_ms <= TIMEOUT_MS_MAX;
}

const struct own_option transfer_options[] = {
	{"timeout", "MS", "send again after this long: 1 to 30000 (1000)", timeout_set},
	{NULL, NULL, NULL, NULL},
};

const char *const transfer_counters[] = {"retransmits", NULL};

/* IP_PKTINFO tells which address a request was sent to: a reply must come from it, and
 * one to a broadcast address must have none. */
void transfer_setup(struct server *s)
{
	int on = 1;

	root = tftp_root_open(s->root);
	if (root < 0) {
		fprintf(stderr, "--root %s: %s\n", s->root, strerror(-root));
		exit(2);
	}
	MUST(setsockopt(s->listener, IPPROTO_IP, IP_PKTINFO, &on, sizeof on));
}

uint64_t transfer_timeout_ns(const struct transfer *t)
{
	return t->request.timeout_s ? t->request.timeout_s * UINT64_C(1000000000)
				    : timeout_ms * UINT64_C(1000000);
}

/* Nobody can be answered at port 0, and many would be at a group's address. */
static bool is_answerable(const struct sockaddr_in *peer)
{
	in_addr_t address = ntohl(peer->sin_addr.s_addr);

	return peer->sin_port != 0 && address != INADDR_ANY && !IN_MULTICAST(address) &&
	       !IN_BADCLASS(address);
}

/* Was it sent to an address of ours alone?  RFC 1123 section 4.2.3.5: not to answer a
 * broadcast.  ip(7): ipi_addr is the packet's destination, ipi_spec_dst ours. */
static bool is_to_us(struct msghdr *m, struct in_addr *local)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in_pktinfo info;

	if (!c || c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
		return false;
	memcpy(&info, CMSG_DATA(c), sizeof info);
	*local = info.ipi_addr;
	return info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr;
}

int transfer_await(struct server *s, struct transfer *t, int flags)
{
	char bytes[TFTP_REQUEST_MAX + 1];
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct iovec iov = {bytes, sizeof bytes};
	struct msghdr m = {.msg_name = &t->peer,
			   .msg_namelen = sizeof t->peer,
			   .msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof control};
	ssize_t n = recvmsg(s->listener, &m, flags);
	int err;

	if (server_stopping())
		return -ECANCELED;
	if (n < 0)
		return errno == EAGAIN ? -EAGAIN : -ENOMSG;
	t->server = s;
	t->fd = -1;
	t->idle = false;
	counter_add(s->counters, COUNTER_BYTES_IN, (uint64_t)n);
	if (!is_to_us(&m, &t->local) || !is_answerable(&t->peer))
		return -ENOMSG;
	err = tftp_request_parse(&t->request, bytes, (size_t)n);
	if (err == -ENOMSG)
		return err;
	if (err < 0) {
		transfer_refuse(t, -err);
		return -ENOMSG;
	}
	return 0;
}

static void send_from(const struct transfer *t, int fd, const struct sockaddr_in *to,
		      const void *packet, size_t len)
{
	ssize_t n = sendto(fd, packet, len, MSG_DONTWAIT | MSG_NOSIGNAL,
			   (const struct sockaddr *)to, sizeof *to);

	if (n > 0)
		counter_add(t->server->counters, COUNTER_BYTES_OUT, (uint64_t)n);
}

static void send_error(const struct transfer *t, int fd, const struct sockaddr_in *to,
		       int error)
{
	char packet[TFTP_REPLY_MAX];

	counter_add(t->server->counters, COUNTER_ERRORS, 1);
	send_from(t, fd, to, packet, tftp_put_error(packet, error));
}

static bool is_shortage(int error)
{
	return error == EAGAIN || error == EMFILE || error == ENFILE || error == ENOMEM;
}

void transfer_refuse(struct transfer *t, int error)
{
	counter_add(t->server->counters, COUNTER_REQUESTS, 1);
	if (is_shortage(error))
		counter_add(t->server->counters, COUNTER_REFUSED, 1);
	send_error(t, t->server->listener, &t->peer, error);
}

static int port_open(struct transfer *t)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = t->local};

	t->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return -errno;
	return bind(t->fd, (struct sockaddr *)&any, sizeof any) < 0 ? -errno : 0;
}

int transfer_open(struct transfer *t)
{
	int err = port_open(t);

	if (err == 0)
		err = tftp_file_open(&t->file, root, &t->request);
	if (err < 0) {
		transfer_refuse(t, -err);
		if (t->fd >= 0)
			close(t->fd);
		return err;
	}
	counter_add(t->server->counters, COUNTER_REQUESTS, 1);
	server_begin(t->server);
	return 0;
}

void transfer_send(struct transfer *t, const void *packet, size_t len, bool again)
{
	if (again)
		counter_add(t->server->counters, COUNTER_RETRANSMITS, 1);
	send_from(t, t->fd, &t->peer, packet, len);
}

static bool is_error(const void *bytes, ssize_t len)
{
	return len >= 2 && memcmp(bytes, (const char[]){0, TFTP_ERROR}, 2) == 0;
}

ssize_t transfer_receive(struct transfer *t, void *to, int flags)
{
	struct sockaddr_in from = {0};
	socklen_t from_len = sizeof from;
	ssize_t n = recvfrom(t->fd, to, TRANSFER_DATAGRAM, flags,
			     (struct sockaddr *)&from, &from_len);

	if (t->idle && server_stopping())
		return -ECANCELED;
	if (n < 0)
		return -EAGAIN;
	counter_add(t->server->counters, COUNTER_BYTES_IN, (uint64_t)n);
	if (from.sin_port == t->peer.sin_port &&
	    from.sin_addr.s_addr == t->peer.sin_addr.s_addr)
		return n;
	/* Never an ERROR for an ERROR: two servers could go on for ever. */
	if (is_answerable(&from) && !is_error(to, n))
		send_error(t, t->fd, &from, ENXIO);
	return -EAGAIN;
}

void transfer_idle(struct transfer *t)
{
	t->idle = true;
	server_idle(t->fd);
}

void transfer_close(struct transfer *t, int result)
{
	if (result == -ECONNRESET || result == -ETIMEDOUT)
		counter_add(t->server->counters, COUNTER_RESETS, 1);
	else if (result < 0)
		send_error(t, t->fd, &t->peer, -result);
	tftp_file_close(&t->file);
	server_closed(t->server, t->fd);
}
