/* SPDX-License-Identifier: BSD-2-Clause */
/* client.c - one plain blocking HTTP client connection. */
#include "config.h"

#include "client.h"
#include "subject.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { HEAD = 2048 };

int client_open(uint16_t port)
{
	const struct timeval patience = {.tv_sec = CLIENT_PATIENCE_S};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	to.sin_addr = subject_address();
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

bool client_ask(int fd, const char *path, const char *fields)
{
	char text[1024];
	int size = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n",
			    path, fields);

	return send(fd, text, (size_t)size, MSG_NOSIGNAL) == size;
}

/* Read up to and including the empty line.  Returns the status, 0 or -errno. */
static int head_read(int fd, char head[HEAD])
{
	size_t at = 0;
	int status;
	ssize_t n;

	head[0] = '\0';
	while (at < HEAD - 1 && !strstr(head, "\r\n\r\n")) {
		n = recv(fd, head + at, 1, 0);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		head[++at] = '\0';
	}
	return sscanf(head, "HTTP/1.1 %3d ", &status) == 1 ? status : -EBADMSG;
}

int client_reply_last(int fd, char *body, size_t size, bool *closes)
{
	char head[HEAD], rest[4096];
	int status = head_read(fd, head);
	const char *length = strstr(head, "Content-Length: ");
	size_t want = length ? strtoul(length + 16, NULL, 10) : 0, at = 0;
	ssize_t n;

	*closes = strstr(head, "\r\nConnection: close\r\n");
	body[0] = '\0';
	while (status > 0 && want > 0) {
		n = recv(fd, rest, want < sizeof rest ? want : sizeof rest, 0);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		want -= (size_t)n;
		for (ssize_t i = 0; i < n && at < size - 1; i++)
			body[at++] = rest[i];
		body[at] = '\0';
	}
	return status;
}

int client_reply(int fd, char *body, size_t size)
{
	bool closes;

	return client_reply_last(fd, body, size, &closes);
}

int client_get(uint16_t port, const char *path, char *body, size_t size)
{
	int fd = client_open(port), status;

	if (fd < 0)
		return fd;
	status = client_ask(fd, path, "Connection: close\r\n")
			 ? client_reply(fd, body, size)
			 : -EPIPE;
	close(fd);
	return status;
}

bool client_wait(int fd, int milliseconds)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, milliseconds) > 0;
}

void client_reset(int fd)
{
	const struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}
