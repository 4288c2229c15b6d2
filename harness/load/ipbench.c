/* SPDX-License-Identifier: BSD-2-Clause */
/* ipbench's controller, as far as one target takes; see ipbench.h.  A board compares
 * what one segment brings with the words it knows (the sDDF's
 * examples/echo_server/utilization_socket.c), so each command is a segment of its own,
 * and the next one waits for the answer; START has none. */
#include "config.h"

#include "harness/load/ipbench.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/clock.h"

enum {
	WAIT_MS = 3000, /* for all answers before the load, and for those after it */
	QUOTE = 48,
};

static const char scheme[] = "ipbench://";

bool ipbench_is_url(const char *text)
{
	return strstr(text, "://") != NULL;
}

static const char *port_parse(struct ipbench_peer *peer, const char *text)
{
	size_t length = strlen(text);
	if (length == 0 || length > 5 || strspn(text, "0123456789") < length ||
	    strtol(text, NULL, 10) < 1 || strtol(text, NULL, 10) > 65535)
		return "the port is not a number from 1 to 65535";
	strcpy(peer->port, text);
	return NULL;
}

const char *ipbench_parse(struct ipbench_peer *peer, const char *text)
{
	if (strncasecmp(text, scheme, sizeof scheme - 1) != 0)
		return "only a number, or ipbench://HOST[:PORT]";
	text += sizeof scheme - 1;
	bool ipv6 = *text == '[';
	size_t host = ipv6 ? strcspn(++text, "]") : strcspn(text, ":/?#@");
	const char *end = text + host + (ipv6 && text[host] == ']');
	if (host == 0 || host >= sizeof peer->host)
		return "the host is missing or too long";
	if (ipv6 && *text && end == text + host)
		return "the address has no closing bracket";
	if (*end != '\0' && *end != ':')
		return "nothing comes after ipbench://HOST:PORT";
	memcpy(peer->host, text, host);
	peer->host[host] = '\0';
	return port_parse(peer, *end == ':' ? end + 1 : "1236");
}

/* Keeps the first reason. */
static int fail(struct ipbench *ipbench, const char *what, const char *why)
{
	if (ipbench->why[0] == '\0')
		snprintf(ipbench->why, sizeof ipbench->why, "%s%s", what, why);
	if (ipbench->fd >= 0)
		close(ipbench->fd);
	ipbench->fd = -1;
	return -1;
}

/* What the peer said, fit to be shown. */
static int fail_quoting(struct ipbench *ipbench, const char *what, const char *text)
{
	char quote[QUOTE];
	int length = snprintf(quote, sizeof quote, "`%.*s'", QUOTE - 3, text);
	for (int i = 0; i < length && i < QUOTE - 1; i++)
		if (!isprint((unsigned char)quote[i]))
			quote[i] = '.';
	return fail(ipbench, what, quote);
}

