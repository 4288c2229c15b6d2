/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller's side of ipbench's dialogue against a scripted target, byte for byte:
 * whole, cut at every byte, ending at every byte, and saying other things. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/load/ipbench.h"

enum { GREETING, HELLO, LOAD, SETUP, START, STOP, STEPS, LIFE_S = 120 };

/* What the target hears, and what it answers. */
static const char *const words[STEPS] = {
	"",        "HELLO\n", "LOAD cpu_target_lukem\n", "SETUP args::\"\"\n",
	"START\n", "STOP\n",
};

struct script {
	const char *replies[STEPS]; /* NULL: none, and nothing more */
	bool nul;                   /* behind the last */
	size_t cut;                 /* after so many bytes of all it waits a little */
	bool ends;                  /* or hangs up instead */
};

static const struct script recorded = {
	.replies = {"100 IPBENCH V1.0\n", "200 OK (Ready to go)\n", "200 OK\n",
		    "200 OK\n", "",
		    "220 VALID DATA (Data to follow)\nContent-length: 20\n"
		    ",90123456,987654321"},
	.nul = true,
	.cut = SIZE_MAX,
};

/* Of all that the target says. */
static size_t script_length(const struct script *script)
{
	size_t length = script->nul;
	for (int i = 0; i < STEPS; i++)
		length += script->replies[i] ? strlen(script->replies[i]) : 0;
	return length;
}

/* Reads exactly `word`; the controller may have given up.  Other words are a failure.
 */
static void peer_hear(int fd, const char *word)
{
	char heard[64];
	size_t length = strlen(word);
	ssize_t count = length ? recv(fd, heard, length, MSG_WAITALL) : 0;
	if (count <= 0 && length > 0)
		_exit(0);
	if ((size_t)count != length || memcmp(heard, word, length) != 0)
		_exit(3);
}

static void peer_say(int fd, const char *text, size_t length, struct script *script)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	size_t first = length < script->cut ? length : script->cut;
	script->cut -= first;
	if (first && send(fd, text, first, MSG_NOSIGNAL) < 0)
		_exit(0);
	if (script->cut > 0)
		return;
	if (script->ends)
		_exit(0);
	nanosleep(&moment, NULL);
	script->cut = SIZE_MAX;
	if (length > first)
		send(fd, text + first, length - first, MSG_NOSIGNAL);
}

/* At the end nothing but QUIT may come. */
static void peer_run(int listener, struct script script)
{
	static const int on = 1;
	char rest[64];
	int fd = accept(listener, NULL, NULL);
	alarm(LIFE_S);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (int i = 0; i < STEPS; i++) {
		const char *reply = script.replies[i];
		peer_hear(fd, words[i]);
		if (reply == NULL)
			break;
		peer_say(fd, reply, strlen(reply) + (script.nul && i == STOP), &script);
	}
	shutdown(fd, script.replies[STOP] ? SHUT_WR : SHUT_RD);
	ssize_t count = recv(fd, rest, 5, MSG_WAITALL);
	_exit(count > 0 && memcmp(rest, "QUIT\n", (size_t)count) != 0 ? 3 : 0);
}

static int listener_open(struct ipbench_peer *peer)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	strcpy(peer->host, "127.0.0.1");
	snprintf(peer->port, sizeof peer->port, "%d", ntohs(address.sin_port));
	return fd;
}

