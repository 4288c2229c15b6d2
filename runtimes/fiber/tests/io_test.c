/* SPDX-License-Identifier: BSD-2-Clause */
/* io_test.c - much going on at many descriptors, that come, go, and come again. */
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

enum {
	PAIRS = 100,
	MESSAGES = 20,
	PLAYERS = 8,
	ROUNDS = 10000,
	ROUNDS_BUSY = 100,
	MANY = 1000,
	BULK = 4 << 20,
	REUSES = 50
};

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

static void *ping(void *arg)
{
	const struct pair *p = arg;
	char c = 0;

	for (int i = 0; i < p->number; i++) {
		must_be(fiber_write(p->end[0], "x", 1), 1, "ping");
		must_be(fiber_read(p->end[0], &c, 1), 1, "pong");
	}
	shutdown(p->end[0], SHUT_WR);
	return NULL;
}

/* Who waits busily does not sleep; and workers that do, on one processor, take a time
 * slice for each word that goes from one to the other. */
static int rounds_of(const struct fiber_options *options)
{
	return options->workers > 1 && strcmp(options->wait, "relinquish") == 0
		       ? ROUNDS_BUSY
		       : ROUNDS;
}

/* Each event races with the reader that goes to sleep, on another worker if there is
 * one. */
static int ping_pong(void *arg)
{
	struct fiber_id ids[2 * PLAYERS];
	struct pair pairs[PLAYERS];

	for (int i = 0; i < PLAYERS; i++) {
		pairs[i].number = rounds_of(arg);
		pair_open(&pairs[i], SOCK_STREAM);
		ids[i] = begin(echo, &pairs[i]);
		ids[PLAYERS + i] = begin(ping, &pairs[i]);
	}
	for (int i = 0; i < 2 * PLAYERS; i++)
		end(ids[i]);
	for (int i = 0; i < PLAYERS; i++)
		pair_close(&pairs[i]);
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

/* Its number may be another's at once; with several workers a reader might come only
 * then. */
static int forgotten(void *arg)
{
	const struct fiber_options *options = arg;
	struct fiber_id ids[3];
	struct pair p, q;

	pair_open(&p, SOCK_STREAM);
	pair_open(&q, SOCK_STREAM);
	ids[0] = begin(read_forgotten, &p.end[0]);
	ids[1] = begin(wait_forgotten, &p.end[0]);
	ids[2] = begin(read_forgotten, &p.end[0]);
	fiber_sleep_ns(1000000);
	must_be(fiber_close(p.end[0]), 0, "close under readers");
	if (options->workers == 1)
		must_be(dup3(q.end[0], p.end[0], O_CLOEXEC), p.end[0],
			"take its number");
	for (int i = 0; i < 3; i++)
		end(ids[i]);
	if (options->workers == 1)
		must_be(fiber_close(p.end[0]), 0, "close what took it");
	must_be(fiber_close(p.end[1]), 0, "close the other end");
	pair_close(&q);
	return 0;
}

struct rivals {
	int fd, spare;
	int read;
};

/* Who comes first reads, and closes. */
static void *read_and_close(void *arg)
{
	struct rivals *r = arg;
	char c = 0;
	ssize_t n = fiber_read(r->fd, &c, 1);

	if (n == -EBADF)
		return NULL;
	must(n == 1 && c == 'x', "read what was meant for us");
	r->read++;
	fiber_forget(r->fd);
	must_be(dup3(r->spare, r->fd, O_CLOEXEC), r->fd, "take its number");
	return NULL;
}

/* Both are woken by one event, and the second finds the number to be another's. */
static int rivals(void *arg)
{
	const struct fiber_options *options = arg;
	struct rivals r = {.read = 0};
	struct fiber_id ids[2];
	struct pair p, q;

	if (options->workers > 1)
		return 0;
	pair_open(&p, SOCK_STREAM);
	pair_open(&q, SOCK_STREAM);
	write_x(&q.end[1]);
	r.fd = p.end[0];
	r.spare = q.end[0];
	for (int i = 0; i < 2; i++)
		ids[i] = begin(read_and_close, &r);
	fiber_sleep_ns(1000000);
	write_x(&p.end[1]);
	for (int i = 0; i < 2; i++)
		end(ids[i]);
	must_be(r.read, 1, "one read");
	pair_close(&p);
	pair_close(&q);
	return 0;
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
		{"echo", echo_all},       {"ping-pong", ping_pong},
		{"forgotten", forgotten}, {"rivals", rivals},
		{"many", many},           {"reuse", reuse},
		{"bulk", bulk},           {"bad descriptors", bad_descriptors},
	};

	return ways_run(scenarios, sizeof scenarios / sizeof *scenarios);
}
