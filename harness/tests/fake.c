/* SPDX-License-Identifier: BSD-2-Clause */
/* fake.c - made-up variants for the tests of the harness.  The name it is run under
 * says how it behaves: steady and even serve; crash dies in the middle of a run; mute
 * never says ready; collapse is slow, so that a busy machine can overload it too, and
 * once too many requests wait hardly goes on; few says that it can hold ten
 * connections. None has /nofile. Service takes time, not CPU, so that a busy machine
 * changes little. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE = 65536, EVENTS = 64, BUFFER = 16384, CRASH_AFTER = 60 };
enum { SERVICE_US = 300, SLOW_US = 3000, COLLAPSED_US = 60000, COLLAPSE_AT = 32 };

static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
static const char no_file[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n";
static const char no_file_asked[] = "GET /nofile ";

/* Requests in order of arrival, each answered when its time has come. */
struct waiting {
	int fd;
	uint64_t due_ns;
	const char *reply;
};

static struct waiting queue[QUEUE];
static size_t head, tail;
static uint64_t busy_until_ns, answered;
static bool collapses, crashes;

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int fail(const char *what)
{
	fprintf(stderr, "fake: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

static void request_take(int fd, const char *with)
{
	uint64_t service_ns = SERVICE_US * 1000u, now = now_ns();
	if (collapses)
		service_ns =
			(tail - head < COLLAPSE_AT ? SLOW_US : COLLAPSED_US) * 1000u;
	if (busy_until_ns < now)
		busy_until_ns = now;
	busy_until_ns += service_ns;
	if (tail - head < QUEUE)
		queue[tail++ % QUEUE] = (struct waiting){fd, busy_until_ns, with};
}

/* Requests may come cut anywhere: count ends of heads, as the load never pipelines. */
static void connection_read(int fd)
{
	char bytes[BUFFER];
	ssize_t n = read(fd, bytes, sizeof bytes);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		/* Its number may be used again, but no reply of ours: forget them. */
		for (size_t i = head; i < tail; i++) {
			if (queue[i % QUEUE].fd == fd)
				queue[i % QUEUE].fd = -1;
		}
		close(fd);
	} else if (n >= 4 && memcmp(bytes + n - 4, "\r\n\r\n", 4) == 0) {
		bool absent =
			n >= (ssize_t)sizeof no_file_asked &&
			memcmp(bytes, no_file_asked, sizeof no_file_asked - 1) == 0;
		request_take(fd, absent ? no_file : reply);
	}
}

static void replies_send(void)
{
	uint64_t now = now_ns();
	while (head != tail && queue[head % QUEUE].due_ns <= now) {
		const struct waiting *next = &queue[head++ % QUEUE];
		size_t length = strlen(next->reply);
		if (next->fd >= 0 &&
		    send(next->fd, next->reply, length, MSG_NOSIGNAL) < 0)
			shutdown(next->fd, SHUT_RDWR);
		if (crashes && ++answered > CRASH_AFTER)
			abort();
	}
}

static int wait_ms(void)
{
	if (head == tail)
		return -1;
	uint64_t now = now_ns(), due = queue[head % QUEUE].due_ns;
	return due <= now ? 0 : (int)((due - now) / 1000000) + 1;
}

static int serve(int poll_fd, int listener, int stop)
{
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(poll_fd, events, EVENTS, wait_ms());
		for (int i = 0; i < n; i++) {
			struct epoll_event event = {.events = EPOLLIN};
			int fd = events[i].data.fd;
			if (fd == stop)
				return EXIT_SUCCESS;
			if (fd != listener) {
				connection_read(fd);
				continue;
			}
			event.data.fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
			if (event.data.fd >= 0)
				epoll_ctl(poll_fd, EPOLL_CTL_ADD, event.data.fd,
					  &event);
		}
		replies_send();
	}
}

static int listen_any(struct sockaddr_in *at)
{
	socklen_t length = sizeof *at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	*at = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof *at) < 0 ||
	    listen(fd, 4096) < 0 || getsockname(fd, (struct sockaddr *)at, &length) < 0)
		return -1;
	return fd;
}

static int watch(int poll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* The test wants to know that nobody stays behind. */
static void pid_note(void)
{
	const char *path = getenv("FAKE_PIDS");
	FILE *to = path ? fopen(path, "a") : NULL;
	if (to) {
		fprintf(to, "%ld\n", (long)getpid());
		fclose(to);
	}
}

static int run(bool mute)
{
	struct sockaddr_in at;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int stop = signalfd(-1, &set, 0), poll_fd = epoll_create1(0);
	int listener = listen_any(&at);
	if (listener < 0 || watch(poll_fd, listener) < 0 || watch(poll_fd, stop) < 0)
		return fail("set-up");
	pid_note();
	if (!mute)
		printf("ready 127.0.0.1:%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return serve(poll_fd, listener, stop);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	collapses = strcmp(name, "collapse") == 0;
	crashes = strcmp(name, "crash") == 0;
	if (argc > 1 && strcmp(argv[1], "--about") == 0) {
		printf("[{\"name\": \"%s\", \"args\": [\"--as\", \"made up\"], "
		       "\"family\": \"event\", \"style\": \"event\", "
		       "\"summary\": \"made up for a test\", \"overload\": \"503\", "
		       "%s\"options\": [\"max-connections\"]}]\n",
		       name,
		       strcmp(name, "few") == 0 ? "\"connections_max\": 10, " : "");
		return EXIT_SUCCESS;
	}
	if (argc > 3 && strcmp(argv[3], "--tell") == 0) {
		printf("%s|%s|%s\n", argv[1], argv[2], argc > 4 ? argv[4] : "");
		return EXIT_SUCCESS;
	}
	return run(strcmp(name, "mute") == 0);
}
