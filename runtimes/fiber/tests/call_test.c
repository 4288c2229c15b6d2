/* SPDX-License-Identifier: BSD-2-Clause */
/* call_test.c - accepting, reading files, and calls that block a kernel thread. */
#include "config.h"

#include "ways.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 60, CALLS = 50 };

struct door {
	int fd;
	_Atomic(int) accepted;
};

static void door_open(struct door *d, struct sockaddr_in *address)
{
	socklen_t len = sizeof *address;

	d->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*address = (struct sockaddr_in){.sin_family = AF_INET};
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must_be(bind(d->fd, (struct sockaddr *)address, len), 0, "bind");
	must_be(listen(d->fd, CLIENTS), 0, "listen");
	must_be(getsockname(d->fd, (struct sockaddr *)address, &len), 0, "getsockname");
}

static void *accept_all(void *arg)
{
	struct door *d = arg;
	int fd;

	while ((fd = fiber_accept(d->fd)) >= 0) {
		must(fcntl(fd, F_GETFL) & O_NONBLOCK, "non-blocking");
		must(fcntl(fd, F_GETFD) & FD_CLOEXEC, "close-on-exec");
		must_be(fiber_write(fd, "x", 1), 1, "greet");
		must_be(fiber_close(fd), 0, "close the accepted");
		d->accepted++;
	}
	must_be(fd, -EBADF, "accept from what is closed");
	return NULL;
}

static void *visit(void *arg)
{
	const struct sockaddr_in *address = arg;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char c;

	if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0)
		must_be(errno, EINPROGRESS, "connect");
	must(fiber_wait_fd(fd, POLLOUT, FIBER_FOREVER) & POLLOUT, "connected");
	must_be(fiber_read(fd, &c, 1), 1, "be greeted");
	must_be(fiber_read(fd, &c, 1), 0, "be seen off");
	must_be(fiber_close(fd), 0, "close the visit");
	return NULL;
}

static int accepting(void *arg)
{
	struct door d = {.accepted = 0};
	struct fiber_id clients[CLIENTS], porters[2];
	struct sockaddr_in address;

	(void)arg;
	door_open(&d, &address);
	for (int i = 0; i < 2; i++)
		porters[i] = begin(accept_all, &d);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = begin(visit, &address);
		if (i % 7 == 0)
			fiber_sleep_ns(100000);
	}
	for (int i = 0; i < CLIENTS; i++)
		end(clients[i]);
	must_be(fiber_close(d.fd), 0, "close the door");
	for (int i = 0; i < 2; i++)
		end(porters[i]);
	must_be(d.accepted, CLIENTS, "all accepted");
	return 0;
}

static int reading(void *arg)
{
	char path[] = "/tmp/fiber-XXXXXX", buffer[20];
	int fd = mkstemp(path);

	(void)arg;
	must(fd >= 0, "make a file");
	unlink(path);
	must_be(pwrite(fd, "0123456789", 10, 5000), 10, "write a file");
	must_be(fiber_pread(fd, buffer, sizeof buffer, 5002), 8, "pread");
	must(memcmp(buffer, "23456789", 8) == 0, "what pread read");
	must_be(fiber_pread(fd, buffer, 3, 0), 3, "pread of a hole");
	must_be(fiber_pread(fd, buffer, 3, 9000), 0, "pread behind the end");
	must_be(fiber_close(fd), 0, "close the file");
	must_be(fiber_pread(fd, buffer, 3, 0), -EBADF, "pread of nothing");
	return 0;
}

static int answer(void *arg)
{
	return *(int *)arg * 2;
}

static void *ask(void *arg)
{
	must_be(fiber_call(answer, arg), *(int *)arg * 2, "what the call returned");
	return NULL;
}

static int calling(void *arg)
{
	struct fiber_id ids[CALLS];
	int numbers[CALLS];

	(void)arg;
	for (int i = 0; i < CALLS; i++) {
		numbers[i] = i;
		ids[i] = begin(ask, &numbers[i]);
	}
	for (int i = 0; i < CALLS; i++)
		end(ids[i]);
	return 0;
}

struct gate {
	int end[2];
	_Atomic(bool) passed;
};

/* Blocks its kernel thread until somebody opens. */
static int pass(void *arg)
{
	struct gate *g = arg;
	char c;

	return (int)read(g->end[0], &c, 1);
}

static void *go_through(void *arg)
{
	struct gate *g = arg;

	must_be(fiber_call(pass, g), 1, "pass");
	g->passed = true;
	return NULL;
}

/* Were the call made here, nobody would come to open. */
static int others_run(void *arg)
{
	const struct fiber_options *options = arg;
	struct fiber_id caller;
	struct gate g = {.passed = false};

	must_be(pipe2(g.end, O_CLOEXEC), 0, "pipe");
	if (strcmp(options->load, "inline") == 0)
		must_be(write(g.end[1], "x", 1), 1, "open before");
	caller = begin(go_through, &g);
	for (int i = 0; i < 100; i++)
		fiber_yield();
	if (strcmp(options->load, "inline") != 0) {
		must(!g.passed, "run while the call blocks");
		must_be(write(g.end[1], "x", 1), 1, "open");
	}
	end(caller);
	must(g.passed, "passed");
	close(g.end[0]);
	close(g.end[1]);
	return 0;
}

/* Main is over while others wait: for input, for a call. */
static int left_behind(void *arg)
{
	static struct gate g;
	static const struct fiber_attr attr = {.detached = true};

	must_be(pipe2(g.end, O_CLOEXEC), 0, "pipe");
	if (strcmp(((struct fiber_options *)arg)->load, "inline") != 0)
		must_be(fiber_create(NULL, &attr, go_through, &g), 0, "create");
	fiber_sleep_ns(100000);
	must_be(write(g.end[1], "x", 1), 1, "open");
	return 0;
}

int main(void)
{
	static const struct scenario scenarios[] = {
		{"accepting", accepting},     {"reading", reading},
		{"calling", calling},         {"others run", others_run},
		{"left behind", left_behind},
	};

	return ways_run(scenarios, sizeof scenarios / sizeof *scenarios);
}
