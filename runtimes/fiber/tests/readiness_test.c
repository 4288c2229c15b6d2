/* SPDX-License-Identifier: BSD-2-Clause */
/* readiness_test.c - when a call waits, and what ends its wait. */
#include "config.h"

#include "ways.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ROUNDS = 50,
	ASK_AT = 700,        /* bytes swapped, then */
	OVERTAKEN_MOST = 50, /* so many more until the third has its turn */
	SWAPS_MOST = 100000
};

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

struct order {
	int fd;
	_Atomic(bool) other_ran;
};

static void *run_meanwhile(void *arg)
{
	((struct order *)arg)->other_ran = true;
	return NULL;
}

/* What was found drained is not tried again before the kernel has told of more: no
 * system call in vain. */
static int drained(void *arg)
{
	const struct fiber_options *options = arg;
	struct order o = {.other_ran = false};
	struct fiber_id writer, other;
	char buffer[100];
	struct pair p;

	pair_open(&p, SOCK_STREAM);
	writer = begin(write_x, &p.end[1]);
	must_be(fiber_wait_fd(p.end[0], POLLIN, FIBER_FOREVER), POLLIN, "input");
	must_be(fiber_read(p.end[0], buffer, sizeof buffer), 1, "all there is");
	end(writer);
	write_x(&p.end[1]);
	other = begin(run_meanwhile, &o);
	must_be(fiber_read(p.end[0], buffer, sizeof buffer), 1, "more");
	if (strcmp(options->wait, "relinquish") != 0 && options->workers == 1)
		must(o.other_ran, "wait for the kernel to tell");
	end(other);
	pair_close(&p);
	return 0;
}

struct one_and_end {
	struct pair p;
	_Atomic(bool) has_one;
};

static void *read_one_and_end(void *arg)
{
	struct one_and_end *o = arg;
	const struct pair *p = &o->p;
	char buffer[100];

	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 1, "first byte");
	o->has_one = true;
	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 4, "last bytes");
	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 0, "end");
	must_be(fiber_read(p->end[0], buffer, sizeof buffer), 0, "end, again");
	return NULL;
}

/* Its end comes with the last bytes, in one event.  The other way it still goes on. */
static int half_closed(void *arg)
{
	struct one_and_end o = {.has_one = false};
	struct pair *p = &o.p;
	struct fiber_id reader;
	char c;

	(void)arg;
	pair_open(p, SOCK_STREAM);
	reader = begin(read_one_and_end, &o);
	fiber_sleep_ns(1000000);
	write_x(&p->end[1]);
	do
		fiber_sleep_ns(1000000);
	while (!o.has_one);
	must_be(write(p->end[1], "last", 4), 4, "write the last");
	shutdown(p->end[1], SHUT_WR);
	end(reader);
	must_be(fiber_write(p->end[0], "y", 1), 1, "write to the half-closed");
	must_be(fiber_read(p->end[1], &c, 1), 1, "read by the half-closed");
	pair_close(p);
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
	for (int round = 0; round < ROUNDS; round++) {
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

static struct {
	struct pair p, ask;
	_Atomic(unsigned) swaps, heard_at;
} swapping;

/* Two bytes go round: whoever waits finds one once the other has run, and nobody need
 * be told. */
static void *swap(void *arg)
{
	const int fd = *(int *)arg;
	char c;

	while (!swapping.heard_at && swapping.swaps < SWAPS_MOST) {
		must_be(fiber_read(fd, &c, 1), 1, "read the other's");
		if (++swapping.swaps == ASK_AT)
			write_x(&swapping.ask.end[1]);
		write_x(arg);
	}
	write_x(arg);
	return NULL;
}

static void *hear(void *arg)
{
	read_x(arg);
	swapping.heard_at = swapping.swaps;
	return NULL;
}

/* Two that always have something to read do not keep a third from its turn. */
static int overtaken(void *arg)
{
	const struct fiber_options *options = arg;
	struct fiber_id ids[3];

	swapping.swaps = swapping.heard_at = 0;
	pair_open(&swapping.p, SOCK_STREAM);
	pair_open(&swapping.ask, SOCK_STREAM);
	ids[0] = begin(hear, &swapping.ask.end[0]);
	for (int i = 0; i < 2; i++)
		ids[1 + i] = begin(swap, &swapping.p.end[i]);
	fiber_sleep_ns(1000000);
	for (int i = 0; i < 2; i++)
		write_x(&swapping.p.end[i]);
	for (int i = 0; i < 3; i++)
		end(ids[i]);
	must(options->workers > 1 || swapping.heard_at <= ASK_AT + OVERTAKEN_MOST,
	     "the third is soon told");
	pair_close(&swapping.p);
	pair_close(&swapping.ask);
	return 0;
}

struct meanwhile {
	struct pair start, p, q;
	bool reads;
};

static void *read_twice(void *arg)
{
	struct meanwhile *m = arg;
	char c;

	must_be(fiber_read(m->start.end[0], &c, 1), 1, "start");
	m->reads = true;
	must_be(fiber_read(m->p.end[0], &c, 1), -EBADF, "read what is closed");
	return NULL;
}

static void *close_meanwhile(void *arg)
{
	const struct meanwhile *m = arg;
	char c;

	must_be(fiber_read(m->start.end[1], &c, 1), 1, "start");
	while (!m->reads)
		fiber_yield();
	must_be(fiber_close(m->p.end[0]), 0, "close under a reader");
	must_be(dup3(m->q.end[0], m->p.end[0], O_CLOEXEC), m->p.end[0],
		"take its number");
	return NULL;
}

/* A reader whose read was put off does not go on at a number that is another's. */
static int put_off(void *arg)
{
	const struct fiber_options *options = arg;
	struct fiber_id ids[2];
	struct meanwhile m = {.reads = false};

	if (options->workers > 1)
		return 0;
	pair_open(&m.start, SOCK_STREAM);
	pair_open(&m.p, SOCK_STREAM);
	pair_open(&m.q, SOCK_STREAM);
	write_x(&m.q.end[1]);
	ids[0] = begin(read_twice, &m);
	ids[1] = begin(close_meanwhile, &m);
	fiber_sleep_ns(1000000);
	write_x(&m.start.end[1]);
	write_x(&m.start.end[0]);
	for (int i = 0; i < 2; i++)
		end(ids[i]);
	pair_close(&m.start);
	pair_close(&m.p);
	pair_close(&m.q);
	return 0;
}

int main(void)
{
	static const struct scenario scenarios[] = {
		{"deadlines", deadlines},     {"drained", drained},
		{"half-closed", half_closed}, {"datagrams", datagrams},
		{"readers", readers},         {"overtaken", overtaken},
		{"put off", put_off},
	};

	return ways_run(scenarios, sizeof scenarios / sizeof *scenarios);
}
