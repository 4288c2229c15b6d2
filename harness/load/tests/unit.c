/* SPDX-License-Identifier: BSD-2-Clause */
/* The load generator's parts without a network: reply parser, verifier, mix, gauge,
 * tally. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/load/connection.h"
#include "harness/load/gauge.h"
#include "harness/load/http.h"
#include "harness/load/line.h"
#include "harness/load/mix.h"
#include "harness/load/tally.h"
#include "harness/load/verify.h"

static const char whole[] = "HTTP/1.1 200 OK\r\nDate: now\r\nCoNtEnt-LENGTH:  5 \r\n"
			    "X-Note: a:b\r\nConnection: x, Close\r\n\r\n";

static void test_reply_cut_everywhere(void **state)
{
	(void)state;
	struct http_head head = {.carry = NULL};
	const size_t length = sizeof whole - 1;
	for (size_t first = 1; first < length; first++) {
		for (size_t second = first; second < length; second++) {
			http_begin(&head);
			assert_int_equal(http_feed(&head, whole, first), first);
			assert_false(head.done);
			if (second > first)
				assert_int_equal(
					http_feed(&head, whole + first, second - first),
					second - first);
			char rest[sizeof whole + 5];
			int count =
				snprintf(rest, sizeof rest, "%sHello", whole + second);
			assert_int_equal(http_feed(&head, rest, (size_t)count),
					 length - second);
			assert_true(head.done);
			assert_int_equal(head.status, 200);
			assert_int_equal(head.length, 5);
			assert_true(head.closes);
			assert_false(head.until_eof);
		}
	}
	http_release(&head);
}

static ssize_t feed_once(struct http_head *head, const char *text, size_t length)
{
	http_begin(head);
	return http_feed(head, text, length);
}

static void test_reply_garbage(void **state)
{
	(void)state;
	static const char *const garbage[] = {
		"\r\n\r\n",
		"220 mail ESMTP\r\n\r\n",
		"HTTP/2.0 200 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1 200OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\nA: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA\rB: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\n folded: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\n: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"SSH-2.0",
	};
	static const char nul[] = "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n";
	static char endless[HTTP_HEAD_MAX + 1];
	struct http_head head = {.carry = NULL};
	for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
		if (feed_once(&head, garbage[i], strlen(garbage[i])) != -EPROTO)
			fail_msg("accepted: %s", garbage[i]);
	assert_int_equal(feed_once(&head, nul, sizeof nul - 1), -EPROTO);
	memset(endless, 'a', sizeof endless);
	memcpy(endless, "HTTP/1.1 200 ", 13);
	assert_int_equal(feed_once(&head, endless, sizeof endless), -EMSGSIZE);
	http_release(&head);
}

static void test_reply_lengths(void **state)
{
	(void)state;
	static const char old[] = "HTTP/1.0 200 OK\r\n\r\n";
	static const char kept[] = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
				   "Content-Length: 0\r\n\r\n";
	static const char none[] =
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n";
	struct http_head head = {.carry = NULL};
	assert_true(feed_once(&head, old, sizeof old - 1) > 0);
	assert_true(head.done && head.until_eof && head.closes);
	assert_true(feed_once(&head, kept, sizeof kept - 1) > 0);
	assert_true(head.done && !head.until_eof && !head.closes);
	assert_true(feed_once(&head, none, sizeof none - 1) > 0);
	assert_true(head.done && !head.until_eof && head.length == 0);
	assert_int_equal(head.status, 304);
}

static bool body_check(struct verify_known *known, const char *body, size_t cut,
		       uint64_t every)
{
	struct verify_body state;
	verify_begin(&state, known, every);
	verify_bytes(&state, body, cut);
	verify_bytes(&state, body + cut, strlen(body) - cut);
	return verify_end(&state, known);
}

static void test_verify(void **state)
{
	(void)state;
	struct verify_known known = {.have = false};
	for (size_t cut = 0; cut <= 5; cut++)
		assert_true(body_check(&known, "right", cut, 1));
	assert_false(body_check(&known, "wrong", 2, 1));
	assert_false(body_check(&known, "righ", 2, 1000000));
	int caught = 0;
	for (int i = 0; i < 100; i++)
		caught += !body_check(&known, "wrong", 0, 10);
	assert_int_equal(caught, 10);
}

static void mix_write(char *path, const char *text)
{
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Reads text as a mix file; the message begins with the line, "FILE:" taken off. */
static int mix_text(struct mix *mix, const char *text, char *message)
{
	char path[] = "/tmp/duality-mix.XXXXXX";
	char full[MIX_MESSAGE_MAX] = "";
	mix_write(path, text);
	int error = mix_read(mix, path, full);
	unlink(path);
	size_t skip = strlen(path) + 1;
	strcpy(message, strlen(full) > skip ? full + skip : "");
	return error;
}

