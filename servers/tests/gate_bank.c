/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_bank.c - money is neither made nor lost: many clients move it between accounts
 * as fast as the server goes, also while its processes are killed, and the sum is the
 * same whenever it is asked for. */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "fetch.h"
#include "gate.h"
#include "tap.h"

enum {
	STOP_S = 6,
	TELLERS = 32,
	REQUESTS = 6000,
	KILLS = 40,
	KILL_EVERY = REQUESTS / KILLS, /* replies */
	WORKERS = 256,
	HOT = 4,         /* accounts that half the transfers are between, */
	ALL = 1024,      /* of so many */
	MOST = 300,      /* moved at once */
	TOTAL_EVERY = 8, /* requests */
	LOAD_EVERY = 5,
	PATIENCE_MS = 10000,
	/* Killed just as it opens or closes a connection, a process counts only that.
	 */
	UNCOUNTED = KILLS / 10
};

static const char sum[] = "total 1024000\n";

struct bank {
	const struct subject *server;
	struct fetch teller[TELLERS];
	char wanted[TELLERS][FETCH_BODY]; /* the body of a 200; "": any */
	unsigned asked, moved, refused, killed, broken;
	bool kill; /* its processes, and let them load files too */
	uint64_t random;
};

static unsigned draw(struct bank *b, unsigned below)
{
	b->random = b->random * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(b->random >> 33) % below;
}

static bool ask(struct bank *b, unsigned i)
{
	unsigned turn = b->asked++, accounts = turn % 2 ? HOT : ALL;
	unsigned n = draw(b, MOST);
	char path[64];

	b->wanted[i][0] = '\0';
	if (turn % TOTAL_EVERY == 0) {
		strcpy(b->wanted[i], sum);
		return fetch_ask(&b->teller[i], "GET", "/total");
	}
	if (b->kill && turn % LOAD_EVERY == 0)
		return fetch_ask(&b->teller[i], "GET", "/big.bin");
	snprintf(path, sizeof path, "/transfer?from=%u&to=%u&n=%u", draw(b, accounts),
		 draw(b, accounts), n);
	snprintf(b->wanted[i], FETCH_BODY, "moved %u\n", n);
	return fetch_ask(&b->teller[i], "POST", path);
}

/* Kill one of the server's processes as it goes.  Returns whether it has any. */
static bool kill_one(struct bank *b)
{
	pid_t pids[WORKERS];
	unsigned n = subject_workers(b->server, pids, WORKERS);

	if (n > 0 && kill(pids[draw(b, n)], SIGKILL) == 0)
		b->killed++;
	return n > 0;
}

/* Its connection went with a process that was killed: a new one. */
static bool again(struct bank *b, unsigned i)
{
	struct fetch *f = &b->teller[i];

	b->broken++;
	fetch_close(f);
	if (!fetch_open(f, b->server->port))
		return false;
	ask(b, i);
	return true;
}

static bool answered(struct bank *b, unsigned i)
{
	const struct fetch *f = &b->teller[i];
	const char *wanted = b->wanted[i];

	b->moved += f->status == 200 && wanted[0] == 'm';
	b->refused += f->status == 409;
	if ((f->status == 200 && (!*wanted || strcmp(f->body, wanted) == 0)) ||
	    (f->status == 409 && wanted[0] == 'm'))
		return true;
	tap_diag("%d \"%.*s\" where \"%.*s\" was due", f->status,
		 (int)strcspn(f->body, "\n"), f->body, (int)strcspn(wanted, "\n"),
		 wanted);
	return false;
}

/* Take what has come for one of them, and let it ask again.  Returns false if that is
 * wrong. */
static bool teller_turn(struct bank *b, unsigned i)
{
	enum fetch_end end = fetch_take(&b->teller[i], ~(size_t)0);

	if (end == FETCH_MORE)
		return true;
	if (end == FETCH_DONE && answered(b, i)) {
		ask(b, i);
		return !b->kill || b->asked % KILL_EVERY || kill_one(b);
	}
	if ((end == FETCH_ENDED || end == FETCH_CUT) && b->kill)
		return again(b, i);
	if (end != FETCH_DONE)
		tap_diag("a reply: %s", fetch_end_name(end));
	return false;
}