/* Until the socket is ready or the time is over.  0 or -errno. */
static int wait_for(int fd, short events, uint64_t deadline_ns)
{
	struct pollfd ready = {.fd = fd, .events = events};
	for (;;) {
		uint64_t now_ns = clock_now_ns();
		int left_ms = now_ns < deadline_ns
				      ? (int)((deadline_ns - now_ns) / 1000000) + 1
				      : 0;
		int count = poll(&ready, 1, left_ms);
		if (count == 0)
			return -ETIMEDOUT;
		if (count > 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

/* Takes in what comes next.  1; 0 at its end; or -errno. */
static int text_receive(struct ipbench *ipbench, uint64_t deadline_ns)
{
	size_t room = sizeof ipbench->text - 1 - ipbench->have;
	for (;;) {
		int error = wait_for(ipbench->fd, POLLIN, deadline_ns);
		if (error)
			return error;
		ssize_t count =
			recv(ipbench->fd, ipbench->text + ipbench->have, room, 0);
		if (count > 0)
			ipbench->have += (size_t)count;
		if (count >= 0)
			return count > 0;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

static void text_drop(struct ipbench *ipbench, size_t length)
{
	ipbench->have -= length;
	memmove(ipbench->text, ipbench->text + length, ipbench->have);
}

/* One line, without its end.  0; or -1, and why. */
static int line_take(struct ipbench *ipbench, char *line, const char *what,
		     uint64_t deadline_ns)
{
	char *end;
	while (!(end = memchr(ipbench->text, '\n', ipbench->have))) {
		ipbench->text[ipbench->have] = '\0';
		if (ipbench->have == sizeof ipbench->text - 1)
			return fail_quoting(ipbench, what, ipbench->text);
		int more = text_receive(ipbench, deadline_ns);
		if (more < 0)
			return fail(ipbench, what, strerror(-more));
		if (more == 0)
			return fail(ipbench, what, "it closed the connection");
	}
	size_t length = (size_t)(end - ipbench->text);
	memcpy(line, ipbench->text, length);
	line[length] = '\0';
	text_drop(ipbench, length + 1);
	return 0;
}

/* A socket that has no room for a word is not being read. */
static int word_send(struct ipbench *ipbench, const char *word)
{
	size_t length = strlen(word);
	if (send(ipbench->fd, word, length, MSG_NOSIGNAL) == (ssize_t)length)
		return 0;
	return fail(ipbench, "", strerror(errno));
}

static int agree(struct ipbench *ipbench, uint64_t deadline_ns)
{
	static const struct step {
		const char *word, *expected, *what;
	} steps[] = {
		{NULL, "100 IPBENCH", "no greeting of an ipbench target: "},
		{"HELLO\n", "200", "to HELLO: "},
		{"LOAD cpu_target_lukem\n", "200", "to LOAD cpu_target_lukem: "},
		{"SETUP args::\"\"\n", "200", "to SETUP: "},
	};
	char line[IPBENCH_LINE];
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		const struct step *step = &steps[i];
		if (step->word && word_send(ipbench, step->word) < 0)
			return -1;
		if (line_take(ipbench, line, step->what, deadline_ns) < 0)
			return -1;
		if (strncmp(line, step->expected, strlen(step->expected)) != 0)
			return fail_quoting(ipbench, step->what, line);
	}
	return 0;
}

/* 0 or -errno.  In place of the address tried before, if there was one. */
static int dial(struct ipbench *ipbench, const struct addrinfo *where,
		uint64_t deadline_ns)
{
	static const int on = 1;
	int error = 0;
	socklen_t length = sizeof error;
	if (ipbench->fd >= 0)
		close(ipbench->fd);
	ipbench->fd =
		socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (ipbench->fd < 0)
		return -errno;
	setsockopt(ipbench->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(ipbench->fd, where->ai_addr, where->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	error = -wait_for(ipbench->fd, POLLOUT, deadline_ns);
	if (error == 0)
		getsockopt(ipbench->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	return -error;
}

int ipbench_open(struct ipbench *ipbench, const struct ipbench_peer *peer)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	uint64_t deadline_ns = clock_now_ns() + WAIT_MS * UINT64_C(1000000);
	*ipbench = (struct ipbench){.fd = -1};
	int error = getaddrinfo(peer->host, peer->port, &hints, &found);
	if (error)
		return fail(ipbench, "", gai_strerror(error));
	for (struct addrinfo *at = found; at; at = at->ai_next) {
		error = dial(ipbench, at, deadline_ns);
		if (error == 0)
			break;
	}
	freeaddrinfo(found);
	if (error)
		return fail(ipbench, "", strerror(-error));
	return agree(ipbench, deadline_ns);
}

void ipbench_start(struct ipbench *ipbench)
{
	if (ipbench && ipbench->fd >= 0 && !ipbench->started)
		ipbench->started = word_send(ipbench, "START\n") == 0;
}

void ipbench_stop(struct ipbench *ipbench)
{
	if (ipbench && ipbench->started && ipbench->fd >= 0 && !ipbench->stopped)
		ipbench->stopped = word_send(ipbench, "STOP\n") == 0;
}

/* `,IDLE,TOTAL`, of decimal digits. */
static int numbers_read(struct ipbench *ipbench, const char *text)
{
	char *end;
	errno = 0;
	bool comma = text[0] == ',' && isdigit((unsigned char)text[1]);
	ipbench->idle = comma ? strtoull(text + 1, &end, 10) : 0;
	if (!comma || *end != ',' || !isdigit((unsigned char)end[1]))
		return -EINVAL;
	ipbench->total = strtoull(end + 1, &end, 10);
	return *end || errno ? -EINVAL : 0;
}

/* `count` bytes, the last of which may be a NUL, as of a board, or a newline. */
static int data_take(struct ipbench *ipbench, size_t count, uint64_t deadline_ns)
{
	char text[IPBENCH_LINE];
	int more = 1;
	while (ipbench->have < count && more > 0)
		more = text_receive(ipbench, deadline_ns);
	if (ipbench->have < count)
		return fail(ipbench, "within the data: ",
			    more ? strerror(-more) : "it closed the connection");
	memcpy(text, ipbench->text, count);
	text[count] = '\0';
	if (text[count - 1] == '\n')
		text[count - 1] = '\0';
	if (numbers_read(ipbench, text) < 0)
		return fail_quoting(ipbench, "its data are not ,IDLE,TOTAL: ", text);
	if (ipbench->total == 0)
		return fail(ipbench, "", "its total is 0: it does not count");
	if (ipbench->idle > ipbench->total)
		return fail_quoting(ipbench, "more idle than there was: ", text);
	ipbench->told = true;
	return 0;
}

static int reply_take(struct ipbench *ipbench, uint64_t deadline_ns)
{
	static const char head[] = "Content-length: ";
	char line[IPBENCH_LINE];
	char *end;
	if (line_take(ipbench, line, "to STOP: ", deadline_ns) < 0)
		return -1;
	if (strncmp(line, "220", 3) != 0)
		return fail_quoting(ipbench, "to STOP: ", line);
	if (line_take(ipbench, line, "after 220: ", deadline_ns) < 0)
		return -1;
	unsigned long count = strncmp(line, head, sizeof head - 1) == 0
				      ? strtoul(line + sizeof head - 1, &end, 10)
				      : 0;
	if (count == 0 || *end || count >= IPBENCH_LINE)
		return fail_quoting(ipbench, "after 220: ", line);
	return data_take(ipbench, count, deadline_ns);
}

int ipbench_collect(struct ipbench *ipbench)
{
	if (ipbench->fd < 0)
		return -1;
	if (!ipbench->stopped)
		return fail(ipbench, "", "there was no window");
	if (reply_take(ipbench, clock_now_ns() + WAIT_MS * UINT64_C(1000000)) < 0)
		return -1;
	ipbench_close(ipbench);
	return 0;
}

double ipbench_share(const struct ipbench *ipbench)
{
	if (!ipbench->told)
		return NAN;
	return (double)(ipbench->total - ipbench->idle) / (double)ipbench->total;
}

/* QUIT, as ipbench's controller says it; whether it is heard does not matter. */
void ipbench_close(struct ipbench *ipbench)
{
	if (ipbench->fd >= 0 && word_send(ipbench, "QUIT\n") == 0)
		close(ipbench->fd);
	ipbench->fd = -1;
}
