/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of loading by datagrams: URLs, payloads, the ledger, what the kernel
 * dropped. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/load/udp_ledger.h"
#include "harness/load/udp_payload.h"
#include "harness/load/udp_socket.h"
#include "harness/load/url.h"

static void test_urls(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"udp://",      "udp://:5",      "udp://h",     "udp://h:",
		"udp://h:0",   "udp://h:65536", "udp://h:5/x", "udp://h:5?x",
		"udp://[::1]", "udp://[::1:5",  "udp://[]:5",  "udp://u@h:5",
		"http://h:5/", "udp://h:5 ",
	};
	struct url url;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(url_parse_udp(&url, bad[i]));
	assert_null(url_parse_udp(&url, "udp://127.0.0.1:1235"));
	assert_true(url.udp);
	assert_string_equal(url.host, "127.0.0.1");
	assert_string_equal(url.port, "1235");
	assert_null(url_parse_udp(&url, "UDP://[::1]:7/"));
	assert_string_equal(url.host, "::1");
	assert_string_equal(url.port, "7");
	union url_address address;
	assert_null(url_resolve(&url, &address));
	assert_int_equal(address.any.sa_family, AF_INET6);
	assert_int_equal(address.in6.sin6_port, htons(7));
}

static size_t datagram_make(const struct udp_payload *payload, uint64_t number,
			    unsigned char *to)
{
	struct udp_head head = {number, 5 * number};
	struct iovec pieces[UDP_PIECES];
	udp_payload_pieces(payload, &head, pieces);
	memcpy(to, pieces[0].iov_base, pieces[0].iov_len);
	memcpy(to + pieces[0].iov_len, pieces[1].iov_base, pieces[1].iov_len);
	return pieces[0].iov_len + pieces[1].iov_len;
}

static void payload_check(size_t size)
{
	static unsigned char bytes[UDP_SIZE_MOST + 1];
	struct udp_payload payload;
	struct udp_head head;
	assert_int_equal(udp_payload_open(&payload, size, 1), 0);
	for (uint64_t number = 0; number < 600; number += 7) {
		assert_int_equal(datagram_make(&payload, number, bytes), size);
		assert_true(udp_payload_read(&payload, bytes, size, &head));
		assert_int_equal(head.number, number);
		assert_int_equal(head.planned_ns, 5 * number);
		for (size_t i = sizeof head; i < size; i += size / 13 + 1) {
			bytes[i] ^= 0x10;
			assert_false(udp_payload_read(&payload, bytes, size, &head));
			bytes[i] ^= 0x10;
		}
		assert_false(udp_payload_read(&payload, bytes, size - 1, &head));
		assert_false(udp_payload_read(&payload, bytes, size + 1, &head));
	}
	udp_payload_close(&payload);
}

static void test_payload(void **state)
{
	(void)state;
	payload_check(UDP_SIZE_LEAST);
	payload_check(UDP_SIZE_LEAST + 1);
	payload_check(1472);
	payload_check(UDP_SIZE_MOST);
}

enum { ROOM = 8, SENT = 100 };

/* Numbers from 0 on, datagram n planned at 10 n. */
static void test_ledger(void **state)
{
	(void)state;
	struct udp_ledger ledger;
	struct udp_entry *entry = NULL;
	assert_int_equal(udp_ledger_open(&ledger, ROOM - 1), 0);
	assert_int_equal(ledger.room, ROOM);
	assert_int_equal(udp_ledger_find(&ledger, 0, 0, &entry), UDP_UNKNOWN);
	for (uint64_t n = 0; n < SENT; n++) {
		struct request request = {10 * n, 10 * n + 1};
		assert_int_equal(udp_ledger_next(&ledger)->awaited, n >= ROOM);
		udp_ledger_sent(&ledger, &request);
	}
	assert_int_equal(udp_ledger_find(&ledger, SENT, 10 * SENT, &entry),
			 UDP_UNKNOWN);
	assert_int_equal(udp_ledger_find(&ledger, UINT64_MAX, 0, &entry), UDP_UNKNOWN);
	assert_int_equal(udp_ledger_find(&ledger, SENT - ROOM - 1, 0, &entry),
			 UDP_STALE);
	assert_int_equal(udp_ledger_find(&ledger, SENT - 1, 1, &entry), UDP_UNKNOWN);
	for (uint64_t n = SENT - ROOM; n < SENT; n++) {
		assert_int_equal(udp_ledger_find(&ledger, n, 10 * n, &entry),
				 UDP_AWAITED);
		assert_int_equal(entry->request.sent_ns, 10 * n + 1);
		entry->awaited = false;
		assert_int_equal(udp_ledger_find(&ledger, n, 10 * n, &entry),
				 UDP_DUPLICATE);
	}
	udp_ledger_close(&ledger);
}

static int echoless_open(union url_address *at)
{
	socklen_t length = sizeof at->in;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	at->in = (struct sockaddr_in){.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, &at->any, length), 0);
	assert_int_equal(getsockname(fd, &at->any, &length), 0);
	return fd;
}

enum { BURST = 20000 };

/* Nobody reads while more comes than there is room for: read + dropped = sent. */
static void test_drops(void **state)
{
	(void)state;
	static char bytes[1472];
	union url_address at, own;
	struct udp_socket udp;
	socklen_t length = sizeof own;
	int epoll_fd = epoll_create1(0), peer = echoless_open(&at), received = 0;
	assert_int_equal(udp_socket_open(&udp, &at, epoll_fd), 0);
	assert_int_equal(getsockname(udp.fd, &own.any, &length), 0);
	assert_int_equal(udp_socket_drops(&udp), 0);
	for (int i = 0; i < BURST; i++)
		assert_int_equal(sendto(peer, bytes, sizeof bytes, 0, &own.any, length),
				 sizeof bytes);
	while (recv(udp.fd, bytes, sizeof bytes, 0) > 0)
		received++;
	assert_true(udp_socket_drops(&udp) > 0);
	assert_int_equal(udp_socket_drops(&udp) + (uint64_t)received, BURST);
	udp_socket_close(&udp);
	close(peer);
	close(epoll_fd);
}

/* The peer's port is closed: the next call tells, and then no more. */
static void test_refused(void **state)
{
	(void)state;
	union url_address at;
	struct udp_socket udp;
	struct epoll_event event;
	int epoll_fd = epoll_create1(0), peer = echoless_open(&at);
	assert_int_equal(udp_socket_open(&udp, &at, epoll_fd), 0);
	close(peer);
	assert_int_equal(send(udp.fd, "x", 1, 0), 1);
	assert_int_equal(epoll_wait(epoll_fd, &event, 1, 10000), 1);
	assert_int_equal(udp_socket_error(&udp), -ECONNREFUSED);
	assert_int_equal(udp_socket_error(&udp), 0);
	assert_int_equal(epoll_wait(epoll_fd, &event, 1, 0), 0);
	udp_socket_close(&udp);
	close(epoll_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),    cmocka_unit_test(test_payload),
		cmocka_unit_test(test_ledger),  cmocka_unit_test(test_drops),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
