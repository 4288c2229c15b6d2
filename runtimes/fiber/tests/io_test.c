/* SPDX-License-Identifier: BSD-2-Clause */
/* io_test.c - descriptors and blocking calls, with every back end, with one and two
 * workers.  A wait that is never over ends by an alarm. */
#include "config.h"

#include "ways.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 100, MESSAGES = 20, MANY = 1000, BULK = 4 << 20, REUSES = 50 };

struct pair {
	int end[2];
	int number;
};

static void pair_open(struct pair *p, int type)
{
	must_be(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, p->end), 0,
		"socketpair");
}

static void pair_close(struct pair *p)
{
	must_be(fiber_close(p->end[0]), 0, "close");
	must_be(fiber_close(p->end[1]), 0, "close the other end");
}

static void *echo(void *arg)
{
	const struct pair *p = arg;
	char buffer[200];
	ssize_t n;

	while ((n = fiber_read(p->end[1], buffer, sizeof buffer)) > 0)
		must_be(fiber_write(p->end[1], buffer, (size_t)n), n, "echo");
	must_be(n, 0, "end of what to echo");
	shutdown(p->end[1], SHUT_WR);
	return NULL;
}

static void *talk(void *arg)
{
	const struct pair *p = arg;
	char said[200], heard[200];

	for (int i = 1; i <= MESSAGES; i++) {
		ssize_t len = 1 + (i * 37 + p->number) % (int)sizeof said;

		memset(said, i + p->number, sizeof said);
		must_be(fiber_write(p->end[0], said, (size_t)len), len, "say");
		for (ssize_t n = 0; n < len;) {
			ssize_t more = fiber_read(p->end[0], heard, sizeof heard);

			must(more > 0 && memcmp(heard, said, (size_t)more) == 0,
			     "hear what was said");
			n += more > 0 ? more : len;
		}
	}
	shutdown(p->end[0], SHUT_WR);
	must_be(fiber_read(p->end[0], heard, sizeof heard), 0, "hear the end");
	return NULL;
}

static int echo_all(void *arg)
{
	struct pair pairs[PAIRS];
	struct fiber_id ids[2 * PAIRS];

	(void)arg;
	for (int i = 0; i < PAIRS; i++) {
		pairs[i].number = i;
		pair_open(&pairs[i], SOCK_STREAM);
		ids[i] = begin(echo, &pairs[i]);
		ids[PAIRS + i] = begin(talk, &pairs[i]);
	}
	for (int i = 0; i < 2 * PAIRS; i++)
		end(ids[i]);
	for (int i = 0; i < PAIRS; i++)
		pair_close(&pairs[i]);
	return 0;
}

static void *write_x(void *arg)
{
	must_be(fiber_write(*(int *)arg, "x", 1), 1, "write");
	return NULL;
}

static int deadlines(void *arg)
{
	uint64_t later = fiber_now_ns() + 3000000, far = later + UINT64_C(100000000000);
	struct fiber_id writer;
	struct pair p;

	(void)arg;
	pair_open(&p, SOCK_STREAM);
	must_be(fiber_wait_fd(p.end[0], POLLIN, 0), -ETIMEDOUT, "deadline gone by");
	must_be(fiber_wait_fd(p.end[0], POLLIN, later), -ETIMEDOUT, "deadline");
	must(fiber_now_ns() >= later, "not before the deadline");
	must_be(fiber_wait_fd(p.end[0], POLLOUT, 0), POLLOUT, "may write");
	must_be(fiber_wait_fd(p.end[0], POLLIN | POLLOUT, far), POLLOUT, "may either");
	writer = begin(write_x, &p.end[1]);
	must_be(fiber_wait_fd(p.end[0], POLLIN, far), POLLIN, "input in time");
	must_be(fiber_wait_fd(p.end[0], POLLIN, 0), POLLIN, "input, deadline gone by");
	end(writer);
	must(fiber_now_ns() < far, "long before the deadline");
	pair_close(&p);
	return 0;
}