static void test_mix_weights(void **state)
{
	(void)state;
	char message[MIX_MESSAGE_MAX];
	struct mix mix = {.count = 0};
	int seen[4] = {0, 0, 0, 0};
	assert_int_equal(mix_text(&mix,
				  "# a comment\n\n1 http://127.0.0.1:8080/a\n"
				  "  3 /b?us=1 # and another\r\n6\t/c \n"
				  "10 POST /d?n=1\n",
				  message),
			 0);
	assert_int_equal(mix.count, 4);
	assert_string_equal(mix.targets[1].request,
			    "GET /b?us=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
	assert_string_equal(mix.targets[3].request,
			    "POST /d?n=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
			    "Content-Length: 0\r\n\r\n");
	assert_string_equal(mix.targets[3].path, "/d?n=1");
	for (uint64_t i = 0; i < 200000; i++) {
		struct target *target = mix_pick(&mix, 5, i);
		assert_ptr_equal(target, mix_pick(&mix, 5, i));
		seen[target - mix.targets]++;
	}
	assert_true(abs(seen[0] - 10000) < 500);
	assert_true(abs(seen[1] - 30000) < 700);
	assert_true(abs(seen[2] - 60000) < 700);
	mix_close(&mix);
}

static void test_mix_errors(void **state)
{
	(void)state;
	static const char *const wrong[][2] = {
		{"1 /a\n", "1: /a: a path needs a URL"},
		{"1 http://h/\nx /b\n", "2: expected `WEIGHT"},
		{"1 http://h/\n\n0 /b\n", "3: expected `WEIGHT"},
		{"-1 http://h/\n", "1: expected `WEIGHT"},
		{"1 POST http:///\n", "1: http:///: the host"},
		{"1 PUT http://h/\n", "1: PUT http://h/: "},
		{"1.5 http://h/\n", "1: expected `WEIGHT"},
		{"1http://h/\n", "1: expected `WEIGHT"},
		{"1\n", "1: expected `WEIGHT"},
		{"1 http://h/\n1 http://i/\n", "2: http://i/: all URLs must name"},
		{"1 http://h/\n1 /a b\n", "2: /a b: a path has visible"},
		{"1 udp://h:9\n", "1: udp://h:9: a udp:// URL stands alone"},
		{"1 http://h:0/\n", "1: http://h:0/: the port"},
		{"1 http://h:8x/\n", "1: http://h:8x/: the port"},
		{"1 http:///\n", "1: http:///: the host"},
		{"1 http://u@h/\n", "1: http://u@h/: user names"},
		{"# nothing\n", " no requests"},
	};
	char message[MIX_MESSAGE_MAX];
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct mix mix = {.count = 0};
		assert_int_equal(mix_text(&mix, wrong[i][0], message), -EINVAL);
		if (strncmp(message, wrong[i][1], strlen(wrong[i][1])) != 0)
			fail_msg("`%s` for: %s", message, wrong[i][0]);
		mix_close(&mix);
	}
}

static void test_arrival_queue(void **state)
{
	(void)state;
	struct arrival_queue queue = {.put = UINT64_MAX - 5000,
				      .taken = UINT64_MAX - 5000};
	uint64_t put = 0;
	uint64_t taken = 0;
	while (taken < 20000) {
		for (int i = 0; i < 3 && put < 20000; i++)
			assert_int_equal(arrival_put(&queue, put++), 0);
		assert_int_equal(arrival_take(&queue), taken++);
	}
	assert_int_equal(arrival_count(&queue), 0);
	free(queue.planned_ns);
}

static void test_gauge(void **state)
{
	(void)state;
	struct gauge gauge = {.start_ns = 100, .end_ns = 200};
	gauge_set(&gauge, 50, 10);
	gauge_set(&gauge, 4, 90); /* the 50 lay before the window */
	gauge_set(&gauge, 2, 150);
	gauge_set(&gauge, 99, 200); /* from its end on */
	gauge_set(&gauge, 0, 300);
	assert_true(gauge_mean(&gauge) == 3.0);
	assert_int_equal(gauge_max(&gauge), 4);
	struct gauge still = {.start_ns = 100, .end_ns = 200, .level = 8};
	assert_int_equal(gauge_max(&still), 8);
	assert_true(gauge_mean(&still) == 8.0);
}

/* Textbook line: y = 1 + 2x with residuals +1, -1, -1, +1 has slope 2 still, and
 * se = sqrt(4 / 2 / 5). */
