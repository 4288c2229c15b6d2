/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_fan.c - parallel calls are given up when one of them fails, or nobody waits for
 * them any more: nothing of them stays. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "gate.h"
#include "tap.h"

enum {
	STOP_S = 6,
	MINUTE_S = 60, /* what the parts of a call take that is given up */
	WAIT_US = 600000,
	CALLERS = 12,
	SETTLE_MS = 8000,
	STEP_MS = 10
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool asks(int fd, const char *path, int status, const char *wanted)
{
	char body[64] = "";
	int got = client_ask(fd, path, "") ? client_reply(fd, body, sizeof body) : 0;

	if (got == status && strcmp(body, wanted) == 0)
		return true;
	tap_diag("%s: %d \"%.*s\", not %d", path, got, (int)strcspn(body, "\n"), body,
		 status);
	return false;
}

/* What it has once made it may keep: threads of a pool, say. */
static bool warm_up(const struct subject *s, int fd, struct subject_holdings *held)
{
	bool good = asks(fd, "/fan?n=3&us=1000", 200, "joined 3\n") &&
		    asks(fd, "/fan?n=3&us=64000&fail=1", 502, "502 Bad Gateway\n");

	*held = subject_holdings(s);
	return good;
}

/* It holds no more than that, and no connection but one. */
static bool nothing_stays(const struct subject *s, const struct subject_holdings *held)
{
	struct subject_holdings now = {0};
	int64_t open = 0;

	for (int waited_ms = 0; waited_ms < SETTLE_MS; waited_ms += STEP_MS) {
		open = subject_live(s, "connections_opened") -
		       subject_live(s, "connections_closed");
		now = subject_holdings(s);
		if (open == 1 && now.processes <= held->processes &&
		    now.threads <= held->threads &&
		    now.descriptors <= held->descriptors && !now.zombies)
			return true;
		usleep(STEP_MS * 1000);
	}
	tap_diag("%u processes, %u threads, %u descriptors before, then %u, %u, %u; "
		 "%u dead children; %lld connections",
		 held->processes, held->threads, held->descriptors, now.processes,
		 now.threads, now.descriptors, now.zombies, (long long)open);
	return false;
}

/* A timer that was forgotten would end the wait that comes after the call. */
static bool wait_is_whole(int fd)
{
	double from_s, waited_s;
	bool good;

	if (!asks(fd, "/fan?n=3&us=400000&fail=2", 502, "502 Bad Gateway\n"))
		return false;
	from_s = now_s();
	good = asks(fd, "/wait?us=600000", 200, "waited 600000\n");
	waited_s = now_s() - from_s;
	if (waited_s * 1e6 >= WAIT_US)
		return good;
	tap_diag("/wait?us=%d after a call given up: %.0f us", WAIT_US, waited_s * 1e6);
	return false;
}

/* Its other parts would take a minute more. */
static bool fails_early(int fd)
{
	double from_s = now_s();
	bool good = asks(fd, "/fan?n=3&us=60000000&fail=2", 502, "502 Bad Gateway\n");

	return good && now_s() - from_s < MINUTE_S;
}

static bool gives_up(const struct subject *s, int fd,
		     const struct subject_holdings *held)
{
	return fails_early(fd) && nothing_stays(s, held) && wait_is_whole(fd) &&
	       nothing_stays(s, held);
}

/* Clients break off while their calls are under way, every other by a reset, every
 * third before a part fails. */
static bool callers_leave(const struct subject *s)
{
	int fd[CALLERS];
	int64_t from = subject_live(s, "bytes_in");
	bool good = true;

	for (int i = 0; i < CALLERS; i++) {
		fd[i] = client_open(s->port);
		good &= client_ask(fd[i],
				   i % 3 ? "/fan?n=8&us=500000&fail=0"
					 : "/fan?n=8&us=9000000&fail=8",
				   "");
	}
	good = good && gate_has_read(s, from + CALLERS);
	for (int i = 0; i < CALLERS; i++) {
		if (i % 2)
			client_reset(fd[i]);
		else
			close(fd[i]);
	}
	return good;
}

static bool forgets_who_left(const struct subject *s, int fd,
			     const struct subject_holdings *held)
{
	return callers_leave(s) && nothing_stays(s, held) &&
	       asks(fd, "/fan?n=3&us=1000", 200, "joined 3\n");
}

/* A server, warm, and one connection to it: does it do that? */
static enum check_result fan_judge(const struct gate *g,
				   bool (*does)(const struct subject *s, int fd,
						const struct subject_holdings *held))
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject_holdings held;
	struct subject s;
	bool good;
	int fd;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	fd = client_open(s.port);
	good = fd >= 0 && warm_up(&s, fd, &held) && does(&s, fd, &held);
	close(fd);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

static enum check_result fan_gives_up(const struct gate *g)
{
	return fan_judge(g, gives_up);
}

static enum check_result fan_broken_off(const struct gate *g)
{
	return fan_judge(g, forgets_who_left);
}

const struct check gate_fan[] = {
	{"/fan fails as soon as a part does, and nothing of it stays", fan_gives_up,
	 DEPTH_SHORT},
	{"clients that break off a /fan leave nothing of it", fan_broken_off,
	 DEPTH_SHORT},
	{NULL, NULL, DEPTH_QUICK},
};
