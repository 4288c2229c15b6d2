/* SPDX-License-Identifier: BSD-2-Clause */
/* st.c - one thread of the State Threads library per connection: a second user-level
 * library beside Pth (pth.c), made for servers, without priorities.  It looks for input
 * only when no thread is ready, where Pth does at each switch; and with poll(2), the
 * best that Debian's has: no limit of FD_SETSIZE, but O(n) like poll.c.  A load or a
 * spin stops them all. */
#include "config.h"

#include "session.h"
#include "setup.h"
#include "timer_heap.h"

#include <errno.h>
#include <poll.h>
#include <st.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

enum { USER_SWITCHES = COUNTERS };

static const char *const own_counters[] = {"user_switches", NULL};

static const struct about about = {
	.name = "st",
	.family = "user-thread",
	.style = "direct",
	.summary = "one thread of the State Threads library per connection",
	.needs = "libst",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own_counters = own_counters,
};

enum { STACK_SIZE = 128 << 10, ACCEPTS = 16 };

static struct server server;
static st_netfd_t *wrapped; /* what the library calls a descriptor; by its number */
static st_cond_t ended;     /* a connection did */

/* The library's clock, instead of gettimeofday(2), which can be set. */
static st_utime_t clock_us(void)
{
	return timer_now() / 1000;
}

/* A thread goes on, other than the library's own. */
static void on_switch(void)
{
	counter_add(server.counters, USER_SWITCHES, 1);
}

/* Wait for input even where some is there: a read that need not wait would not switch,
 * and a client that never stops sending would keep all others from running. */
static ssize_t fair_read(int fd, void *buffer, size_t len)
{
	if (st_netfd_poll(wrapped[fd], POLLIN, ST_UTIME_NO_TIMEOUT) < 0)
		return -1;
	return st_read(wrapped[fd], buffer, len, ST_UTIME_NO_TIMEOUT);
}

/* st_writev would tell nothing before all is out. */
static ssize_t write_some(int fd, const struct iovec *iov, int n)
{
	ssize_t sent;

	while ((sent = writev(fd, iov, n)) < 0 && errno == EAGAIN)
		if (st_netfd_poll(wrapped[fd], POLLOUT, ST_UTIME_NO_TIMEOUT) < 0)
			break;
	return sent;
}

/* The library counts a timeout from when it last looked at its clock, which may be long
 * ago if a thread has not let go: what ends too early goes on. */
static int readable(int fd, uint64_t timeout_ns)
{
	st_utime_t due = clock_us() + timeout_ns / 1000, now;

	while ((now = clock_us()) < due) {
		if (st_netfd_poll(wrapped[fd], POLLIN, due - now) == 0)
			return 1;
		if (errno != ETIME)
			return -1;
	}
	return 0;
}

static void sleep_ns(uint64_t ns)
{
	st_utime_t due = clock_us() + (ns + 999) / 1000, now;

	while ((now = clock_us()) < due)
		st_usleep(due - now);
}

/* A /fan: one thread a part.  The condition tells them that one has failed. */
struct call {
	const struct fan *fan;
	st_cond_t ended;
	bool over;
	int result;
};

struct part {
	struct call *call;
	unsigned number;
};

static void call_fail(struct call *call, int error)
{
	call->over = true;
	call->result = error;
	st_cond_broadcast(call->ended);
}

static void *part_run(void *arg)
{
	struct part *p = arg;
	struct call *call = p->call;
	uint64_t ns = fan_part_ns(call->fan, p->number);
	st_utime_t due = clock_us() + (ns + 999) / 1000, now;

	on_switch();
	while (!call->over && (now = clock_us()) < due)
		st_cond_timedwait(call->ended, due - now);
	if (!call->over && fan_part_result(call->fan, p->number) < 0)
		call_fail(call, fan_part_result(call->fan, p->number));
	return NULL;
}

static int fan_st(const struct fan *f)
{
	struct call call = {.fan = f, .ended = st_cond_new()};
	struct part part[FAN_MAX];
	st_thread_t thread[FAN_MAX];
	unsigned made = 0;

	if (!call.ended)
		return -ENOMEM;
	for (; made < f->n; made++) {
		part[made] = (struct part){&call, made};
		thread[made] = st_thread_create(part_run, &part[made], 1, STACK_SIZE);
		if (!thread[made])
			break;
	}
	if (made < f->n)
		call_fail(&call, -ENOMEM);
	for (unsigned i = 0; i < made; i++)
		st_thread_join(thread[i], NULL);
	st_cond_destroy(call.ended);
	return call.result;
}

static const struct io io = {fair_read,    write_some, readable,
			     service_load, sleep_ns,   fan_st};

static void *connection(void *arg)
{
	int fd = (int)(intptr_t)arg;

	on_switch(); /* the library does not tell a thread's first */
	session_serve(fd, &io, &server.service);
	st_netfd_free(wrapped[fd]);
	server_closed(&server, fd);
	st_cond_signal(ended);
	return NULL;
}

static void open_connection(int fd)
{
	wrapped[fd] = st_netfd_open_socket(fd);
	if (wrapped[fd] &&
	    st_thread_create(connection, (void *)(intptr_t)fd, 0, STACK_SIZE))
		return;
	if (wrapped[fd])
		st_netfd_free(wrapped[fd]);
	server_refused(&server, fd);
}

static void wait_until_fewer_than(unsigned connections)
{
	while (server.live >= connections)
		st_cond_wait(ended);
}

/* A few, then those who have come have their turn.  Returns the last descriptor, or
 * what server_accept says. */
static int accept_some(void)
{
	int fd = 0;

	for (int i = 0; i < ACCEPTS && fd >= 0; i++) {
		if (server_full(&server) && !server_stopping())
			break;
		fd = server_accept(&server, 0);
		if (fd >= 0)
			open_connection(fd);
	}
	return fd;
}

static void library_start(void)
{
	st_set_utime_function(clock_us);
	MUST(st_set_eventsys(ST_EVENTSYS_POLL));
	MUST(st_init());
	st_set_switch_in_cb(on_switch);
	ended = st_cond_new();
	wrapped = calloc(server.descriptors, sizeof *wrapped);
	MUST(ended && wrapped ? 0 : -1);
}

int main(int argc, char **argv)
{
	st_netfd_t listener;
	int fd = 0;

	server_setup(&server, argc, argv, &about);
	library_start();
	listener = st_netfd_open_socket(server.listener);
	MUST(listener ? 0 : -1);
	server_ready(&server);

	/* Stopping (setup.h) makes the listener and every idle connection readable. */
	while (fd != -ECANCELED) {
		if (server_full(&server)) {
			server_deferred(&server);
			wait_until_fewer_than(server.max_connections);
		}
		st_netfd_poll(listener, POLLIN, ST_UTIME_NO_TIMEOUT);
		fd = accept_some();
	}
	wait_until_fewer_than(1);
	return server_finish(&server);
}