static void *read_one_and_end(void *arg)
{
	const struct pair *p = arg;
	char buffer[100];

	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 1, "first byte");
	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 4, "last bytes");
	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 0, "end");
	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 0, "end, again");
	return NULL;
}

/* Its end comes with the last bytes, in one event.  The other way it still goes on. */
static int half_closed(void *arg)
{
	struct fiber_id reader;
	struct pair p;
	char c;

	(void)arg;
	pair_open(&p, SOCK_STREAM);
	reader = begin(read_one_and_end, &p);
	fiber_sleep_ns(1000000);
	write_x(&p.end[1]);
	fiber_sleep_ns(1000000);
	must_be(write(p.end[1], "last", 4), 4, "write the last");
	shutdown(p.end[1], SHUT_WR);
	end(reader);
	must_be(fiber_write(p.end[0], "y", 1), 1, "write to the half-closed");
	must_be(fiber_read(p.end[1], &c, 1), 1, "read by the half-closed");
	pair_close(&p);
	return 0;
}

static void *read_forgotten(void *arg)
{
	char c;

	must_be(fiber_read(*(int *)arg, &c, 1), -EBADF, "read what is closed");
	return NULL;
}

static void *wait_forgotten(void *arg)
{
	must_be(fiber_wait_fd(*(int *)arg, POLLIN, FIBER_FOREVER), -EBADF,
		"wait for what is closed");
	return NULL;
}

static int forgotten(void *arg)
{
	struct fiber_id ids[3];
	struct pair p;

	(void)arg;
	pair_open(&p, SOCK_STREAM);
	ids[0] = begin(read_forgotten, &p.end[0]);
	ids[1] = begin(wait_forgotten, &p.end[0]);
	ids[2] = begin(read_forgotten, &p.end[0]);
	fiber_sleep_ns(1000000);
	must_be(fiber_close(p.end[0]), 0, "close under readers");
	for (int i = 0; i < 3; i++)
		end(ids[i]);
	must_be(fiber_close(p.end[1]), 0, "close the other end");
	return 0;
}

static void *read_x(void *arg)
{
	char c = 0;

	must_be(fiber_read(*(int *)arg, &c, 1), 1, "read");
	must(c == 'x', "what was written");
	return NULL;
}

static unsigned raise_limit(unsigned wanted)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur < wanted ? (unsigned)limit.rlim_cur : wanted;
}

static int many(void *arg)
{
	static struct pair pairs[MANY];
	static struct fiber_id ids[MANY];
	int n = (int)(raise_limit(2 * MANY + 100) - 100) / 2;

	(void)arg;
	for (int i = 0; i < n; i++) {
		pair_open(&pairs[i], SOCK_STREAM);
		ids[i] = begin(read_x, &pairs[i].end[0]);
	}
	fiber_sleep_ns(1000000);
	for (int i = 0; i < n; i++)
		write_x(&pairs[i].end[1]);
	for (int i = 0; i < n; i++) {
		end(ids[i]);
		pair_close(&pairs[i]);
	}
	return 0;
}

/* The same numbers again and again, closed in every state of what is known of them. */
static int reuse(void *arg)
{
	(void)arg;
	for (int i = 0; i < REUSES; i++) {
		struct fiber_id reader;
		struct pair p;

		pair_open(&p, SOCK_STREAM);
		if (i % 2)
			write_x(&p.end[1]);
		reader = begin(read_x, &p.end[0]);
		if (i % 3)
			fiber_yield();
		if (!(i % 2))
			write_x(&p.end[1]);
		end(reader);
		if (i % 5 == 0)
			shutdown(p.end[1], SHUT_RDWR);
		pair_close(&p);
	}
	return 0;
}

