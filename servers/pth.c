/* SPDX-License-Identifier: BSD-2-Clause */
/* pth.c - one GNU Pth thread per connection: the same session as thread.c, but the
 * threads live in user space, on one kernel thread, and switch only where they would
 * block.  Pth waits with select(2), so a descriptor of FD_SETSIZE or more would corrupt
 * its memory: such a connection is refused.  A load or a spin stops them all.  Live
 * connections come before new ones (as in Knot-C; von Behren et al., Why Events Are A
 * Bad Idea, HotOS 2003, figure 3); with --accept-first it is the other way (Knot-A). */
#include "config.h"

#include "session.h"
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <pth.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = FD_SETSIZE - 64 /* the program needs some, a load two */
};

enum { USER_SWITCHES = COUNTERS };

static const char *const own_counters[] = {"user_switches", NULL};

static const struct about accept_first = {
	.name = "pth-accept",
	.family = "user-thread",
	.style = "direct",
	.summary = "one GNU Pth thread per connection, accepting before serving",
	.needs = "libpth",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.connections_max = CONNECTIONS_MAX,
	.own_counters = own_counters,
	.flag = "accept-first",
};

static const struct about about = {
	.name = "pth",
	.family = "user-thread",
	.style = "direct",
	.summary = "one GNU Pth thread per connection",
	.needs = "libpth",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.connections_max = CONNECTIONS_MAX,
	.own_counters = own_counters,
	.also = &accept_first,
};

enum { STACK_SIZE = 128 << 10 };

static struct server server;
static pth_mutex_t mutex = PTH_MUTEX_INIT;
static pth_cond_t ended = PTH_COND_INIT; /* a connection did */

enum { FOREVER = -1 };

/* How often Pth's scheduler has let a thread go on, as far as counted. */
struct switches {
	pth_attr_t attr;
	int told;
};

static void switches_begin(struct switches *s)
{
	*s = (struct switches){.attr = pth_attr_of(pth_self())};
}

static void switches_count(struct switches *s)
{
	int now = s->told;

	if (s->attr)
		pth_attr_get(s->attr, PTH_ATTR_DISPATCHES, &now);
	counter_add(server.counters, USER_SWITCHES, (uint64_t)(now - s->told));
	s->told = now;
}

static void switches_end(struct switches *s)
{
	switches_count(s);
	if (s->attr)
		pth_attr_destroy(s->attr);
}

static struct switches serving[FD_SETSIZE]; /* the thread of each connection */

static int wait_readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return pth_poll(&p, 1, timeout_ms);
}

static int pth_readable(int fd, uint64_t timeout_ns)
{
	return wait_readable(fd, (int)(timeout_ns / 1000000));
}

static void pth_sleep_ns(uint64_t ns)
{
	uint64_t us = (ns + 999) / 1000;

	pth_nap(pth_time((long)(us / 1000000), (long)(us % 1000000)));
}

/* A read that need not wait does not switch, and a client that never stops sending
 * would keep all others from running: so let them run first. */
static ssize_t fair_read(int fd, void *buffer, size_t len)
{
	ssize_t n;

	if (kernel_readable(fd, 0) > 0)
		pth_yield(NULL);
	n = pth_read(fd, buffer, len);
	switches_count(&serving[fd]);
	return n;
}

/* A /fan: one thread a part.  The condition tells them that one has failed. */
struct call {
	const struct fan *fan;
	pth_mutex_t mutex;
	pth_cond_t ended;
	bool over;
	int result;
};

struct part {
	struct call *call;
	unsigned number;
};

