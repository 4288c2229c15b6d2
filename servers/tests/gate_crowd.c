/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_crowd.c - clients that take their time or break off among others that do not,
 * and SIGTERM in the middle of it: who reads gets whole replies. */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "fetch.h"
#include "gate.h"
#include "tap.h"
#include "tree.h"

enum {
	STOP_S = 8, /* we read slowly ourselves */
	SLOW = 12,  /* clients that send, and as many that read, byte by byte */
	SECOND_US = 1000000,
	CROWD = 20,
	REQUESTS = 1000,
	BREAK_EVERY = 100,
	VAST = 4,  /* clients in the middle of a reply that no socket buffer holds, */
	BUSY = 24, /* and others that ask and ask, */
	BEFORE = 300,  /* so often before SIGTERM */
	LOOK = 100000, /* bytes of a vast reply that every other has seen before it */
	PATIENCE_MS = 10000
};

/* --- slow clients --------------------------------------------------------------------
 */

static bool slow_begin(struct fetch *reader, int *sender, uint16_t port)
{
	bool good = true;

	for (int i = 0; i < SLOW; i++) {
		sender[i] = client_open(port);
		good &= fetch_open(&reader[i], port) && sender[i] >= 0 &&
			fetch_ask(&reader[i], "GET", "/vast.bin");
	}
	return good;
}

/* Each of the slow sends one byte more, or reads one; then a quick client comes, and
 * must have its reply although none of theirs is finished. */
static bool slow_step(struct fetch *reader, const int *sender, const char *byte,
		      uint16_t port)
{
	char body[8];
	bool good = true;

	for (int i = 0; i < SLOW; i++) {
		enum fetch_end end = fetch_take(&reader[i], 1);

		good &= end == FETCH_MORE &&
			send(sender[i], byte, 1, MSG_NOSIGNAL) == 1;
	}
	return good && client_get(port, "/kib.txt", body, sizeof body) == 200;
}

static enum check_result crowd_slow(const struct gate *g)
{
	static const char request[] = "GET /one.txt HTTP/1.1\r\nHost: slow\r\n\r\n";
	struct subject_plan plan = gate_plan(g, NULL);
	struct fetch reader[SLOW];
	int sender[SLOW], answered = 0;
	struct subject s;
	char body[8];
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	good = slow_begin(reader, sender, s.port);
	for (const char *c = request; *c && good; c++) {
		good = slow_step(reader, sender, c, s.port);
		if (!good)
			tap_diag("byte %d: a quick client is not served, or a slow one "
				 "is lost",
				 (int)(c - request));
		if (g->depth == DEPTH_FULL)
			usleep(SECOND_US);
	}
	for (int i = 0; i < SLOW; i++) {
		answered += good && client_reply(sender[i], body, sizeof body) == 200;
		close(sender[i]);
		fetch_close(&reader[i]);
	}
	if (answered < SLOW)
		tap_diag("%d of %d slow clients answered", answered, SLOW);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good && answered == SLOW);
}

/* --- some break off
 * ------------------------------------------------------------------- */

struct crowd {
	const struct subject *server;
	unsigned asked, whole, broken;
	struct fetch_bytes big;
	struct fetch client[CROWD];
};

/* A connection of its own for each request, one in a hundred to be broken off. */
static bool crowd_ask(struct crowd *c, struct fetch *f)
{
	bool breaks = c->asked++ % BREAK_EVERY == BREAK_EVERY / 2;

	if (!fetch_open(f, c->server->port))
		return false;
	if (!breaks)
		f->choice[0] = c->big;
	return fetch_ask(f, "GET", breaks ? "/vast.bin" : "/big.bin");
}

static bool crowd_turn(void *arg, struct fetch *f)
{
	struct crowd *c = arg;
	enum fetch_end end = fetch_take(f, ~(size_t)0);

	if (end == FETCH_MORE && (f->choice[0].bytes || f->body_done == 0))
		return true;
	if (end == FETCH_MORE) {
		client_reset(f->fd);
		c->broken++;
	} else if (end == FETCH_DONE) {
		fetch_close(f);
		c->whole++;
	} else {
		tap_diag("/big.bin: %s, %zu of %zu bytes", fetch_end_name(end),
			 f->body_done, f->body_size);
		return false;
	}
	f->fd = -1;
	return c->asked == REQUESTS || crowd_ask(c, f);
}

/* Let each take its turn until none has a connection any more. */
static bool fetches_run(struct fetch *all, unsigned n, void *arg,
			bool (*turn)(void *arg, struct fetch *f))
{
	struct pollfd p[CROWD + VAST + BUSY];
	bool good = true;

	while (good) {
		unsigned open = 0;

		for (unsigned i = 0; i < n; i++) {
			p[i] = (struct pollfd){.fd = all[i].fd, .events = POLLIN};
			open += all[i].fd >= 0;
		}
		if (!open)
			return true;
		if (poll(p, n, PATIENCE_MS) <= 0) {
			tap_diag("%u clients get nothing any more", open);
			return false;
		}
		for (unsigned i = 0; i < n && good; i++)
			good = !p[i].revents || turn(arg, &all[i]);
	}
	return false;
}

