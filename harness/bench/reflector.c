/* SPDX-License-Identifier: BSD-2-Clause */
/* reflector.c - duality-reflector: the least a server can do.  One epoll loop answers
 * every head with the same few bytes and parses nothing but its end.  It is no variant:
 * it tells how much load the client could deliver if the server cost next to nothing.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 256, BUFFER = 16384, MOST_FD = 1 << 16 };

static const char reply[] = "HTTP/1.1 200 OK\r\n"
			    "Content-Type: text/plain\r\n"
			    "Content-Length: 3\r\n"
			    "\r\n"
			    "ok\n";
static const char head_end[] = "\r\n\r\n";

/* How much of the end of a head each connection has seen: 0 to 3 bytes. */
static unsigned char matched[MOST_FD];

/* How many heads end in these bytes. */
static int heads_count(const char *bytes, ssize_t n, unsigned char *seen)
{
	int heads = 0;
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == head_end[*seen])
			++*seen;
		else
			*seen = bytes[i] == '\r';
		if (*seen == sizeof head_end - 1) {
			*seen = 0;
			heads++;
		}
	}
	return heads;
}

/* A client that does not read is cut off: there is no buffer for it. */
static int answer(int fd)
{
	char bytes[BUFFER];
	ssize_t n = read(fd, bytes, sizeof bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	for (int heads = heads_count(bytes, n, &matched[fd]); heads > 0; heads--) {
		if (send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL) !=
		    (ssize_t)sizeof reply - 1)
			return -1;
	}
	return 0;
}

static void take_all(int poll_fd, int listener)
{
	for (;;) {
		const int on = 1;
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
		if (fd < 0)
			return;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (fd >= MOST_FD || epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
			close(fd);
		else
			matched[fd] = 0;
	}
}

static int fail(const char *what)
{
	fprintf(stderr, "duality-reflector: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

static int listen_any(struct sockaddr_in *at)
{
	socklen_t length = sizeof *at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*at = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof *at) < 0 ||
	    listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)at, &length) < 0)
		return -1;
	return fd;
}

static int stop_open(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int watch(int poll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int serve(int poll_fd, int listener, int stop)
{
	struct epoll_event events[EVENTS];
	for (;;) {
		int n = epoll_wait(poll_fd, events, EVENTS, -1);
		if (n < 0 && errno != EINTR)
			return fail("epoll_wait");
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd == stop)
				return EXIT_SUCCESS;
			if (fd == listener)
				take_all(poll_fd, listener);
			else if (answer(fd) < 0)
				close(fd);
		}
	}
}

/* The options of a server program are accepted and make no difference. */
int main(void)
{
	struct sockaddr_in at;
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	int listener = listen_any(&at);
	int stop = stop_open();
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (listener < 0)
		return fail("127.0.0.1");
	if (poll_fd < 0 || stop < 0 || watch(poll_fd, listener) < 0 ||
	    watch(poll_fd, stop) < 0)
		return fail("epoll");
	printf("ready 127.0.0.1:%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return serve(poll_fd, listener, stop);
}