/* The whole of a run, without the load. */
static struct ipbench ask(const struct script *script)
{
	struct ipbench_peer peer;
	struct ipbench ipbench;
	int status, listener = listener_open(&peer);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		peer_run(listener, *script);
	close(listener);
	if (ipbench_open(&ipbench, &peer) == 0) {
		ipbench_start(&ipbench);
		ipbench_stop(&ipbench);
		int collected = ipbench_collect(&ipbench);
		assert_int_equal(collected, ipbench.told ? 0 : -1);
	} else {
		assert_false(ipbench.started);
	}
	assert_int_equal(ipbench.fd, -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* Either numbers or a reason. */
	assert_int_equal(ipbench.told, ipbench.why[0] == '\0');
	assert_int_equal(ipbench.told, !isnan(ipbench_share(&ipbench)));
	return ipbench;
}

static void expect_recorded(const struct ipbench *ipbench)
{
	assert_string_equal(ipbench->why, "");
	assert_true(ipbench->told);
	assert_int_equal(ipbench->idle, 90123456);
	assert_int_equal(ipbench->total, 987654321);
	assert_true(fabs(ipbench_share(ipbench) - 0.90875) < 1e-5);
}

static void test_whole(void **unused)
{
	struct ipbench ipbench = ask(&recorded);
	(void)unused;
	expect_recorded(&ipbench);
}

static void test_cut_anywhere(void **unused)
{
	(void)unused;
	for (size_t cut = 1; cut < script_length(&recorded); cut++) {
		struct script script = recorded;
		script.cut = cut;
		struct ipbench ipbench = ask(&script);
		expect_recorded(&ipbench);
	}
}

static void test_ends_anywhere(void **unused)
{
	(void)unused;
	for (size_t cut = 1; cut < script_length(&recorded); cut++) {
		struct script script = recorded;
		script.cut = cut;
		script.ends = true;
		struct ipbench ipbench = ask(&script);
		assert_false(ipbench.told);
	}
}

/* With this answer to that step, this is the reason. */
static void expect_why(int step, const char *reply, const char *why)
{
	struct script script = recorded;
	script.replies[step] = reply;
	script.nul = step < STOP;
	struct ipbench ipbench = ask(&script);
	assert_string_equal(ipbench.why, why);
}

static void test_refusals(void **unused)
{
	(void)unused;
	expect_why(GREETING, "421 SERVICE NOT AVAILABLE (Already Running)\n",
		   "no greeting of an ipbench target: "
		   "`421 SERVICE NOT AVAILABLE (Already Running)'");
	expect_why(GREETING, "HTTP/1.1 400 Bad Request\r\nDate: x\r\n\r\n",
		   "no greeting of an ipbench target: `HTTP/1.1 400 Bad Request.'");
	expect_why(GREETING, "1000 IPBENCH\n",
		   "no greeting of an ipbench target: `1000 IPBENCH'");
	expect_why(HELLO, "421 (\x1b[2J)\n", "to HELLO: `421 (.[2J)'");
	expect_why(LOAD, "451 no such test\n",
		   "to LOAD cpu_target_lukem: `451 no such test'");
	expect_why(SETUP, "400 ERROR\n", "to SETUP: `400 ERROR'");
	expect_why(START, "400 ERROR\n", "to STOP: `400 ERROR'");
	expect_why(STOP, "221 INVALID DATA (Data to follow)\nContent-length: 5\n,0,0",
		   "to STOP: `221 INVALID DATA (Data to follow)'");
}

static void test_line_without_end(void **unused)
{
	char line[2 * IPBENCH_LINE];
	struct script script = recorded;
	(void)unused;
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	script.replies[GREETING] = line;
	struct ipbench ipbench = ask(&script);
	assert_non_null(strstr(ipbench.why, "greeting of an ipbench target: `xxx"));
}

/* What follows `220 VALID DATA`; no NUL is added. */
static struct ipbench ask_data(const char *data)
{
	char reply[256];
	struct script script = recorded;
	snprintf(reply, sizeof reply, "220 VALID DATA (Data to follow)\n%s", data);
	script.replies[STOP] = reply;
	script.nul = false;
	return ask(&script);
}

static void test_data_refused(void **unused)
{
	static const char *const data[][2] = {
		{"Content-length: 6\n0.002\n", "its data are not ,IDLE,TOTAL: `0.002'"},
		{"Content-length: 4\n,0,0", "its total is 0: it does not count"},
		{"Content-length: 4\n,3,2", "more idle than there was: `,3,2'"},
		{"Content-length: 5\n,1,-2", "its data are not ,IDLE,TOTAL: `,1,-2'"},
		{"Content-length: 5\n,1, 2", "its data are not ,IDLE,TOTAL: `,1, 2'"},
		{"Content-length: 3\n,1,", "its data are not ,IDLE,TOTAL: `,1,'"},
		{"Content-length: 2\n,1", "its data are not ,IDLE,TOTAL: `,1'"},
		{"Content-length: 6\n,1,2,3", "its data are not ,IDLE,TOTAL: `,1,2,3'"},
		{"Content-length: 23\n,1,99999999999999999999",
		 "its data are not ,IDLE,TOTAL: `,1,99999999999999999999'"},
		{"Content-length: 9\n,1,2",
		 "within the data: it closed the connection"},
		{"Content-length: 0\n", "after 220: `Content-length: 0'"},
		{"Content-length: 128\n,1,2", "after 220: `Content-length: 128'"},
		{"Content-length: -4\n,1,2", "after 220: `Content-length: -4'"},
		{"Content-length: 4x\n,1,2", "after 220: `Content-length: 4x'"},
		{"Content-type: 4\n,1,2", "after 220: `Content-type: 4'"},
		{"", "after 220: it closed the connection"},
	};
	(void)unused;
	for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
		struct ipbench ipbench = ask_data(data[i][0]);
		assert_string_equal(ipbench.why, data[i][1]);
	}
}

