/* SPDX-License-Identifier: BSD-2-Clause */
/* session.c - read a request, answer it, until the connection ends. */
#include "config.h"

#include "session.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int kernel_readable(int fd, uint64_t timeout_ns)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, (int)(timeout_ns / 1000000));
}

void kernel_sleep_ns(uint64_t ns)
{
	struct timespec left = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

static ssize_t fill(int fd, const struct io *io, struct buffer *in,
		    const struct service *service)
{
	size_t len;
	char *room = buffer_room(in, &len);
	ssize_t n;

	do
		n = io->read(fd, room, len);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	counter_add(service->counters, COUNTER_BYTES_IN, (uint64_t)n);
	in->end += (size_t)n;
	return n;
}

/* The next request, read to its head's end.  Returns 1; the status a malformed head
 * earns; 0 at the end of the input; or -errno. */
static int request_read(int fd, const struct io *io, struct buffer *in,
			struct exchange *x, const struct service *service)
{
	ssize_t taken, n;

	while ((taken = http_parse(in->data + in->start, in->end - in->start,
				   &x->request)) == 0) {
		n = fill(fd, io, in, service);
		if (n <= 0)
			return (int)n;
	}
	if (taken < 0)
		return (int)-taken;
	in->start += (size_t)taken;
	return 1;
}

static void answer(const struct io *io, const struct service *service,
		   struct exchange *x)
{
	switch (service_begin(service, x)) {
	case EFFECT_NONE:
		break;
	case EFFECT_LOAD:
		service_finish(service, x, io->load(service, x));
		break;
	case EFFECT_WAIT:
		io->sleep_ns(x->effect_ns);
		service_finish(service, x, 0);
		break;
	case EFFECT_SPIN:
		service_spin(x->effect_ns);
		service_finish(service, x, 0);
		break;
	case EFFECT_FAN:
		service_finish(service, x, io->fan(&x->fan));
		break;
	}
}

static int reply_write(int fd, const struct io *io, struct exchange *x,
		       const struct service *service)
{
	struct iovec iov[EXCHANGE_PIECES];
	ssize_t sent;
	int n;

	while ((n = exchange_output(x, iov)) > 0) {
		sent = io->writev(fd, iov, n);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		counter_add(service->counters, COUNTER_BYTES_OUT, (uint64_t)sent);
		exchange_sent(x, (size_t)sent);
	}
	return 0;
}

/* RFC 9112 section 9.6: closing while input waits would reset the connection, and the
 * reset could overtake the reply. */
static void linger(int fd, const struct io *io, struct buffer *in,
		   const struct service *service)
{
	struct timespec t;
	uint64_t now, end = 0;

	shutdown(fd, SHUT_WR);
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		now = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
		end = end ? end : now + LINGER_NS;
		in->start = in->end = 0;
		if (now >= end || io->readable(fd, end - now) <= 0 ||
		    fill(fd, io, in, service) <= 0)
			return;
	}
}

int session_serve(int fd, const struct io *io, const struct service *service)
{
	struct buffer in; /* not zeroed: an idle connection must not touch stack it does
			     not use */
	struct exchange x;
	int result;

	in.start = in.end = 0;
	x.close = false;
	do {
		result = request_read(fd, io, &in, &x, service);
		if (result <= 0)
			break;
		if (result > 1)
			service_reject(service, &x, result);
		else
			answer(io, service, &x);
		result = reply_write(fd, io, &x, service);
		exchange_end(&x);
	} while (result == 0 && !x.close);

	if (result < 0)
		counter_add(service->counters, COUNTER_RESETS, 1);
	else if (x.close)
		linger(fd, io, &in, service);
	return result;
}
