/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection; see connection.h.  A request costs one send and one recv: epoll is
 * level triggered, so no second recv has to find the socket empty, and what a
 * connection is watched for changes only if connecting takes time. */
#include "config.h"

#include "harness/load/connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* Connections from one source address before the next one's turn.  A closed one
	 * holds its port in TIME-WAIT (RFC 9293 section 3.3.2), and connect() searches
	 * ever longer for a free one of the 28,232 that Linux offers. */
	DIALS_PER_SOURCE = 4096,
	SOURCES = 250, /* 127.0.0.2 to 127.0.0.251 */
};

void dialer_open(struct dialer *dialer, const struct sockaddr_in *to, int epoll_fd,
		 uint64_t verify_every)
{
	dialer->to = *to;
	dialer->epoll_fd = epoll_fd;
	dialer->verify_every = verify_every;
	dialer->dialed = 0;
	dialer->source = 0;
	dialer->many_sources = ntohl(to->sin_addr.s_addr) >> 24 == 127;
}

static void source_advance(struct dialer *dialer)
{
	dialer->source = dialer->source % SOURCES + 1;
}

/* IP_BIND_ADDRESS_NO_PORT (ip(7)): the port is chosen by connect, for this destination
 * only, so that a port can serve several source addresses at once. */
static int source_bind(const struct dialer *dialer, int fd)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + dialer->source),
	};
	int on = 1;
	if (dialer->source == 0)
		return 0;
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) < 0)
		return -errno;
	return bind(fd, (struct sockaddr *)&from, sizeof from) < 0 ? -errno : 0;
}

/* No TCP_NODELAY: a request is one small write and the last one was acknowledged by its
 * reply, so Nagle's algorithm (RFC 896) never has a reason to wait. */
static int dial_once(struct connection *connection, const struct dialer *dialer)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int error = source_bind(dialer, fd);
	if (error == 0 &&
	    connect(fd, (const struct sockaddr *)&dialer->to, sizeof dialer->to) < 0 &&
	    errno != EINPROGRESS)
		error = -errno;
	if (error) {
		close(fd);
		return error;
	}
	connection->fd = fd;
	return 0;
}

int connection_dial(struct connection *connection, struct dialer *dialer)
{
	if (dialer->many_sources && ++dialer->dialed % DIALS_PER_SOURCE == 0)
		source_advance(dialer);
	int error = dial_once(connection, dialer);
	if (error != -EADDRNOTAVAIL || !dialer->many_sources)
		return error;
	source_advance(dialer);
	return dial_once(connection, dialer);
}

static int watch(struct connection *connection, const struct dialer *dialer,
		 int operation, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = connection};
	int fd = connection->fd;
	return epoll_ctl(dialer->epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
}

static int connect_wait(int fd, int timeout_ms)
{
	struct pollfd writable = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t length = sizeof error;
	int ready = poll(&writable, 1, timeout_ms);
	if (ready < 0)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		return -errno;
	return -error;
}

int connection_settle(struct connection *connection, struct dialer *dialer,
		      int timeout_ms)
{
	int error = connect_wait(connection->fd, timeout_ms);
	if (error == 0)
		error = watch(connection, dialer, EPOLL_CTL_ADD, EPOLLIN);
	if (error)
		connection_close(connection);
	return error;
}

void connection_load(struct connection *connection, struct target *target)
{
	connection->target = target;
	connection->busy = true;
	connection->written = 0;
	http_begin(&connection->head);
}

int connection_send(struct connection *connection, struct dialer *dialer, bool fresh)
{
	const struct target *target = connection->target;
	ssize_t sent = send(connection->fd, target->request + connection->written,
			    target->request_length - connection->written, MSG_NOSIGNAL);
	/* EAGAIN is also what a socket says that is not connected yet.  On loopback it
	 * mostly is: the handshake has run before connect() returns. */
	if (sent < 0 && errno != EAGAIN)
		return -errno;
	if (sent > 0)
		connection->written += (size_t)sent;
	bool rest = connection->written < target->request_length;
	if (!fresh && rest == connection->awaits_output)
		return 0;
	connection->awaits_output = rest;
	return watch(connection, dialer, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
		     rest ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static enum outcome reply_outcome(struct connection *connection)
{
	if (connection->head.status != 200)
		return OUTCOME_BAD_STATUS;
	return verify_end(&connection->body, &connection->target->known)
		       ? OUTCOME_GOOD
		       : OUTCOME_BAD_BODY;
}

/* Takes what was read: the rest of the head, then of the body. */
static int reply_take(struct connection *connection, const struct dialer *dialer,
		      const char *bytes, size_t count)
{
	struct http_head *head = &connection->head;
	struct verify_body *body = &connection->body;
	if (!head->done) {
		ssize_t used = http_feed(head, bytes, count);
		if (used < 0)
			return (int)used;
		if (!head->done)
			return -EAGAIN;
		bytes += used;
		count -= (size_t)used;
		verify_begin(body, &connection->target->known, dialer->verify_every);
	}
	/* Only one reply was asked for: more bytes than its body has cannot be right.
	 */
	if (!head->until_eof && count > head->length - body->length)
		return -EPROTO;
	verify_bytes(body, bytes, count);
	return !head->until_eof && body->length == head->length ? 0 : -EAGAIN;
}

int connection_receive(struct connection *connection, struct dialer *dialer,
		       enum outcome *outcome, uint64_t *bytes)
{
	int error;
	ssize_t count = recv(connection->fd, dialer->buffer, sizeof dialer->buffer, 0);
	if (count < 0)
		return -errno;
	if (count > 0) {
		*bytes += (uint64_t)count;
		error = reply_take(connection, dialer, dialer->buffer, (size_t)count);
	} else {
		bool whole = connection->head.done && connection->head.until_eof;
		error = whole ? 0 : -ECONNRESET;
	}
	if (error == 0)
		*outcome = reply_outcome(connection);
	return error;
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
	connection->awaits_output = false;
	http_release(&connection->head);
}

enum outcome connection_outcome(int error)
{
	switch (-error) {
	case ECONNREFUSED:
		return OUTCOME_REFUSED;
	case ETIMEDOUT:
		return OUTCOME_TIMEOUT;
	case ECONNRESET:
	case EPIPE:
		return OUTCOME_RESET;
	default:
		return OUTCOME_ERROR;
	}
}
