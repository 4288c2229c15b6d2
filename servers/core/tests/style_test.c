/* SPDX-License-Identifier: BSD-2-Clause */
/* style_test.c - the duality in the small: session.c and machine.c, fed the same bytes
 * cut at the same random places, with sends that come up short, must answer alike. */
#include "config.h"

#include "machine.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 400, REPLIES_MAX = 1 << 20 };

/* A scripted peer: input comes in pieces, output is taken in pieces, of seeded sizes.
 */
static struct wire {
	const char *input;
	size_t input_len, input_at;
	char *output;
	size_t output_len;
	unsigned seed;
} wire;

static struct service service;
static volatile sig_atomic_t stopping;
static int fd; /* something shutdown(2) can be called on */

static size_t piece(size_t most)
{
	size_t n = (size_t)rand_r(&wire.seed) % 97 + 1;

	return n < most ? n : most;
}

static ssize_t wire_read(int unused, void *buffer, size_t len)
{
	size_t left = wire.input_len - wire.input_at;
	size_t n = left < len ? left : len;

	(void)unused;
	n = n ? piece(n) : 0;
	memcpy(buffer, wire.input + wire.input_at, n);
	wire.input_at += n;
	return (ssize_t)n;
}

static ssize_t wire_writev(int unused, const struct iovec *iov, int n)
{
	size_t room = piece(SIZE_MAX), sent = 0;

	(void)unused;
	for (int i = 0; i < n && room > 0; i++) {
		size_t len = iov[i].iov_len < room ? iov[i].iov_len : room;

		assert_true(wire.output_len + len <= REPLIES_MAX);
		memcpy(wire.output + wire.output_len, iov[i].iov_base, len);
		wire.output_len += len;
		room -= len;
		sent += len;
	}
	return (ssize_t)sent;
}

static int wire_readable(int unused, uint64_t timeout_ns)
{
	(void)unused;
	(void)timeout_ns;
	return 1;
}

static void wire_sleep(uint64_t ns)
{
	(void)ns;
}

static const struct io io_wire = {wire_read, wire_writev, wire_readable, service_load,
				  wire_sleep};

static void direct_style(void)
{
	assert_int_equal(session_serve(fd, &io_wire, &service), 0);
}

static void event_style(void)
{
	struct iovec iov[EXCHANGE_PIECES];
	struct machine m;
	size_t len;
	char *room;

	machine_init(&m, &service);
	for (;;) {
		switch (machine_wants(&m)) {
		case WANT_READ:
			room = machine_room(&m, &len);
			machine_got(&m, wire_read(fd, room, len));
			break;
		case WANT_WRITE:
			machine_sent(&m, wire_writev(fd, iov, machine_output(&m, iov)));
			break;
		case WANT_LOAD:
		case WANT_SPIN:
			machine_block(&m);
			break;
		case WANT_WAIT:
			machine_done(&m, 0);
			break;
		case WANT_SHUT:
			machine_shut(&m);
			break;
		case WANT_CLOSE:
			machine_free(&m);
			return;
		}
	}
}

/* The Date may differ by a second between the two. */
static void blank_dates(char *text)
{
	for (char *at = text; (at = strstr(at, "\r\nDate: ")); at += 8)
		memset(at + 8, 'x', 29);
}

static char *replies_of(void (*style)(void), const char *input, size_t len,
			unsigned seed)
{
	wire = (struct wire){.input = input, .input_len = len, .seed = seed};
	wire.output = calloc(1, REPLIES_MAX + 1);
	style();
	blank_dates(wire.output);
	return wire.output;
}

/* Requests good and bad, any of which may follow any other. */
static size_t script(char *to, unsigned *seed)
{
	static const char *const parts[] = {
		"GET /1k HTTP/1.1\r\nHost: a\r\n\r\n",
		"HEAD /1k HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /70k HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /none HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /wait?us=5 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /spin?us=0 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /spin?us=x HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /1k HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
		"\r\n",
		"GET /1k HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		"GET /1k HTTP/1.0\r\n\r\n",
		"POST /1k HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		"nonsense\r\n\r\n",
		"GET /1k HTTP/1.1\r\nHost: a\r\nX: ",
	};
	size_t count = sizeof parts / sizeof *parts, len = 0;
	int requests = 1 + rand_r(seed) % 8;

	for (int i = 0; i < requests; i++) {
		/* mostly such as leave the connection open */
		size_t which = (size_t)rand_r(seed) % (rand_r(seed) % 4 ? 10 : count);

		memcpy(to + len, parts[which], strlen(parts[which]));
		len += strlen(parts[which]);
	}
	return len;
}

static void styles_agree(void **state)
{
	char input[4096];
	struct cache_stats stats;
	size_t answered = 0;

	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		unsigned seed = round;
		size_t len = script(input, &seed);
		char *direct = replies_of(direct_style, input, len, seed);
		char *event = replies_of(event_style, input, len, seed + 1);

		if (strcmp(direct, event) != 0)
			fail_msg("round %u: %.*s", round, (int)len, input);
		answered += *direct != '\0';
		free(direct);
		free(event);
	}
	assert_true(answered > ROUNDS / 2);
	cache_stats(service.cache, &stats);
	assert_int_equal(stats.pins_used, 0);
}

static void stopping_closes(void **state)
{
	static const char two[] = "GET /1k HTTP/1.1\r\nHost: a\r\n\r\n"
				  "GET /1k HTTP/1.1\r\nHost: a\r\n\r\n";
	void (*const style[])(void) = {direct_style, event_style};

	(void)state;
	stopping = 1;
	for (int i = 0; i < 2; i++) {
		char *replies = replies_of(style[i], two, sizeof two - 1, 1);
		char *first = strstr(replies, "Connection: close\r\n");

		assert_non_null(first);
		assert_null(strstr(first, "HTTP/1.1"));
		free(replies);
	}
	stopping = 0;
}

static char root[] = "style_test.XXXXXX";

static void make_file(const char *name, size_t len)
{
	char path[64], data[1024];
	int file;

	snprintf(path, sizeof path, "%s/%s", root, name);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(file >= 0);
	for (size_t at = 0; at < len; at += sizeof data) {
		memset(data, (int)('a' + at / sizeof data % 26), sizeof data);
		assert_int_equal(write(file, data, sizeof data), sizeof data);
	}
	close(file);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	make_file("1k", 1024);
	make_file("70k", 70 * 1024);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	service.counters = counters_map(NULL);
	service.stopping = &stopping;
	return cache_create(&service.cache, root, 1 << 20, 16, &cache_lock_none);
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	cache_destroy(service.cache);
	snprintf(path, sizeof path, "%s/1k", root);
	unlink(path);
	snprintf(path, sizeof path, "%s/70k", root);
	unlink(path);
	return rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(styles_agree),
		cmocka_unit_test(stopping_closes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
