/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_load.c - too many clients, too few descriptors or processes, and clients that
 * misbehave: a server sheds what it must, counts it, and then serves as before. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "gate.h"
#include "replay.h"
#include "tap.h"
#include "tree.h"

enum {
	STOP_S = 6,
	CROWD = 100,
	DESCRIPTORS = 64,
	PROCESSES = 24,
	PLACES = 4, /* --max-connections, and so many clients: */
	QUEUE = 40,
	DROPPED = 200,
	RESETS = 30,
	QUIET_MS = 500, /* what has not come by then waits for a place */
	RECOVER_TRIES = 50
};

/* How the connections of a crowd fared. */
struct crowd {
	int fd[CROWD];
	unsigned served, shed, waiting;
};

/* All connect and ask, and all stay. */
static void crowd_enter(struct crowd *c, uint16_t port)
{
	char body[8];

	for (int i = 0; i < CROWD; i++) {
		c->fd[i] = client_open(port);
		if (c->fd[i] >= 0 && !client_ask(c->fd[i], "/one.txt", ""))
			c->shed++, close(c->fd[i]), c->fd[i] = -1;
	}
	for (int i = 0; i < CROWD; i++) {
		if (c->fd[i] < 0)
			continue;
		/* Only the first that waits is given time. */
		if (!client_wait(c->fd[i], c->waiting ? 20 : QUIET_MS))
			c->waiting++;
		else if (client_reply(c->fd[i], body, sizeof body) == 200)
			c->served++;
		else
			c->shed++;
	}
}

static void crowd_leave(struct crowd *c)
{
	for (int i = 0; i < CROWD; i++)
		if (c->fd[i] >= 0)
			close(c->fd[i]);
}

/* In the end twenty in a row are served. */
static bool recovers(uint16_t port)
{
	char body[8];
	int row = 0, status = 0;

	for (int i = 0; i < RECOVER_TRIES && row < 20; i++) {
		status = client_get(port, "/kib.txt", body, sizeof body);
		row = status == 200 ? row + 1 : 0;
		if (!row)
			usleep(100000);
	}
	if (row < 20)
		tap_diag("does not serve again: last status %d", status);
	return row == 20;
}

static bool shed_is_counted(const struct subject *s, const struct crowd *c)
{
	int64_t closed = subject_counter(s, "closed_no_fd");
	int64_t refused = subject_counter(s, "refused");
	int64_t deferred = subject_counter(s, "deferred");

	tap_diag("%u served, %u shed, %u waited; closed_no_fd %lld, refused %lld, "
		 "deferred %lld",
		 c->served, c->shed, c->waiting, (long long)closed, (long long)refused,
		 (long long)deferred);
	if (c->served == 0)
		return false;
	if (c->waiting && deferred < 1)
		return false;
	return closed + refused >= (int64_t)c->shed;
}

/* A crowd in front of a server under limits. */
static enum check_result crowd_check(const struct gate *g, unsigned nofile,
				     unsigned nproc)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct crowd crowd = {.fd = {0}};
	struct subject s;
	bool good;

	plan.nofile = nofile;
	plan.nproc = nproc;
	if (subject_start(&s, &plan)) {
		struct subject_end end = subject_wait(&s, STOP_S);
		int status = end.exited && WIFEXITED(end.status)
				     ? WEXITSTATUS(end.status)
				     : -1;

		close(s.out);
		tap_diag("does not start: status %d", status);
		return gate_result(&s, status >= 1 && status <= 2 &&
					       subject_stderr(&s, true) == 1);
	}
	crowd_enter(&crowd, s.port);
	crowd_leave(&crowd);
	good = recovers(s.port);
	good &= gate_stop(&s, STOP_S);
	good = good && shed_is_counted(&s, &crowd);
	return gate_result(&s, good);
}

static enum check_result load_descriptors(const struct gate *g)
{
	return crowd_check(g, DESCRIPTORS, 0);
}

static enum check_result load_processes(const struct gate *g)
{
	if (!g->uid) {
		tap_diag("RLIMIT_NPROC does not bind us and no other user can be used");
		return CHECK_SKIP;
	}
	return crowd_check(g, 0, PROCESSES);
}

static enum check_result load_places(const struct gate *g)
{
	static const char *const places[] = {"--max-connections", "4", NULL};
	struct subject_plan plan = gate_plan(g, places);
	unsigned served = 0;
	struct subject s;
	int fd[QUEUE];
	char body[8];
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < QUEUE; i++) {
		fd[i] = client_open(s.port);
		client_ask(fd[i], "/wait?us=5000", "Connection: close\r\n");
	}
	for (int i = 0; i < QUEUE; i++) {
		served += client_reply(fd[i], body, sizeof body) == 200;
		close(fd[i]);
	}
	good = recovers(s.port);
	good &= gate_stop(&s, STOP_S);
	if (served < QUEUE || subject_counter(&s, "deferred") < 1 ||
	    subject_counter(&s, "connections_peak") > PLACES) {
		tap_diag("%u of %d served; deferred %lld, connections_peak %lld of %d",
			 served, QUEUE, (long long)subject_counter(&s, "deferred"),
			 (long long)subject_counter(&s, "connections_peak"), PLACES);
		good = false;
	}
	return gate_result(&s, good);
}

static enum check_result load_dropped(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	bool good;
	int fd;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < DROPPED; i++) {
		fd = client_open(s.port);
		if (i % 3 == 1)
			client_ask(fd, "/big.bin", "");
		if (i % 2)
			client_reset(fd);
		else
			close(fd);
	}
	good = recovers(s.port);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

/* Break off in the middle of a reply that no socket buffer holds. */
static enum check_result load_resets(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	int fd[RESETS];
	char some[100];
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < RESETS; i++) {
		fd[i] = client_open(s.port);
		client_ask(fd[i], "/vast.bin", "");
	}
	for (int i = 0; i < RESETS; i++) {
		recv(fd[i], some, sizeof some, 0);
		client_reset(fd[i]);
	}
	good = recovers(s.port);
	good &= gate_stop(&s, STOP_S);
	if (subject_counter(&s, "resets") != RESETS) {
		tap_diag("counter resets: %lld, not %d",
			 (long long)subject_counter(&s, "resets"), RESETS);
		good = false;
	}
	return gate_result(&s, good);
}

/* Clients that never read must neither disturb the others nor hold up the end. */
static enum check_result load_deaf(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject_end end;
	int fd[PLACES];
	struct subject s;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < PLACES; i++) {
		fd[i] = client_open(s.port);
		client_ask(fd[i], "/vast.bin", "");
		client_wait(fd[i], QUIET_MS);
	}
	good = recovers(s.port);
	end = subject_stop(&s, STOP_S + 1);
	if (!end.exited || end.status != 0 ||
	    subject_counter(&s, "requests") < PLACES) {
		tap_diag("status 0x%x after %.1f s, %lld requests counted",
			 (unsigned)end.status, end.seconds,
			 (long long)subject_counter(&s, "requests"));
		good = false;
	}
	for (int i = 0; i < PLACES; i++)
		close(fd[i]);
	return gate_result(&s, good);
}

const struct check gate_load[] = {
	{"out of descriptors", load_descriptors, false},
	{"out of processes and threads", load_processes, false},
	{"more clients than --max-connections: all are served", load_places, false},
	{"clients that drop in and out", load_dropped, false},
	{"clients that break off a reply", load_resets, false},
	{"clients that never read, and SIGTERM", load_deaf, false},
	{NULL, NULL, false},
};