/* Without the NUL, or with a newline for it, as some targets have it. */
static void test_data_taken(void **unused)
{
	static const char *const data[] = {"Content-length: 4\n,1,4",
					   "Content-length: 5\n,1,4\n",
					   "Content-length: 4\n,1,4\nand more"};
	(void)unused;
	for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
		struct ipbench ipbench = ask_data(data[i]);
		assert_string_equal(ipbench.why, "");
		assert_true(ipbench_share(&ipbench) == 0.75);
	}
}

static void test_hangs_up(void **unused)
{
	(void)unused;
	expect_why(SETUP, NULL, "to SETUP: it closed the connection");
}

static void test_nobody_there(void **unused)
{
	struct ipbench_peer peer;
	struct ipbench ipbench;
	(void)unused;
	close(listener_open(&peer));
	assert_int_equal(ipbench_open(&ipbench, &peer), -1);
	assert_string_equal(ipbench.why, strerror(ECONNREFUSED));
	ipbench_start(&ipbench);
	ipbench_stop(&ipbench);
	assert_int_equal(ipbench_collect(&ipbench), -1);
	ipbench_close(&ipbench);
}

static void test_no_window(void **unused)
{
	struct ipbench ipbench = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
	(void)unused;
	assert_int_equal(ipbench_collect(&ipbench), -1);
	assert_string_equal(ipbench.why, "there was no window");
	ipbench_start(NULL);
	ipbench_stop(NULL);
}

static void test_urls(void **unused)
{
	static const char *const good[][3] = {
		{"ipbench://board", "board", "1236"},
		{"IPBENCH://10.0.0.2:1237", "10.0.0.2", "1237"},
		{"ipbench://[fe80::1]:7", "fe80::1", "7"},
		{"ipbench://[::1]", "::1", "1236"},
	};
	static const char *const bad[] = {
		"ipbench://",         "ipbench://:1236",   "ipbench://h:",
		"ipbench://h:0",      "ipbench://h:65536", "ipbench://h:1x",
		"ipbench://h/",       "ipbench://h:1/",    "ipbench://[::1",
		"ipbench://[::1]1",   "ipbench://u@h",     "http://h:1236",
		"ipbench://h:999999", "ipbench://[]:1",
	};
	struct ipbench_peer peer;
	char far[IPBENCH_HOST + 16] = "ipbench://";
	(void)unused;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_null(ipbench_parse(&peer, good[i][0]));
		assert_string_equal(peer.host, good[i][1]);
		assert_string_equal(peer.port, good[i][2]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(ipbench_parse(&peer, bad[i]));
	memset(far + 10, 'h', IPBENCH_HOST);
	assert_non_null(ipbench_parse(&peer, far));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_ends_anywhere),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_line_without_end),
		cmocka_unit_test(test_data_refused),
		cmocka_unit_test(test_data_taken),
		cmocka_unit_test(test_hangs_up),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_no_window),
		cmocka_unit_test(test_urls),
	};
	alarm(LIFE_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
