/* SPDX-License-Identifier: BSD-2-Clause */
/* http_test.c - request heads: what is taken, what is refused and with which status. */
#include "config.h"

#include "http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parse a copy whose end is the end of its allocation, so that a sanitizer sees a read
 * beyond it. */
static ssize_t parse(const char *text, size_t len, struct request *r, char **copy)
{
	*copy = malloc(len ? len : 1);
	memcpy(*copy, text, len);
	return http_parse(*copy, len, r);
}

static void expect_status(const char *head, int status)
{
	struct request r;
	char *copy;
	ssize_t got = parse(head, strlen(head), &r, &copy);

	if (got != -status)
		fail_msg("%d instead of -%d for %s", (int)got, status, head);
	free(copy);
}

static void refuses(void **state)
{
	(void)state;
	expect_status("GET / HTTP/1.1\n\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
	expect_status("GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	expect_status("\x16\x03\x01", 400); /* TLS: no need to wait for more */
	expect_status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
	expect_status("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400);
	expect_status("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400);
	expect_status("GET /\r\n\r\n", 400);
	expect_status("GET / http/1.1\r\nHost: a\r\n\r\n", 400);
	expect_status("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400);
	expect_status("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
	expect_status("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501);
	expect_status(
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		501);
}

static void expect_path(const char *target, const char *path, const char *query)
{
	struct request r;
	char head[512], *copy;
	int len = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
			   target);

	assert_int_equal(parse(head, (size_t)len, &r, &copy), len);
	assert_int_equal(r.path_status, path ? 0 : 400);
	if (path)
		assert_string_equal(r.path, path);
	if (path && query)
		assert_string_equal(r.query, query);
	else if (path)
		assert_null(r.query);
	free(copy);
}

static void decodes_targets(void **state)
{
	(void)state;
	expect_path("/", "/", NULL);
	expect_path("/a/b.html?c=d", "/a/b.html", "c=d");
	expect_path("/a/../b", "/b", NULL);
	expect_path("/a/..", "/", NULL);
	expect_path("/a/b/../../c/", "/c/", NULL);
	expect_path("/./a//b/.", "/a/b/", NULL);
	expect_path("/%61%2fb", "/a/b", NULL);
	expect_path("/...", "/...", NULL);
	expect_path("http://host:80/x?y", "/x", "y");
	expect_path("http://host", "/", NULL);
	expect_path("http://host?y", "/", "y");
	expect_path("/..", NULL, NULL);
	expect_path("/a/../../b", NULL, NULL);
	expect_path("/a/%2e%2e/%2e%2e/b", NULL, NULL);
	expect_path("/%", NULL, NULL);
	expect_path("/%4", NULL, NULL);
	expect_path("/%g1", NULL, NULL);
	expect_path("/%00", NULL, NULL);
	expect_path("/a#b", NULL, NULL);
	expect_path("*", NULL, NULL);
}

static bool keeps(const char *version, const char *fields)
{
	struct request r;
	char head[512], *copy;
	int len = snprintf(head, sizeof head, "GET / HTTP/%s\r\nHost: a\r\n%s\r\n",
			   version, fields);

	assert_int_equal(parse(head, (size_t)len, &r, &copy), len);
	free(copy);
	return r.keep_alive;
}

static void persists_as_the_client_says(void **state)
{
	(void)state;
	assert_true(keeps("1.1", ""));
	assert_true(keeps("1.2", ""));
	assert_false(keeps("1.1", "Connection: close\r\n"));
	assert_false(keeps("1.1", "connection: Keep-Alive, CLOSE\r\n"));
	assert_false(keeps("1.0", ""));
	assert_true(keeps("1.1", "Proxy-Connection: close\r\n"));
	assert_true(keeps("1.1", "Connection: closed, x-close\r\n"));
	assert_true(keeps("1.0", "Connection: keep-alive\r\n"));
	assert_false(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

static void waits_for_the_whole_head(void **state)
{
	static const char head[] = "\r\nHEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET";
	size_t whole = sizeof head - 1 - 3;
	struct request r;
	char *copy;

	(void)state;
	for (size_t len = 0; len < sizeof head; len++) {
		assert_int_equal(parse(head, len, &r, &copy), len < whole ? 0 : whole);
		free(copy);
	}
	assert_int_equal(r.method, METHOD_HEAD);
}

static void bounds_the_head(void **state)
{
	static const char begin[] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
	char head[HTTP_HEAD_MAX + 2], *copy;
	struct request r;

	(void)state;
	memset(head, 'x', sizeof head);
	memcpy(head, begin, sizeof begin - 1);
	memcpy(head + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
	assert_int_equal(parse(head, HTTP_HEAD_MAX, &r, &copy), HTTP_HEAD_MAX);
	free(copy);
	assert_int_equal(parse(head, HTTP_HEAD_MAX - 1, &r, &copy), 0);
	free(copy);
	memset(head + HTTP_HEAD_MAX - 4, 'x', 4);
	memcpy(head + HTTP_HEAD_MAX - 3, "\r\n\r\n", 4);
	assert_int_equal(parse(head, HTTP_HEAD_MAX + 1, &r, &copy), -431);
	free(copy);
	assert_int_equal(parse(head, HTTP_HEAD_MAX, &r, &copy), -431);
	free(copy);
}

static void writes_heads(void **state)
{
	struct reply_head h = {.status = 405,
			       .type = "text/plain",
			       .length = 23,
			       .allow = "GET, HEAD",
			       .close = true,
			       .date = 784111777};
	char out[HTTP_REPLY_HEAD_MAX + 1];

	(void)state;
	out[http_head(out, &h)] = '\0';
	assert_string_equal(out, "HTTP/1.1 405 Method Not Allowed\r\n"
				 "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
				 "Content-Type: text/plain\r\n"
				 "Content-Length: 23\r\n"
				 "Allow: GET, HEAD\r\n"
				 "Connection: close\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(decodes_targets),
		cmocka_unit_test(persists_as_the_client_says),
		cmocka_unit_test(waits_for_the_whole_head),
		cmocka_unit_test(bounds_the_head),
		cmocka_unit_test(writes_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
