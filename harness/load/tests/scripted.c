/* SPDX-License-Identifier: BSD-2-Clause */
/* A server that misbehaves by script, for the tests of the load generator:
 *   scripted MODE [NUMBER]
 * One poll loop; prints `ready 127.0.0.1:PORT`, and ends by itself after a minute. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/clock.h"

enum {
	CONNECTIONS = 1024,
	LIFE_S = 60,
	REPLY_MAX = 1 << 20,
	STALL_AFTER_MS = 800,
	CUT = 7,
};

enum mode {
	NORMAL,     /* a body of NUMBER bytes (100) */
	STALL,      /* normal, but once it freezes for NUMBER ms, 800 ms after the first
		       request */
	GARBAGE,    /* what is not HTTP */
	CLOSE,      /* closes instead of a reply */
	NEVER,      /* reads and never replies */
	WRONG_BODY, /* from the NUMBERth reply on, one byte of the body differs */
	WRONG_LENGTH, /* likewise, the body is longer */
	STATUS,       /* status NUMBER */
	DIES,         /* exits after NUMBER replies */
	CUTS,         /* replies a few bytes at a time */
	ONCE,         /* one reply per connection, then closes */
	UNTIL_EOF,    /* HTTP/1.0 without a length */
	MODES,
};

static const char *const modes[MODES] = {
	"normal",       "stall",  "garbage", "close", "never", "wrong-body",
	"wrong-length", "status", "dies",    "cuts",  "once",  "until-eof",
};

struct script {
	enum mode mode;
	long number;
	long replies;
	long long first_ms; /* when the first request came */
	bool stalled;
};

static void sleep_ms(long wait_ms)
{
	struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000};
	while (nanosleep(&wait, &wait) < 0 && errno == EINTR)
		continue;
}

static size_t reply_build(const struct script *script, char *reply)
{
	bool spoilt = script->replies >= script->number;
	int status = script->mode == STATUS ? (int)script->number : 200;
	size_t body = script->mode == NORMAL ? (size_t)script->number : 100;
	bool length_known = script->mode != UNTIL_EOF;
	if (script->mode == WRONG_LENGTH && spoilt)
		body++;
	int head = sprintf(reply, "HTTP/1.%d %d Whatever\r\nContent-Type: x\r\n",
			   length_known, status);
	if (length_known)
		head += sprintf(reply + head, "Content-Length: %zu\r\n", body);
	if (script->mode == ONCE)
		head += sprintf(reply + head, "Connection: close\r\n");
	head += sprintf(reply + head, "\r\n");
	memset(reply + head, 'a', body);
	if (script->mode == WRONG_BODY && spoilt)
		reply[head + 50] = 'b';
	return (size_t)head + body;
}

/* Blocking: no test sends more than the socket takes. */
static bool bytes_send(int fd, const char *bytes, size_t count, size_t cut)
{
	while (count > 0) {
		size_t part = count < cut ? count : cut;
		ssize_t sent = send(fd, bytes, part, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		bytes += sent;
		count -= (size_t)sent;
	}
	return true;
}

static void stall_once(struct script *script)
{
	if (script->first_ms == 0)
		script->first_ms = clock_now_ms();
	if (script->mode != STALL || script->stalled ||
	    clock_now_ms() - script->first_ms < STALL_AFTER_MS)
		return;
	script->stalled = true;
	sleep_ms(script->number);
}

/* One request was read; false: close the connection. */
static bool request_answer(struct script *script, int fd)
{
	static char reply[REPLY_MAX + 512];
	static const char garbage[] = "220 mail.example ESMTP\r\n\r\n";
	stall_once(script);
	switch (script->mode) {
	case GARBAGE:
		return bytes_send(fd, garbage, sizeof garbage - 1, sizeof garbage);
	case CLOSE:
		return false;
	case NEVER:
		return true;
	case DIES:
		if (script->replies == script->number)
			exit(0);
		break;
	default:
		break;
	}
	size_t count = reply_build(script, reply);
	script->replies++;
	return bytes_send(fd, reply, count,
			  script->mode == CUTS ? CUT : sizeof reply) &&
	       script->mode != ONCE && script->mode != UNTIL_EOF;
}

/* A request comes in one piece: the generator's is one small write. */
static bool connection_serve(struct script *script, int fd)
{
	char request[4096];
	ssize_t count = recv(fd, request, sizeof request, 0);
	return count > 0 && request_answer(script, fd);
}

static int listener_open(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 ||
	    listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
		perror("scripted: listen");
		exit(1);
	}
	printf("ready 127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void serve(struct script *script, int listener)
{
	static struct pollfd ready[CONNECTIONS];
	nfds_t count = 1;
	ready[0] = (struct pollfd){.fd = listener, .events = POLLIN};
	while (poll(ready, count, -1) > 0) {
		for (nfds_t i = count - 1; i > 0; i--) {
			if (!ready[i].revents || connection_serve(script, ready[i].fd))
				continue;
			close(ready[i].fd);
			ready[i] = ready[--count];
		}
		if (!ready[0].revents || count == CONNECTIONS)
			continue;
		int fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			ready[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
}

int main(int argc, char **argv)
{
	struct script script = {.mode = MODES, .number = 100};
	for (int i = 0; argc > 1 && i < MODES; i++)
		if (strcmp(argv[1], modes[i]) == 0)
			script.mode = (enum mode)i;
	if (argc > 2)
		script.number = strtol(argv[2], NULL, 10);
	if (script.mode == MODES || script.number < 0 || script.number > REPLY_MAX) {
		fprintf(stderr, "usage: scripted MODE [NUMBER]\n");
		return 2;
	}
	alarm(LIFE_S);
	serve(&script, listener_open());
	return 1;
}