static void test_trend(void **state)
{
	(void)state;
	static const double residuals[] = {1, -1, -1, 1};
	struct trend trend = {.count = 0};
	assert_true(isnan(trend_fit(&trend).slope));
	for (int i = 0; i < 4; i++)
		trend_add(&trend, i, 1 + 2 * i + residuals[i]);
	struct trend_line line = trend_fit(&trend);
	assert_true(fabs(line.slope - 2) < 1e-12);
	assert_true(fabs(line.slope_se - sqrt(0.4)) < 1e-12);
}

static void request_pass(struct tally *tally, uint64_t planned, uint64_t sent,
			 uint64_t received, enum outcome outcome)
{
	struct request request = {planned, 0};
	tally_planned(tally, planned, true);
	request.sent_ns = sent;
	tally_sent(tally, &request);
	tally_ended(tally, &request, outcome, received);
}

static void test_tally(void **state)
{
	(void)state;
	struct tally tally;
	assert_int_equal(tally_open(&tally), 0);
	tally_window(&tally, 1000, 11000);
	tally_advance(&tally, 900);
	request_pass(&tally, 999, 1000, 1500,
		     OUTCOME_GOOD); /* planned before the window */
	request_pass(&tally, 1500, 1700, 2500, OUTCOME_GOOD);
	request_pass(&tally, 4000, 4100, 5100, OUTCOME_BAD_BODY);
	request_pass(&tally, 10999, 11100, 12000, OUTCOME_LOST);
	struct request shed = {6000, 0};
	tally_planned(&tally, 6000, true);
	tally_ended(&tally, &shed, OUTCOME_NO_CONNECTION, 6000);
	tally_unmade(&tally, 6000, OUTCOME_NO_CONNECTION, 4);
	request_pass(&tally, 11000, 11000, 11500, OUTCOME_GOOD); /* and after it */
	assert_int_equal(tally.planned, 8);
	assert_int_equal(tally.arrived, 4);
	assert_int_equal(tally.sent, 3);
	assert_int_equal(tally.received, 2);
	assert_int_equal(tally.outcomes[OUTCOME_GOOD], 1);
	assert_int_equal(tally.outcomes[OUTCOME_NO_CONNECTION], 5);
	assert_int_equal(tally.sent_inside, 3);
	assert_int_equal(tally.good_inside, 2);
	assert_int_equal(tally.unsent, 0);
	assert_int_equal(tally.latency.max_ns, 1000);
	assert_int_equal(tally.service.max_ns, 800);
	assert_true(isinf(histogram_percentile(&tally.latency, 1)));
	/* 500 + 800 + 1000 ns in flight inside a window of 10,000. */
	assert_true(fabs(gauge_mean(&tally.in_flight) - 0.23) < 1e-12);
	assert_true(fabs(tally_ks_distance(&tally) - 1 / 8.0) < 1e-12);
	tally_close(&tally);
}

static uint32_t dial_source(struct dialer *dialer)
{
	struct connection connection = {.fd = -1};
	struct sockaddr_in from;
	socklen_t length = sizeof from;
	assert_int_equal(connection_dial(&connection, dialer), 0);
	assert_int_equal(getsockname(connection.fd, (struct sockaddr *)&from, &length),
			 0);
	connection_close(&connection);
	return ntohl(from.sin_addr.s_addr) - INADDR_LOOPBACK;
}

/* Source addresses take turns, long before one runs out of ports. */
static void test_sources(void **state)
{
	(void)state;
	static struct dialer dialer;
	struct sockaddr_in to = {.sin_family = AF_INET};
	socklen_t length = sizeof to;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&to, length), 0);
	assert_int_equal(listen(listener, 16), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&to, &length), 0);
	dialer_open(&dialer, &to, -1, 1);
	assert_int_equal(dial_source(&dialer), 0);
	dialer.dialed = 4095;
	assert_int_equal(dial_source(&dialer), 1);
	assert_int_equal(dial_source(&dialer), 1);
	dialer.dialed = 8191;
	assert_int_equal(dial_source(&dialer), 2);
	close(listener);
	to.sin_addr.s_addr =
		htonl(0xc0000201); /* 192.0.2.1, for documentation: RFC 5737 */
	dialer_open(&dialer, &to, -1, 1);
	assert_false(dialer.many_sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply_cut_everywhere),
		cmocka_unit_test(test_reply_garbage),
		cmocka_unit_test(test_reply_lengths),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_mix_weights),
		cmocka_unit_test(test_mix_errors),
		cmocka_unit_test(test_arrival_queue),
		cmocka_unit_test(test_gauge),
		cmocka_unit_test(test_trend),
		cmocka_unit_test(test_tally),
		cmocka_unit_test(test_sources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
