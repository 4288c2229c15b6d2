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
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "gate.h"
#include "replay.h"
#include "tap.h"
#include "tree.h"

enum {
	STOP_S = 6,
	CROWD = 600,
	CROWD_FILE = 24, /* bytes of a name */
	DESCRIPTORS = 64,
	PROCESSES = 24,
	SWEEP_US = 400,
	END_TRIES = 5000,
	PLACES = 4, /* --max-connections, and so many clients: */
	QUEUE = 40,
	DROPPED = 2000,
	DROPPED_FULL = 20000,
	RESETS = 30,
	QUIET_MS = 500,
	STEP_MS = 100,
	QUIET_STEPS = 100, /* in a row without a reply: nobody answers any more */
	RECOVER_TRIES = 50
};

/* How the connections of a crowd fared: those of who has a reply stay, as ~fd, which
 * poll(2) passes over. */
struct crowd {
	struct pollfd client[CROWD];
	unsigned served, unable, shed, waiting; /* unable: replies of 503 */
};

static void crowd_file(char name[CROWD_FILE], int i)
{
	snprintf(name, CROWD_FILE, "crowd-%d.txt", i);
}

/* All connect and ask, each for a file of its own, and all stay. */
static void crowd_enter(struct crowd *c, const struct gate *g, uint16_t port)
{
	char path[1 + CROWD_FILE] = "/";

	for (int i = 0; i < CROWD; i++) {
		int fd = client_open(port);

		crowd_file(path + 1, i);
		tree_write(g->top, path + 1, path, strlen(path));
		if (fd >= 0 && client_ask(fd, path, "")) {
			c->waiting++;
		} else {
			c->shed++;
			close(fd);
			fd = -1;
		}
		c->client[i] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
}

/* One of them has something to read. */
static void client_take(struct crowd *c, struct pollfd *client)
{
	char body[32];
	int status = client_reply(client->fd, body, sizeof body);

	c->waiting--;
	if (status == 200 || status == 503) {
		c->served += status == 200;
		c->unable += status == 503;
		client->fd = ~client->fd;
	} else {
		c->shed++;
		close(client->fd);
		client->fd = -1;
	}
}

/* Who has a reply goes. */
static void crowd_leave(struct crowd *c)
{
	for (int i = 0; i < CROWD; i++) {
		if (c->client[i].fd >= -1)
			continue;
		close(~c->client[i].fd);
		c->client[i].fd = -1;
	}
}

/* Take what comes until nobody waits; or, if all stay, until the server says that it
 * lets clients wait; or until nothing has come for long. */
static void crowd_take(struct crowd *c, const struct subject *s, bool stay)
{
	for (int quiet = 0; quiet < QUIET_STEPS && c->waiting; quiet++) {
		if (stay && subject_live(s, "deferred") > 0)
			return;
		if (poll(c->client, CROWD, STEP_MS) > 0)
			quiet = 0;
		for (int i = 0; i < CROWD; i++)
			if (c->client[i].fd >= 0 && c->client[i].revents)
				client_take(c, &c->client[i]);
		if (!stay)
			crowd_leave(c);
	}
}

/* Afterwards nobody has been left without a reply or a close. */
static bool crowd_pass(struct crowd *c, const struct gate *g, const struct subject *s)
{
	char name[CROWD_FILE];
	bool told;

	crowd_enter(c, g, s->port);
	crowd_take(c, s, true);
	told = !c->waiting || subject_live(s, "deferred") > 0;
	if (!told)
		tap_diag("%u clients wait, and nothing says that they do", c->waiting);
	crowd_leave(c);
	crowd_take(c, s, false);
	for (int i = 0; i < CROWD; i++) {
		crowd_file(name, i);
		tree_unlink(g->top, name);
		if (c->client[i].fd >= 0)
			close(c->client[i].fd);
	}
	if (c->waiting)
		tap_diag("%u clients neither answered nor closed", c->waiting);
	return c->waiting == 0 && told;
}

bool gate_recovers(uint16_t port)
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

	tap_diag("%u served, %u told 503, %u shed; closed_no_fd %lld, "
		 "refused %lld, deferred %lld",
		 c->served, c->unable, c->shed, (long long)closed, (long long)refused,
		 (long long)deferred);
	/* All descriptors may be taken by those who came first: none is left for a
	 * file. */
	return c->served + c->unable > 0 && closed + refused >= (int64_t)c->shed &&
	       subject_counter(s, "errors") >= (int64_t)c->unable;
}

