/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber.c - one user-level thread per connection on runtimes/fiber: the same session as
 * pth.c, on a scheduler without O(n) steps, without a limit of descriptors, and waiting
 * by epoll (von Behren et al., Why Events Are A Bad Idea, HotOS 2003: what a good
 * runtime makes of threads).  Live connections come before new ones (Knot-C, figure 3
 * there); its variants accept first (Knot-A), wait by io_uring, retry and relinquish
 * (Jones, lecture 31, section 4, ThreadP), or run on several kernel threads. */
#include "config.h"

#include "cache.h"
#include "fiber/fiber.h"
#include "session.h"
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

enum { ACCEPTS = 16 /* of new clients, between two looks at the others */ };

/* In the order of enum fiber_count. */
static const char *const own_counters[] = {
	"user_switches", "fiber_blocks", "fiber_steals", "polls", "empty_polls", NULL};

static const struct about several = {
	.name = "fiber-mn",
	.family = "user-thread",
	.style = "direct",
	.summary =
		"one fiber per connection, on a kernel thread per CPU that steal work",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_EACH,
	.workers = 1,
	.workers_a_cpu = true,
	.own_counters = own_counters,
	.flag = "mn",
};

static const struct about relinquish = {
	.name = "fiber-relinquish",
	.family = "user-thread",
	.style = "direct",
	.summary = "one fiber per connection that retries its calls: busy waiting",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = own_counters,
	.flag = "relinquish",
	.also = &several,
};

static const struct about uring = {
	.name = "fiber-uring",
	.family = "user-thread",
	.style = "direct",
	.summary = "one fiber per connection, waiting and loading by io_uring",
	.needs = "liburing",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = own_counters,
	.flag = "uring",
	.also = &relinquish,
};

static const struct about accept_first = {
	.name = "fiber-accept",
	.family = "user-thread",
	.style = "direct",
	.summary = "one fiber per connection, accepting before serving",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = own_counters,
	.flag = "accept-first",
	.also = &uring,
};

static const struct about about = {
	.name = "fiber",
	.family = "user-thread",
	.style = "direct",
	.summary = "one fiber per connection, waiting by epoll",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = own_counters,
	.also = &accept_first,
};

static struct server server;
static struct fiber_mutex mutex;
static struct fiber_cond ended; /* a connection did */

static ssize_t or_errno(ssize_t n)
{
	if (n >= 0)
		return n;
	errno = (int)-n;
	return -1;
}

/* A read that need not wait does not switch, and a client that never stops sending
 * would keep all others from running.  A read that fills the room may be of such a
 * client. */
static ssize_t read_some(int fd, void *buffer, size_t len)
{
	ssize_t n = fiber_read(fd, buffer, len);

	if (n == (ssize_t)len)
		fiber_pause();
	return or_errno(n);
}

static ssize_t writev_some(int fd, const struct iovec *iov, int n)
{
	return or_errno(fiber_writev(fd, iov, n));
}

static int readable(int fd, uint64_t timeout_ns)
{
	int events = fiber_wait_fd(fd, POLLIN, fiber_now_ns() + timeout_ns);

	return events == -ETIMEDOUT ? 0 : (int)or_errno(events > 0 ? 1 : events);
}

struct loading {
	const struct service *service;
	struct exchange *exchange;
};

static int load_now(void *arg)
{
	struct loading *l = arg;

	return service_load(l->service, l->exchange);
}

/* On a helper thread, where options.load says so; else it would stop them all, as it
 * does in pth.c and epoll.c. */
static int load(const struct service *s, struct exchange *x)
{
	struct loading l = {s, x};

	return fiber_call(load_now, &l);
}

/* The file's bytes are read by the ring; opening it stops them all. */
static int load_by_ring(const struct service *s, struct exchange *x)
{
	struct iovec iov[EXCHANGE_PIECES];
	struct cache_load *loading;
	int result = service_load_begin(s, x, &loading, false);

	while (result == 1) {
		int n = cache_load_iov(loading, iov, EXCHANGE_PIECES);

		result = cache_load_got(&loading,
					fiber_preadv(cache_load_fd(loading), iov, n,
						     (off_t)cache_load_at(loading)));
	}
	return result;
}

/* A /fan: one fiber a part.  The condition tells them that one has failed. */
struct call {
	const struct fan *fan;
	struct fiber_mutex mutex;
	struct fiber_cond ended;
	bool over;
	int result;
};

