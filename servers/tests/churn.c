/* SPDX-License-Identifier: BSD-2-Clause */
/* churn.c - many connections of one request each, some of them broken off in every way
 * a client can: afterwards the server holds what it held after the first tenth. */
#include "config.h"

#include "client.h"
#include "subject.h"
#include "tap.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* GROWTH_MAX: 32 bytes, malloc's least, lost with each of 100,000 connections are more
 * than that; what allocators keep, now more, now less, is not. */
enum {
	CLIENTS = 16,
	KINDS = 16, /* of connections; those without a name are plain ones */
	SETTLE_MS = 20000,
	STEP_MS = 50,
	STOP_S = 10,
	ROUNDS = 3,
	GROWTH_MAX_KIB = 1536,
	WORKER_MAX_KIB = 32, /* more for each process of a pool: it has a heap of its
				own, which a thousand connections do not fill */
	WORKERS = 256
};

enum kind { BREAK_REPLY, BREAK_REQUEST, SAY_NOTHING, HALF_HEAD, HALF_CLOSED, KEPT };

static bool asks(int fd, const char *path, const char *fields, int status)
{
	char body[64];

	return client_ask(fd, path, fields) &&
	       client_reply(fd, body, sizeof body) == status;
}

static bool ended(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) == 0;
}

/* One connection.  Returns whether the client got what it was owed; it is closed here
 * or, with *reset, to be reset. */
static bool connection_use(int fd, unsigned kind, bool *reset)
{
	static const char half[] = "GET /kib.txt HTTP/1.1\r\nHos";
	char some[4096];

	*reset = kind == BREAK_REPLY || kind == BREAK_REQUEST;
	switch (kind) {
	case BREAK_REPLY:
		return client_ask(fd, "/vast.bin", "") &&
		       recv(fd, some, sizeof some, 0) > 0;
	case BREAK_REQUEST:
		return client_ask(fd, "/kib.txt", "");
	case SAY_NOTHING:
		return true;
	case HALF_HEAD:
		return send(fd, half, sizeof half - 1, MSG_NOSIGNAL) ==
		       (ssize_t)sizeof half - 1;
	case HALF_CLOSED:
		return client_ask(fd, "/kib.txt", "") && shutdown(fd, SHUT_WR) == 0 &&
		       client_reply(fd, some, sizeof some) == 200 && ended(fd);
	case KEPT:
		return asks(fd, "/none.txt", "", 404);
	default:
		return asks(fd, "/kib.txt", "Connection: close\r\n", 200) && ended(fd);
	}
}

/* All ports may be in TIME_WAIT for a moment. */
static int patiently_open(uint16_t port)
{
	int fd = client_open(port);

	for (int waited_ms = 0; fd == -EADDRNOTAVAIL && waited_ms < SETTLE_MS;
	     waited_ms += STEP_MS) {
		usleep(STEP_MS * 1000);
		fd = client_open(port);
	}
	return fd;
}

/* Every CLIENTS-th of `connections`.  Returns whether all went well. */
static bool client_run(uint16_t port, unsigned client, unsigned connections)
{
	unsigned bad = 0;

	for (unsigned i = client; i < connections; i += CLIENTS) {
		unsigned kind = (i / CLIENTS + client) % KINDS;
		int fd = patiently_open(port);
		bool reset = false;

		if (fd < 0 || !connection_use(fd, kind, &reset)) {
			if (bad++ < 3)
				tap_diag("connection %u, kind %u: %s", i, kind,
					 fd < 0 ? strerror(-fd) : "not answered");
		}
		if (fd >= 0 && reset)
			client_reset(fd);
		else if (fd >= 0)
			close(fd);
	}
	fflush(stdout);
	return bad == 0;
}

static bool crowd_run(uint16_t port, unsigned connections)
{
	bool good = true;
	int status;

	fflush(stdout);
	for (unsigned client = 0; client < CLIENTS; client++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(!client_run(port, client, connections));
		good &= pid > 0;
	}
	for (unsigned client = 0; client < CLIENTS; client++)
		good &= waitpid(0, &status, 0) > 0 && status == 0;
	return good;
}

/* Resident memory of the server's whole group; what n of its processes share counts for
 * an n-th in each (proc_pid_smaps(5)). */
