/* SPDX-License-Identifier: BSD-2-Clause */
/* tcp_peer.c - the other end of the wire for tests of net-http, where a load generator
 * is too well behaved: Linux's own sockets. tcp-peer flood ADDRESS PORT COUNT MS  so
 * many connections ask for what takes so long
 *       (/wait), and send more after it until no more is taken
 *   tcp-peer again ADDRESS PORT COUNT     so many connections, one after the other from
 *       the same port, each of which the other closes first
 *   tcp-peer slow ADDRESS PORT REST MS    asks for /vast.txt, reads all but so many
 *       bytes, says so, and reads on after that time
 * 0 if all that was due came. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LIFE_S = 120,
	FLOODS = 256,       /* connections */
	AGAIN_PORT = 20000, /* below what the kernel picks of */
	PATIENCE_S = 20,
	SLOW_BYTES = 4096 /* of a receive buffer */
};

static const char good_line[] = "HTTP/1.1 200 OK\r\n";

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end) {
		fprintf(stderr, "tcp-peer: %s: not a number\n", text);
		exit(2);
	}
	return n;
}

static int must(int result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "tcp-peer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void connect_to(int fd, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)number(argv[3]))};

	must(inet_pton(AF_INET, argv[2], &to.sin_addr) - 1, argv[2]);
	while (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		if (errno != EADDRNOTAVAIL) /* our last FIN is not yet answered */
			must(-1, "connect");
		usleep(1000);
	}
}

/* Send until no more is taken: the other's window is full, and our buffer. */
static void flood_send(int fd, const char *ms)
{
	char text[128];
	int size = snprintf(text, sizeof text,
			    "GET /wait?us=%s000 HTTP/1.1\r\nHost: a\r\n\r\n", ms);

	while (send(fd, text, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) == size)
		continue;
}

static bool flood(char **argv)
{
	unsigned long count = number(argv[4]), received = 0;
	char reply[sizeof good_line - 1];
	int fd[FLOODS];

	number(argv[5]);
	count = count < FLOODS ? count : FLOODS;
	for (unsigned long i = 0; i < count; i++) {
		fd[i] = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
		connect_to(fd[i], argv);
		flood_send(fd[i], argv[5]);
	}
	for (unsigned long i = 0; i < count; i++)
		received +=
			recv(fd[i], reply, sizeof reply, MSG_WAITALL) == sizeof reply &&
			!memcmp(reply, good_line, sizeof reply);
	printf("%lu of %lu answered\n", received, count);
	return received == count;
}

/* Connect, ask, and read to the end. */
static bool again_one(char **argv)
{
	static const char ask[] = "GET /total HTTP/1.1\r\nHost: a\r\n"
				  "Connection: close\r\n\r\n";
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_port = htons(AGAIN_PORT)};
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), on = 1;
	char reply[1024] = "";

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	must(bind(fd, (struct sockaddr *)&from, sizeof from), "bind");
	connect_to(fd, argv);
	send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL);
	recv(fd, reply, sizeof reply - 1, MSG_WAITALL);
	close(fd);
	return !memcmp(reply, good_line, sizeof good_line - 1);
}

static bool again(char **argv)
{
	unsigned long count = number(argv[4]), received = 0;

	for (unsigned long i = 0; i < count; i++)
		received += again_one(argv);
	printf("%lu of %lu answered\n", received, count);
	return received == count;
}

/* The bytes of the reply, with its head; it begins in `some`. */
static size_t reply_size(const char *some)
{
	const char *length = strstr(some, "Content-Length: ");
	const char *end = strstr(some, "\r\n\r\n");

	if (!length || !end)
		return 0;
	return (size_t)(end + 4 - some) + strtoul(length + 16, NULL, 10);
}

static bool slow(char **argv)
{
	static const char ask[] = "GET /vast.txt HTTP/1.1\r\nHost: a\r\n\r\n";
	unsigned long rest = number(argv[4]), ms = number(argv[5]);
	int fd = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), bytes = SLOW_BYTES;
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	char some[SLOW_BYTES] = "";
	size_t size = 0, got = 0;
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	connect_to(fd, argv);
	send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL);
	while ((n = recv(fd, some, sizeof some - 1, 0)) > 0) {
		if (size == 0)
			size = reply_size(some);
		if (got + rest < size && got + rest + (size_t)n >= size) {
			puts("waits");
			fflush(stdout);
			usleep((useconds_t)ms * 1000);
		}
		got += (size_t)n;
	}
	printf("%zu of %zu bytes\n", got, size);
	return size > rest && got == size;
}

int main(int argc, char **argv)
{
	alarm(LIFE_S);
	if (argc == 6 && !strcmp(argv[1], "flood"))
		return !flood(argv);
	if (argc == 5 && !strcmp(argv[1], "again"))
		return !again(argv);
	if (argc == 6 && !strcmp(argv[1], "slow"))
		return !slow(argv);
	fprintf(stderr, "usage: tcp-peer flood ADDRESS PORT COUNT MS\n"
			"       tcp-peer again ADDRESS PORT COUNT\n"
			"       tcp-peer slow ADDRESS PORT REST MS\n");
	return 2;
}
