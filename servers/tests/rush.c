/* SPDX-License-Identifier: BSD-2-Clause */
/* rush.c - what a kernel that works by itself may do too much of: accept clients there
 * are no places for, and receive what nobody wants yet.  Many come while the server is
 * stopped; one sends on and on while its first request waits. */
#include "config.h"

#include "client.h"
#include "subject.h"
#include "tap.h"
#include "tree.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* OFFERED: more than the socket buffers at both ends hold (tcp_rmem and tcp_wmem,
 * tcp(7)). */
enum {
	PLACES = 300,
	CLIENTS = 500,
	OFFERED = 64 << 20,
	QUIET_MS = 500, /* without a byte taken: it is held back */
	STOP_S = 10
};

static bool ends_well(struct subject *s)
{
	struct subject_end end = subject_stop(s, STOP_S);
	bool good = end.exited && end.status == 0 &&
		    subject_counter(s, "connections_opened") ==
			    subject_counter(s, "connections_closed");

	if (!good)
		tap_diag("%s, status 0x%x", end.exited ? "exited" : "has not ended",
			 (unsigned)end.status);
	return good;
}

static unsigned crowd_serve(const struct subject *s)
{
	int fd[CLIENTS];
	unsigned served = 0;
	char body[32];

	kill(s->pid, SIGSTOP);
	for (int i = 0; i < CLIENTS; i++) {
		fd[i] = client_open(s->port);
		client_ask(fd[i], "/wait?us=300000", "Connection: close\r\n");
	}
	kill(s->pid, SIGCONT);
	for (int i = 0; i < CLIENTS; i++) {
		served += client_reply(fd[i], body, sizeof body) == 200;
		close(fd[i]);
	}
	return served;
}

static void rush_crowd(const struct subject_plan *plan)
{
	int64_t peak, deferred;
	unsigned served;
	struct subject s;
	bool good;

	if (subject_start(&s, plan)) {
		tap_ok(false, "the server starts");
		return;
	}
	served = crowd_serve(&s);
	good = ends_well(&s);
	peak = subject_counter(&s, "connections_peak");
	deferred = subject_counter(&s, "deferred");
	tap_diag("%u served, connections_peak %lld, deferred %lld", served,
		 (long long)peak, (long long)deferred);
	tap_ok(good && served == CLIENTS && peak <= PLACES,
	       "%d clients at once for %d places: all are served, in turn", CLIENTS,
	       PLACES);
}

/* Send requests until the server takes no more of them.  Returns the bytes taken. */
static size_t flood(int fd)
{
	static const char request[] =
		"GET /wait?us=2000000 HTTP/1.1\r\nHost: a\r\n\r\n";
	static char text[400 * (sizeof request - 1)];
	size_t taken = 0;

	for (size_t i = 0; i < sizeof text; i += sizeof request - 1)
		memcpy(text + i, request, sizeof request - 1);
	for (int quiet_ms = 0; quiet_ms < QUIET_MS && taken < OFFERED;) {
		size_t at = taken % sizeof text;
		ssize_t n = send(fd, text + at, sizeof text - at,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			taken += (size_t)n;
			quiet_ms = 0;
		} else {
			usleep(1000);
			quiet_ms++;
		}
	}
	return taken;
}

static void rush_flood(const struct subject_plan *plan)
{
	size_t taken;
	struct subject s;
	char body[8];
	bool good;
	int fd;

	if (subject_start(&s, plan)) {
		tap_ok(false, "the server starts");
		return;
	}
	fd = client_open(s.port);
	taken = flood(fd);
	good = client_get(s.port, "/one.txt", body, sizeof body) == 200;
	close(fd);
	good &= ends_well(&s);
	tap_diag("%zu of %d bytes taken", taken, OFFERED);
	tap_ok(good && taken < OFFERED,
	       "a client whose request waits is held back, others are served");
}

int main(int argc, char **argv)
{
	static const char *const places[] = {"--max-connections", "300", NULL};
	char top[] = "/tmp/duality-rush-XXXXXX";
	struct subject_plan plan = {.program = argv + 1, .extra = places, .top = top};
	int error;

	if (argc < 2)
		return fputs("usage: rush SERVER [ARG]...\n", stderr), 2;
	if (!mkdtemp(top))
		return perror("rush: /tmp"), 2;
	error = tree_create(top, getuid());
	if (error) {
		fprintf(stderr, "rush: %s: %s\n", top, strerror(-error));
	} else {
		rush_crowd(&plan);
		rush_flood(&plan);
	}
	tree_remove(top);
	return error ? 2 : tap_done();
}