static enum check_result crowd_breaks(const struct gate *g)
{
	static unsigned char bytes[100000];
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	struct crowd crowd = {.server = &s, .big = {bytes, sizeof bytes}};
	bool good = true;

	tree_fill("big.bin", bytes, sizeof bytes);
	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < CROWD; i++)
		good &= crowd_ask(&crowd, &crowd.client[i]);
	good = good && fetches_run(crowd.client, CROWD, &crowd, crowd_turn);
	for (int i = 0; i < CROWD; i++)
		fetch_close(&crowd.client[i]);
	good &= gate_stop(&s, STOP_S);
	tap_diag("%u whole replies, %u broken off, %lld counted", crowd.whole,
		 crowd.broken, (long long)subject_counter(&s, "resets"));
	good = good && crowd.broken == REQUESTS / BREAK_EVERY &&
	       subject_counter(&s, "resets") == (int64_t)crowd.broken;
	return gate_result(&s, good);
}

/* --- SIGTERM under load
 * --------------------------------------------------------------- */

struct rush {
	const struct subject *server;
	unsigned whole, vast_whole;
	struct fetch_bytes huge, vast;
	struct fetch client[VAST + BUSY]; /* the first are in the midst of vast.bin */
	bool stopping;                    /* SIGTERM is sent */
};

static bool rush_begin(struct rush *r)
{
	bool good = true;

	for (unsigned i = 0; i < VAST + BUSY; i++) {
		struct fetch *f = &r->client[i];

		good &= fetch_open(f, r->server->port);
		f->choice[0] = i < VAST ? r->vast : r->huge;
	}
	for (unsigned i = 0; i < VAST + BUSY && good; i++)
		good = fetch_ask(&r->client[i], "GET",
				 i < VAST ? "/vast.bin" : "/huge.bin");
	for (unsigned i = 0; i < VAST && good; i++) {
		struct fetch *f = &r->client[i];

		good = client_wait(f->fd, PATIENCE_MS);
		while (i % 2 && f->body_done < LOOK && good)
			good = client_wait(f->fd, PATIENCE_MS) &&
			       fetch_take(f, LOOK) == FETCH_MORE;
	}
	return good;
}

/* A connection may end, but not within a reply. */
static bool rush_turn(void *arg, struct fetch *f)
{
	struct rush *r = arg;
	enum fetch_end end = fetch_take(f, ~(size_t)0);

	if (end == FETCH_MORE)
		return true;
	if (end == FETCH_DONE) {
		r->whole++;
		r->vast_whole += f->choice[0].bytes == r->vast.bytes;
	} else if (end != FETCH_ENDED || !r->stopping) {
		tap_diag("a reply of %zu bytes: %s, after %zu", f->body_size,
			 fetch_end_name(end), f->body_done);
		return false;
	}
	if (r->whole == BEFORE && !r->stopping) {
		kill(r->server->pid, SIGTERM);
		r->stopping = true;
	}
	if (end == FETCH_ENDED || f->choice[0].bytes == r->vast.bytes ||
	    !fetch_ask(f, "GET", "/huge.bin"))
		fetch_close(f);
	return true;
}

/* Those with the vast replies read on only when SIGTERM has come. */
static bool rush_run(struct rush *r)
{
	struct fetch *busy = r->client + VAST;
	bool good = rush_begin(r);

	while (good && !r->stopping) {
		struct pollfd p[BUSY];

		for (unsigned i = 0; i < BUSY; i++)
			p[i] = (struct pollfd){.fd = busy[i].fd, .events = POLLIN};
		good = poll(p, BUSY, PATIENCE_MS) > 0;
		for (unsigned i = 0; i < BUSY && good; i++)
			good = !p[i].revents || rush_turn(r, &busy[i]);
	}
	return good && fetches_run(r->client, VAST + BUSY, r, rush_turn);
}

static enum check_result crowd_stop(const struct gate *g)
{
	static unsigned char huge[300000];
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	struct rush rush = {.server = &s, .huge = {huge, sizeof huge}};
	unsigned char *vast = malloc(TREE_VAST);
	bool good = vast;

	if (!good || subject_start(&s, &plan)) {
		free(vast);
		return gate_result(&s, false);
	}
	tree_fill("huge.bin", huge, sizeof huge);
	tree_fill("vast.bin", vast, TREE_VAST);
	rush.vast = (struct fetch_bytes){vast, TREE_VAST};
	good = rush_run(&rush);
	for (int i = 0; i < VAST + BUSY; i++)
		fetch_close(&rush.client[i]);
	good &= gate_stop(&s, STOP_S);
	tap_diag("%u whole replies, %u of them vast", rush.whole, rush.vast_whole);
	free(vast);
	return gate_result(&s, good && rush.vast_whole == VAST);
}

const struct check gate_crowd[] = {
	{"clients that send and read byte by byte hold nobody up", crowd_slow,
	 DEPTH_SHORT},
	{"one client in a hundred breaks off: the others get it all", crowd_breaks,
	 DEPTH_SHORT},
	{"SIGTERM under load: no reply is sent by half", crowd_stop, DEPTH_SHORT},
	{NULL, NULL, DEPTH_QUICK},
};