struct part {
	struct call *call;
	unsigned number;
	struct fiber_id id;
};

static void give_up(struct call *call, int result)
{
	if (!call->over) {
		call->over = true;
		call->result = result;
		fiber_cond_broadcast(&call->ended);
	}
}

static void *part_run(void *arg)
{
	struct part *p = arg;
	struct call *call = p->call;
	uint64_t due_ns = fiber_now_ns() + fan_part_ns(call->fan, p->number);
	int result = fan_part_result(call->fan, p->number);

	fiber_mutex_lock(&call->mutex);
	while (!call->over &&
	       fiber_cond_wait_until(&call->ended, &call->mutex, due_ns) != -ETIMEDOUT)
		;
	if (result < 0)
		give_up(call, result);
	fiber_mutex_unlock(&call->mutex);
	return NULL;
}

static int fan_fibers(const struct fan *f)
{
	struct call call = {.fan = f};
	struct part part[FAN_MAX];
	unsigned made = 0;

	for (; made < f->n; made++) {
		part[made] = (struct part){&call, made, {0}};
		if (fiber_create(&part[made].id, NULL, part_run, &part[made]) < 0)
			break;
	}
	if (made < f->n) {
		fiber_mutex_lock(&call.mutex);
		give_up(&call, -ENOMEM);
		fiber_mutex_unlock(&call.mutex);
	}
	for (unsigned i = 0; i < made; i++)
		fiber_join(part[i].id, NULL);
	return call.result;
}

static struct io io = {read_some, writev_some,    readable,
		       load,      fiber_sleep_ns, fan_fibers};

static void *connection(void *arg)
{
	int fd = (int)(intptr_t)arg;

	fiber_stream(fd);
	session_serve(fd, &io, &server.service);
	fiber_forget(fd);
	server_closed(&server, fd);
	fiber_mutex_lock(&mutex);
	fiber_cond_signal(&ended);
	fiber_mutex_unlock(&mutex);
	return NULL;
}

static void open_connection(int fd)
{
	static const struct fiber_attr detached = {.detached = true,
						   .name = "connection"};

	if (fiber_create(NULL, &detached, connection, (void *)(intptr_t)fd) < 0)
		server_refused(&server, fd);
}

static void wait_until_fewer_than(unsigned connections)
{
	fiber_mutex_lock(&mutex);
	while (server.live >= connections)
		fiber_cond_wait(&ended, &mutex);
	fiber_mutex_unlock(&mutex);
}

static int accept_all(void *arg)
{
	const bool first = server.about == &accept_first;
	unsigned taken = 0;
	int fd = 0;

	(void)arg;
	server_ready(&server);
	while (fd != -ECANCELED) {
		if (server_full(&server)) {
			server_deferred(&server);
			wait_until_fewer_than(server.max_connections);
		}
		/* accept4(2) makes the socket before it looks who waits: to find nobody
		 * takes it nine times as long as poll(2).  A ring tells only when it is
		 * looked at: there, as many as there are. */
		if (fd == -EAGAIN || server.about != &uring)
			fiber_wait_fd(server.listener, POLLIN, FIBER_FOREVER);
		fd = server_accept(&server, SOCK_NONBLOCK);
		if (fd >= 0)
			open_connection(fd);
		if (!first && ++taken % ACCEPTS == 0)
			fiber_pause(); /* while clients wait, nothing else would run */
	}
	wait_until_fewer_than(1);
	return 0;
}

static void counted(const uint64_t more[FIBER_COUNTS])
{
	for (unsigned i = 0; own_counters[i]; i++)
		if (more[i])
			counter_add(server.counters, COUNTERS + i, more[i]);
}

int main(int argc, char **argv)
{
	struct fiber_options options = {.counted = counted};
	int error;

	server_setup(&server, argc, argv, &about);
	MUST(fcntl(server.listener, F_SETFL, O_NONBLOCK));
	if (server.about == &uring) {
		options.wait = options.load = "uring";
		io.load = load_by_ring;
	} else if (server.about == &relinquish) {
		options.wait = "relinquish";
	} else if (server.about == &several) {
		options.workers = server.workers;
		options.load = "helpers";
	}
	error = fiber_run(&options, accept_all, NULL);
	if (error < 0)
		server_cannot("start fibers", -error);
	return server_finish(&server);
}