static long group_kib(pid_t group)
{
	DIR *d = opendir("/proc");
	struct dirent *entry;
	long kib = 0, part_kib;

	while (d && (entry = readdir(d))) {
		char path[300];
		FILE *f;

		if (getpgid(atoi(entry->d_name)) != group || atoi(entry->d_name) == 0)
			continue;
		snprintf(path, sizeof path, "/proc/%s/smaps_rollup", entry->d_name);
		f = fopen(path, "re");
		if (f && fscanf(f, "%*[^\n] Rss: %*d kB Pss: %ld", &part_kib) == 1)
			kib += part_kib;
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return kib;
}

/* Wait until the server holds `descriptors` again, and no dead child. */
static bool settles(const struct subject *s, int descriptors)
{
	unsigned zombies = 0;
	int now = 0;

	for (int waited_ms = 0; waited_ms < SETTLE_MS; waited_ms += STEP_MS) {
		now = subject_descriptors(s, &zombies);
		if (now == descriptors && zombies == 0)
			return true;
		usleep(STEP_MS * 1000);
	}
	tap_diag("%d descriptors, %d at the start; %u zombies", now, descriptors,
		 zombies);
	return false;
}

static bool ends_well(struct subject *s, unsigned connections)
{
	struct subject_end end = subject_stop(s, STOP_S);
	int64_t opened = subject_counter(s, "connections_opened");
	int64_t closed = subject_counter(s, "connections_closed");
	bool good = end.exited && end.status == 0 && opened == connections &&
		    closed == opened;

	if (!good)
		tap_diag("%s, status 0x%x; %u connections made, %lld opened, %lld "
			 "closed",
			 end.exited ? "exited" : "has not ended", (unsigned)end.status,
			 connections, (long long)opened, (long long)closed);
	return good;
}

/* What the crowds saw, and what they left behind. */
struct churned {
	unsigned connections;
	bool answered, settled;
	long before_kib, growth_kib, allowed_kib;
};

static void crowd_add(const struct subject *s, struct churned *c, unsigned connections,
		      int descriptors)
{
	c->before_kib = group_kib(s->pid);
	c->answered &= crowd_run(s->port, connections);
	c->settled &= settles(s, descriptors);
	c->growth_kib = group_kib(s->pid) - c->before_kib;
	c->connections += connections;
}

/* The first tenth makes the server grow to its working size.  On a busy machine more
 * may be in use at once later, and pools grow once more; but what is lost is lost every
 * time. */
static struct churned crowds_run(const struct subject *s, unsigned connections)
{
	struct churned c = {.answered = true, .settled = true};
	pid_t workers[WORKERS];
	unsigned zombies;
	const int descriptors = subject_descriptors(s, &zombies);

	crowd_add(s, &c, connections / 10, descriptors);
	c.allowed_kib = GROWTH_MAX_KIB +
			WORKER_MAX_KIB * (long)subject_workers(s, workers, WORKERS);
	for (int round = 0; round < ROUNDS; round++) {
		crowd_add(s, &c, connections - connections / 10, descriptors);
		if (c.growth_kib <= c.allowed_kib)
			break;
		tap_diag("memory: %ld KiB, then %+ld", c.before_kib, c.growth_kib);
	}
	return c;
}

static int churn(const struct subject_plan *plan, unsigned connections)
{
	struct churned c;
	struct subject s;

	if (subject_start(&s, plan)) {
		tap_ok(false, "the server starts");
		return tap_done();
	}
	c = crowds_run(&s, connections);
	tap_ok(c.answered, "%u connections: who waits is answered", c.connections);
	tap_ok(c.settled, "no descriptor or process is left");
	tap_ok(c.before_kib > 0 && c.growth_kib <= c.allowed_kib,
	       "memory: %ld KiB, then %+ld (at most %ld)", c.before_kib, c.growth_kib,
	       c.allowed_kib);
	tap_ok(ends_well(&s, c.connections), "all opened are closed, exit status 0");
	subject_stderr(&s, true);
	return tap_done();
}

int main(int argc, char **argv)
{
	char top[] = "/tmp/duality-churn-XXXXXX", *end = NULL;
	unsigned long connections = argc > 2 ? strtoul(argv[1], &end, 10) : 0;
	struct subject_plan plan = {.program = argv + 2, .top = top};
	int error, status = 2;

	if (!end || *end || connections < 10 || connections > INT_MAX) {
		fputs("usage: churn CONNECTIONS SERVER [ARG]...\n", stderr);
		return 2;
	}
	if (!mkdtemp(top))
		return perror("churn: /tmp"), 2;
	error = tree_create(top, getuid());
	if (error)
		fprintf(stderr, "churn: %s: %s\n", top, strerror(-error));
	else
		status = churn(&plan, (unsigned)connections);
	tree_remove(top);
	return status;
}