static void *send_bulk(void *arg)
{
	unsigned char buffer[8192];

	for (size_t at = 0; at < BULK;) {
		struct iovec iov[2] = {{buffer, 1000},
				       {buffer + 1000, sizeof buffer - 1000}};
		ssize_t n;

		for (size_t i = 0; i < sizeof buffer; i++)
			buffer[i] = (unsigned char)((at + i) * 31 >> 3);
		n = fiber_writev(*(int *)arg, iov, 2);
		must(n > 0, "write much");
		at += n > 0 ? (size_t)n : BULK;
	}
	shutdown(*(int *)arg, SHUT_WR);
	return NULL;
}

/* Bigger than any buffer: the writer blocks, too. */
static int bulk(void *arg)
{
	unsigned char buffer[5000];
	struct fiber_id writer;
	struct pair p;
	size_t at = 0, wrong = 0;
	ssize_t n;

	(void)arg;
	pair_open(&p, SOCK_STREAM);
	writer = begin(send_bulk, &p.end[1]);
	while ((n = fiber_read(p.end[0], buffer, sizeof buffer)) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			wrong += buffer[i] != (unsigned char)(at * 31 >> 3);
	must_be(n, 0, "end of much");
	must(at >= BULK && wrong == 0, "what was sent");
	end(writer);
	pair_close(&p);
	return 0;
}

/* A datagram that is shorter than the buffer is not the last. */
static int datagrams(void *arg)
{
	struct fiber_id reader;
	struct pair p;
	char buffer[100];

	(void)arg;
	pair_open(&p, SOCK_DGRAM);
	reader = begin(read_x, &p.end[0]);
	fiber_sleep_ns(1000000);
	for (int i = 0; i < 3; i++)
		write_x(&p.end[1]);
	end(reader);
	for (int i = 0; i < 2; i++)
		must_be(fiber_read(p.end[0], buffer, sizeof buffer), 1, "datagram");
	pair_close(&p);
	return 0;
}

/* Two readers, two bytes: nobody is left asleep. */
static int readers(void *arg)
{
	struct fiber_id ids[2];
	int ends[2];

	(void)arg;
	must_be(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0, "pipe");
	for (int round = 0; round < REUSES; round++) {
		for (int i = 0; i < 2; i++)
			ids[i] = begin(read_x, &ends[0]);
		if (round % 2)
			fiber_yield();
		must_be(fiber_write(ends[1], "xx", 2), 2, "write for two");
		for (int i = 0; i < 2; i++)
			end(ids[i]);
	}
	must_be(fiber_close(ends[0]), 0, "close");
	must_be(fiber_write(ends[1], "x", 1), -EPIPE, "write to nobody");
	must_be(fiber_close(ends[1]), 0, "close the other end");
	return 0;
}

static int bad_descriptors(void *arg)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	char c = 0;

	(void)arg;
	must_be(fiber_read(fd, &c, 1), 0, "read /dev/null");
	must_be(fiber_write(fd, &c, 1), 1, "write /dev/null");
	must_be(fiber_close(fd), 0, "close /dev/null");
	for (int i = 0; i < 2; i++, fd = -1) {
		must_be(fiber_read(fd, &c, 1), -EBADF, "read nothing");
		must_be(fiber_write(fd, &c, 1), -EBADF, "write nothing");
		must_be(fiber_accept(fd), -EBADF, "accept from nothing");
		must_be(fiber_wait_fd(fd, POLLIN, 0), -EBADF, "wait for nothing");
		must_be(fiber_close(fd), -EBADF, "close nothing");
	}
	return 0;
}

int main(void)
{
	static const struct scenario scenarios[] = {
		{"echo", echo_all},
		{"deadlines", deadlines},
		{"half-closed", half_closed},
		{"forgotten", forgotten},
		{"many", many},
		{"reuse", reuse},
		{"bulk", bulk},
		{"datagrams", datagrams},
		{"readers", readers},
		{"bad descriptors", bad_descriptors},
	};

	return ways_run(scenarios, sizeof scenarios / sizeof *scenarios);
}