/* A crowd in front of a server under limits. */
static enum check_result crowd_check(const struct gate *g, unsigned nofile,
				     unsigned nproc)
{
	static const char *const plenty[] = {"--max-connections", "900", NULL};
	struct subject_plan plan = gate_plan(g, plenty);
	struct crowd crowd = {.waiting = 0};
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
	good = crowd_pass(&crowd, g, &s);
	good &= gate_recovers(s.port);
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
	good = gate_recovers(s.port);
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
	int dropped = g->depth == DEPTH_FULL ? DROPPED_FULL : DROPPED;
	struct subject s;
	bool good;
	int fd;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < dropped; i++) {
		fd = client_open(s.port);
		if (i % 3 == 1)
			client_ask(fd, "/big.bin", "");
		if (i % 2)
			client_reset(fd);
		else
			close(fd);
	}
	good = gate_recovers(s.port);
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
	good = gate_recovers(s.port);
	good &= gate_stop(&s, STOP_S);
	if (subject_counter(&s, "resets") != RESETS) {
		tap_diag("counter resets: %lld, not %d",
			 (long long)subject_counter(&s, "resets"), RESETS);
		good = false;
	}
	return gate_result(&s, good);
}

/* Clients that never read, and calls that take long, must neither disturb the others
 * nor hold up the end; nothing of the calls outlives it. */
static enum check_result load_deaf(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject_end end;
	int fd[2 * PLACES];
	struct subject s;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < 2 * PLACES; i++) {
		fd[i] = client_open(s.port);
		client_ask(fd[i], i % 2 ? "/fan?n=3&us=60000000" : "/vast.bin", "");
		if (i % 2 == 0)
			client_wait(fd[i], QUIET_MS);
	}
	good = gate_recovers(s.port);
	end = subject_stop(&s, STOP_S + 1);
	if (end.left > 0)
		tap_diag("%u of its processes outlive it", end.left);
	if (!end.exited || end.status != 0 || end.left > 0 ||
	    subject_counter(&s, "requests") < PLACES) {
		tap_diag("status 0x%x after %.1f s, %lld requests counted",
			 (unsigned)end.status, end.seconds,
			 (long long)subject_counter(&s, "requests"));
		good = false;
	}
	for (int i = 0; i < 2 * PLACES; i++)
		close(fd[i]);
	return gate_result(&s, good);
}

static void pass_us(int us)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000000 +
		       (now.tv_nsec - from.tv_nsec) / 1000 <
	       us);
}

/* All but one of the connections have ended, the server knows it, and no dead child
 * stays. */
static bool one_is_left(const struct subject *s, int connections)
{
	int64_t opened = 0, closed = 0;
	unsigned zombies = 0;

	for (unsigned try = 0; try < END_TRIES * subject_patience(); try++) {
		usleep(try ? 1000 : 0);
		opened = subject_live(s, "connections_opened");
		closed = subject_live(s, "connections_closed");
		if (opened == connections && closed == connections - 1 &&
		    subject_descriptors(s, &zombies) && !zombies)
			return true;
	}
	subject_descriptors(s, &zombies);
	tap_diag("of %d connections %lld opened, %lld closed; %u dead children",
		 connections, (long long)opened, (long long)closed, zombies);
	return false;
}

/* An end is noticed although nothing happens after it, whatever the server was about
 * when it came: just accepting another, for so many microseconds more each time. */
static enum check_result load_ends(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	bool good = true;
	struct subject s;
	char body[8];

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int us = 0; us < SWEEP_US && good; us++) {
		int old = client_open(s.port), young;

		good = client_ask(old, "/one.txt", "") &&
		       client_reply(old, body, sizeof body) == 200;
		young = client_open(s.port);
		pass_us(us);
		close(old);
		good = good && one_is_left(&s, 2 * us + 2);
		close(young);
	}
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

const struct check gate_load[] = {
	{"out of descriptors", load_descriptors, DEPTH_SHORT},
	{"out of processes and threads", load_processes, DEPTH_SHORT},
	{"more clients than --max-connections: all are served", load_places,
	 DEPTH_SHORT},
	{"a connection's end is noticed, whenever it comes", load_ends, DEPTH_QUICK},
	{"clients that drop in and out", load_dropped, DEPTH_SHORT},
	{"clients that break off a reply", load_resets, DEPTH_SHORT},
	{"clients that never read, a /fan of a minute, and SIGTERM", load_deaf,
	 DEPTH_USUAL},
	{NULL, NULL, DEPTH_QUICK},
};
