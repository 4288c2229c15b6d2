// SPDX-License-Identifier: BSD-2-Clause
// cxx-coroutine.cc - one C++20 coroutine per connection on epoll.c's loop.  It reads
// like session.c, yet has no stack: while it waits it is a heap frame of what must
// outlast the wait, laid out by the compiler.  That much has come of what von Behren,
// Condit and Brewer asked of compilers ("Why Events Are A Bad Idea", HotOS 2003,
// section 4).  A load or a spin stops them all.
#include "config.h"

#include <stdatomic.h> // as of C++23: _Atomic(T), in the core's headers, is std::atomic<T>

#include "coroutine.hh"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" // a function may be named as a struct, in C
extern "C" {
#include "setup.h"
}
#pragma GCC diagnostic pop

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct about about = {
	.name = "cxx-coroutine",
	.family = "reference",
	.style = "direct",
	.summary = "one C++20 coroutine per connection, one loop",
	.needs = "C++20",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
};

enum { ACCEPTS = 16 };

static struct server server;
static struct loop loop;
static struct descriptor listener(loop, -1);

// A connection lasts as long as its coroutine.
struct connection : descriptor {
	explicit connection(int accepted) : descriptor(loop, accepted)
	{
	}

	~connection()
	{
		server_closed(&server, fd); // leaves the epoll set with it, epoll(7)
		if (listener.fd >= 0)
			listener.watch(EPOLLIN); // there is room for one more
	}
};

// What it needs only while bytes wait.
struct work {
	work()
	{
		x.body.cache = nullptr;
		in.start = in.end = 0;
	}

	~work()
	{
		exchange_end(&x);
	}

	struct exchange x;
	struct buffer in;
};

// One read, which is a turn.  Returns bytes, 0 at the end of the input, or -errno.
static ssize_t fill(int fd, std::unique_ptr<work> &w)
{
	size_t len;
	ssize_t n;

	if (!w)
		w.reset(new (std::nothrow) work);
	if (!w)
		return -ENOMEM;
	char *room = buffer_room(&w->in, &len);
	n = read(fd, room, len);
	if (n < 0)
		return -errno;
	counter_add(server.counters, COUNTER_BYTES_IN, (uint64_t)n);
	w->in.end += (size_t)n;
	return n;
}

// The next request of those read.  Returns 1; the status a malformed head earns; or 0:
// it is not whole yet.
static int request_take(std::unique_ptr<work> &w)
{
	ssize_t taken;

	if (!w)
		return 0;
	taken = http_parse(w->in.data + w->in.start, w->in.end - w->in.start,
			   &w->x.request);
	if (taken < 0)
		return (int)-taken;
	w->in.start += (size_t)taken;
	if (taken == 0 && w->in.start == w->in.end)
		w.reset();
	return taken > 0;
}

// Returns 0 when all is sent, or -errno.
static int reply_write(int fd, struct exchange *x)
{
	struct iovec iov[EXCHANGE_PIECES];
	int n;

	while ((n = exchange_output(x, iov)) > 0) {
		ssize_t sent = writev(fd, iov, n);

		if (sent < 0)
			return -errno;
		counter_add(server.counters, COUNTER_BYTES_OUT, (uint64_t)sent);
		exchange_sent(x, (size_t)sent);
	}
	return 0;
}

static bool again(ssize_t n)
{
	return n == -EAGAIN || n == -EINTR;
}

static task part(const struct fan &f, unsigned i)
{
	int err = co_await sleep_for(loop, fan_part_ns(&f, i));

	co_return err < 0 ? err : fan_part_result(&f, i);
}

// K coroutines and a join.  As this one ends it destroys them, wherever they are.
static task parallel(const struct fan &f)
{
	task parts[FAN_MAX];
	join all;

	for (unsigned i = 0; i < f.n && all.result == 0; i++) {
		parts[i] = part(f, i);
		all.begin(parts[i]);
	}
	co_return co_await all;
}

static task perform(struct exchange &x, enum effect effect)
{
	switch (effect) {
	case EFFECT_NONE:
		break;
	case EFFECT_LOAD:
		co_return service_load(&server.service, &x);
	case EFFECT_WAIT:
		co_return co_await sleep_for(loop, x.effect_ns);
	case EFFECT_SPIN:
		service_spin(x.effect_ns);
		break;
	case EFFECT_FAN:
		co_return co_await parallel(x.fan);
	}
	co_return 0;
}

static task serve(int fd)
{
	connection c(fd);
	std::unique_ptr<work> w;
	bool final = false;
	ssize_t n = c.add();

	if (n < 0) {
		counter_add(server.counters, COUNTER_REFUSED, 1);
		co_return 0;
	}
	while (!final) {
		int status = request_take(w);

		if (status == 0) {
			co_await c.ready(EPOLLIN);
			n = fill(fd, w);
			if (n == 0 || (n < 0 && !again(n)))
				break;
			continue;
		}
		if (status > 1) {
			service_reject(&server.service, &w->x, status);
		} else if (enum effect effect = service_begin(&server.service, &w->x)) {
			int result = co_await perform(w->x, effect);

			service_finish(&server.service, &w->x, result);
		}
		while (again(n = reply_write(fd, &w->x)))
			co_await c.ready(EPOLLOUT);
		exchange_end(&w->x);
		final = n < 0 || w->x.close;
	}
	if (n < 0)
		counter_add(server.counters, COUNTER_RESETS, 1);
	if (n < 0 || !final)
		co_return 0;

	deadline late(loop, LINGER_NS, c.owner); // RFC 9112 section 9.6
	shutdown(fd, SHUT_WR);
	do {
		w->in.start = w->in.end = 0;
		co_await c.ready(EPOLLIN);
		n = fill(fd, w);
	} while (n > 0 || again(n));
	co_return 0;
}

static task accept_all()
{
	int fd = 0;

	while (fd != -ECANCELED) {
		if (server_full(&server) && !server_stopping())
			server_deferred(&server);
		co_await listener.ready(server_full(&server) ? 0u : EPOLLIN);
		fd = 0;
		for (int i = 0; i < ACCEPTS && fd >= 0; i++) {
			if (server_full(&server) && !server_stopping())
				break;
			fd = server_accept(&server, SOCK_NONBLOCK);
			if (fd >= 0 && !task_release(serve(fd)))
				server_refused(&server, fd);
		}
	}
	// Shut down, it would be reported for ever.
	listener.control(EPOLL_CTL_DEL, 0);
	listener.fd = -1;
	co_return 0;
}

int main(int argc, char **argv)
{
	server_setup(&server, argc, argv, &about);
	loop.epfd = MUST(epoll_create1(EPOLL_CLOEXEC));
	listener.fd = server.listener;
	MUST(fcntl(listener.fd, F_SETFL, O_NONBLOCK));
	MUST(listener.add());
	task_release(accept_all());
	server_ready(&server);

	// Stopping (setup.h) makes every idle connection readable: they end by
	// themselves.
	while (!server_stopping() || server.live > 0)
		loop.turn(&listener);
	return server_finish(&server);
}
