/* SPDX-License-Identifier: BSD-2-Clause */
/* style_test.c - the duality in the small: session.c and machine.c, fed the same bytes
 * cut at the same random places, with sends that come up short, must answer alike. */
#include "config.h"

#include "wire.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 400 };

static struct service service;
static _Atomic bool stopping;

static char *replies_of(char *(*style)(const struct service *s, const struct wire *w,
				       size_t *len),
			const char *input, size_t len, unsigned seed)
{
	const struct wire wire = {.input = input,
				  .input_len = len,
				  .piece_max = 97,
				  .output_max = 1 << 20,
				  .seed = seed};
	char *replies = style(&service, &wire, &len);

	assert_non_null(replies);
	assert_in_range(len, 0, wire.output_max - 1);
	return replies;
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
		char *direct = replies_of(wire_direct, input, len, seed);
		char *event = replies_of(wire_event, input, len, seed + 1);

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
	char *(*const style[])(const struct service *s, const struct wire *w,
			       size_t *len) = {wire_direct, wire_event};

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
	service.counters = counters_map(NULL);
	service.stopping = &stopping;
	if (accounts_create(&service.accounts, ACCOUNTS_FREE, service.counters) < 0)
		return -1;
	return cache_create(&service.cache, root, 1 << 20, 16, &lock_none);
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	accounts_destroy(service.accounts);
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
