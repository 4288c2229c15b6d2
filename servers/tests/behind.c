/* SPDX-License-Identifier: BSD-2-Clause */
/* behind.c - what stands behind the bytes that one read takes: urgent data, at which a
 * read stops short of the rest (tcp(7)), or the end of the stream.  Whoever takes a
 * short read for all there was, and waits, is told no more.  The server is stopped
 * (SIGSTOP) until all of it has come. */
#include "config.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "subject.h"
#include "tap.h"
#include "tree.h"

enum { END_S = 6 };

static const char usage[] = "usage: behind SERVER [ARG]...\n";

static bool say(int fd, const char *text, int flags)
{
	return send(fd, text, strlen(text), flags | MSG_NOSIGNAL) ==
	       (ssize_t)strlen(text);
}

/* The urgent byte is no part of the stream (RFC 6093): the request is whole. */
static bool urgent_amid(int fd)
{
	return say(fd, "GET /one.txt HTTP/1.1\r\nHo", 0) && say(fd, "!", MSG_OOB) &&
	       say(fd, "st: here\r\n\r\n", 0);
}

static bool end_behind(int fd)
{
	return client_ask(fd, "/one.txt", "") && shutdown(fd, SHUT_WR) == 0;
}

/* Is a request on a live connection answered, whatever is sent beside it? */
static bool is_answered(const struct subject *s, int fd, bool (*ask)(int fd))
{
	char body[8];

	return fd >= 0 && client_ask(fd, "/one.txt", "") &&
	       client_reply(fd, body, sizeof body) == 200 && subject_halt(s) &&
	       ask(fd) && kill(s->pid, SIGCONT) == 0 &&
	       client_reply(fd, body, sizeof body) == 200;
}

static void see(const struct subject *s)
{
	char body[8];
	int urgent = client_open(s->port), ended = client_open(s->port);

	tap_ok(is_answered(s, urgent, urgent_amid),
	       "what stands behind urgent data is read");
	tap_ok(is_answered(s, ended, end_behind) &&
		       client_reply(ended, body, sizeof body) == 0,
	       "the end of the stream behind a request is seen");
	close(urgent);
	close(ended);
}

static bool folder_make(const char *top)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/tree", top);
	return mkdir(path, 0755) == 0 && tree_write(top, "one.txt", "1", 1) == 0;
}

int main(int argc, char **argv)
{
	char top[] = "/tmp/behind-XXXXXX";
	const struct subject_plan plan = {.top = top, .program = argv + 1};
	struct subject s;

	if (argc < 2)
		return fputs(usage, stderr), 2;
	if (!mkdtemp(top) || !folder_make(top))
		return perror("behind: /tmp"), 2;
	if (subject_start(&s, &plan) < 0) {
		tap_ok(false, "%s is ready", argv[1]);
	} else {
		see(&s);
		kill(s.pid, SIGKILL);
		subject_wait(&s, END_S);
	}
	tree_remove(top);
	return tap_done();
}