static bool bank_run(struct bank *b, unsigned requests)
{
	struct pollfd p[TELLERS];
	bool good = true;

	for (unsigned i = 0; i < TELLERS && good; i++)
		good = fetch_open(&b->teller[i], b->server->port) && ask(b, i);
	while (good && b->asked < requests) {
		for (unsigned i = 0; i < TELLERS; i++)
			p[i] = (struct pollfd){.fd = b->teller[i].fd, .events = POLLIN};
		if (poll(p, TELLERS, PATIENCE_MS) <= 0) {
			tap_diag("no reply any more, after %u requests", b->asked);
			return false;
		}
		for (unsigned i = 0; i < TELLERS && good; i++)
			good = !p[i].revents || teller_turn(b, i);
	}
	return good;
}

static bool sum_is_kept(const struct bank *b)
{
	char body[64] = "";
	int status = client_get(b->server->port, "/total", body, sizeof body);

	tap_diag("%u moved, %u refused; %u processes killed, %u connections broken",
		 b->moved, b->refused, b->killed, b->broken);
	if (status == 200 && strcmp(body, sum) == 0 && b->moved > 0)
		return true;
	tap_diag("in the end: %d \"%.*s\"", status, (int)strcspn(body, "\n"), body);
	return false;
}

static bool bank_check(struct bank *b, const struct gate *g)
{
	unsigned requests = g->depth == DEPTH_FULL ? 10 * REQUESTS : REQUESTS;
	bool good;

	for (unsigned i = 0; i < TELLERS; i++)
		b->teller[i].fd = -1;
	good = bank_run(b, requests);
	for (unsigned i = 0; i < TELLERS; i++)
		fetch_close(&b->teller[i]);
	/* Of the last one killed the server may not know yet, and if it then begins
	 * anew as a whole, who has just come is lost, too. */
	if (b->kill)
		good = gate_recovers(b->server->port) && good;
	return sum_is_kept(b) && good;
}

static enum check_result bank_kept(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	struct bank bank = {.server = &s, .random = 1};
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	good = bank_check(&bank, g);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

/* Its connections are counted, but for those in the hands of whom a kill hit. */
static bool ends_counted(struct subject *s)
{
	struct subject_end end = subject_stop(s, STOP_S);
	int64_t opened = subject_counter(s, "connections_opened");
	int64_t closed = subject_counter(s, "connections_closed");

	if (end.exited && end.status == 0 && !end.left && opened > 0 &&
	    opened - closed <= UNCOUNTED && closed - opened <= UNCOUNTED)
		return true;
	tap_diag("after SIGTERM: %s, status 0x%x, %u processes left; connections: %lld "
		 "opened, %lld closed",
		 end.exited ? "ended" : "not ended", (unsigned)end.status, end.left,
		 (long long)opened, (long long)closed);
	return false;
}

static enum check_result bank_kill(const struct gate *g)
{
	static const char *const small_cache[] = {"--cache", "131072", NULL};
	struct subject_plan plan = gate_plan(g, small_cache);
	struct subject s;
	struct bank bank = {.server = &s, .kill = true, .random = 2};
	pid_t worker;
	bool good;
	int fd;

	if (gate_stack_is_own(g)) {
		tap_diag("a module that is killed takes accounts, or the network, with "
			 "it");
		return CHECK_SKIP;
	}
	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	fd = client_open(s.port); /* some begin a process only for a connection */
	good = client_ask(fd, "/one.txt", "") &&
	       client_reply(fd, bank.wanted[0], FETCH_BODY) == 200;
	if (good && subject_workers(&s, &worker, 1) == 0) {
		tap_diag("all of it is one process");
		close(fd);
		subject_stop(&s, STOP_S);
		return CHECK_SKIP;
	}
	close(fd);
	good = good && bank_check(&bank, g);
	good &= ends_counted(&s);
	return gate_result(&s, good && bank.killed >= KILLS / 2);
}

const struct check gate_bank[] = {
	{"many clients move money: the total is kept", bank_kept, DEPTH_SHORT},
	{"worker processes are killed meanwhile: the total is kept", bank_kill,
	 DEPTH_SHORT},
	{NULL, NULL, DEPTH_QUICK},
};