static void *part_run(void *arg)
{
	struct part *p = arg;
	struct call *call = p->call;
	struct switches switches;
	uint64_t us = (fan_part_ns(call->fan, p->number) + 999) / 1000;
	pth_event_t due = pth_event(PTH_EVENT_TIME, pth_timeout((long)(us / 1000000),
								(long)(us % 1000000)));

	switches_begin(&switches);
	pth_mutex_acquire(&call->mutex, FALSE, NULL);
	while (!call->over && pth_event_status(due) != PTH_STATUS_OCCURRED)
		pth_cond_await(&call->ended, &call->mutex, due);
	if (!call->over && fan_part_result(call->fan, p->number) < 0) {
		call->over = true;
		call->result = fan_part_result(call->fan, p->number);
		pth_cond_notify(&call->ended, TRUE);
	}
	pth_mutex_release(&call->mutex);
	pth_event_free(due, PTH_FREE_THIS);
	switches_end(&switches);
	return NULL;
}

static int fan_pth(const struct fan *f)
{
	struct call call = {f, PTH_MUTEX_INIT, PTH_COND_INIT, false, 0};
	struct part part[FAN_MAX];
	pth_t thread[FAN_MAX];
	pth_attr_t attr = pth_attr_new(); /* without, it inherits not to be joined */
	unsigned made = 0;

	for (; made < f->n && !call.over; made++) {
		part[made] = (struct part){&call, made};
		thread[made] = pth_spawn(attr, part_run, &part[made]);
		if (!thread[made])
			break;
	}
	if (made < f->n && !call.over) {
		call.over = true;
		call.result = -ENOMEM;
		pth_cond_notify(&call.ended, TRUE);
	}
	for (unsigned i = 0; i < made; i++)
		pth_join(thread[i], NULL);
	pth_attr_destroy(attr);
	return call.result;
}

static const struct io io_pth = {fair_read,    pth_writev,   pth_readable,
				 service_load, pth_sleep_ns, fan_pth};

static void *connection(void *arg)
{
	int fd = (int)(intptr_t)arg;

	switches_begin(&serving[fd]);
	session_serve(fd, &io_pth, &server.service);
	switches_end(&serving[fd]);
	server_closed(&server, fd);
	pth_cond_notify(&ended, TRUE);
	return NULL;
}

static void open_connection(int fd, pth_attr_t attr)
{
	if (fd >= FD_SETSIZE || !pth_spawn(attr, connection, (void *)(intptr_t)fd))
		server_refused(&server, fd);
}

static void wait_until_fewer_than(unsigned connections)
{
	pth_mutex_acquire(&mutex, FALSE, NULL);
	while (server.live >= connections)
		pth_cond_await(&ended, &mutex, NULL);
	pth_mutex_release(&mutex);
}

/* The accepting thread's priority.  A ready thread rises by one each time another runs
 * (pth(3)), so the lowest still has its turn after a few others. */
static void prefer(bool accepting)
{
	pth_attr_t self = pth_attr_of(pth_self());

	pth_attr_set(self, PTH_ATTR_PRIO, accepting ? PTH_PRIO_MAX : PTH_PRIO_MIN);
	pth_attr_destroy(self);
}

int main(int argc, char **argv)
{
	struct switches accepting;
	pth_attr_t attr;
	bool first;
	int fd = 0;

	server_setup(&server, argc, argv, &about);
	if (!pth_init())
		server_cannot("start Pth", errno);
	first = server.about == &accept_first;
	prefer(first);
	switches_begin(&accepting);
	attr = pth_attr_new();
	pth_attr_set(attr, PTH_ATTR_JOINABLE, FALSE);
	pth_attr_set(attr, PTH_ATTR_STACK_SIZE, STACK_SIZE);
	MUST(fcntl(server.listener, F_SETFL, O_NONBLOCK));
	server_ready(&server);

	while (fd != -ECANCELED) {
		if (server_full(&server)) {
			server_deferred(&server);
			wait_until_fewer_than(server.max_connections);
		}
		wait_readable(server.listener, FOREVER);
		fd = server_accept(&server, 0);
		if (fd >= 0)
			open_connection(fd, attr);
		if (!first)
			pth_yield(NULL); /* while clients wait, nothing else would */
		switches_count(&accepting);
	}
	wait_until_fewer_than(1);
	switches_end(&accepting);
	pth_attr_destroy(attr);
	pth_kill();
	return server_finish(&server);
}
