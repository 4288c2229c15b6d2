/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.c - play recorded streams to a server, many at once. */
#include "config.h"

#include "replay.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "subject.h"
#include "tap.h"
#include "unread.h"

enum {
	CHUNK = 64 << 10,
	INSISTENCE = 64 << 10, /* bytes sent after the server said it closes */
	SETTLE_NS = 5000000, /* a server busy with a reply reads the next piece later */
	DATE_SLACK_S = 60
};

enum phase { FREE, SENDING, SETTLING, LISTENING };

struct player {
	int fd;
	enum phase phase;
	const struct script *script;
	const struct stream *now; /* the script's stream, then the probe */
	size_t sent, until;       /* of now->in; the present piece ends at until */
	size_t matched;           /* of now->out */
	size_t insisted;
	bool half; /* our sending side is closed */
	uint64_t changed_ns, settle_ns;
	struct sockaddr_in own;
	char date[STREAM_DATE + 1];
};

struct stage {
	const struct replay *replay;
	struct tally *tally;
	struct player *players;
	struct pollfd *polls;
	struct sockaddr_in peer;
	int unread; /* see unread.h */
	const struct stream *failed[REPLAY_FAILURES];
	unsigned failures;
	uint64_t now_ns;
};

static unsigned char chunk[CHUNK];

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void player_end(struct player *p)
{
	close(p->fd);
	p->fd = -1;
	p->phase = FREE;
}

static bool stage_failed(const struct stage *g, const struct stream *s)
{
	for (unsigned i = 0; i < g->failures; i++)
		if (g->failed[i] == s)
			return true;
	return false;
}

static void player_fail(struct stage *g, struct player *p, const char *what)
{
	static const char *const endings[] = {"stay", "half-close", "insist"};
	const struct script *s = p->script;
	char cut[32] = "whole";

	if (s->cut == CUT_EVERYWHERE)
		snprintf(cut, sizeof cut, "byte by byte");
	else if (s->cut != CUT_NONE)
		snprintf(cut, sizeof cut, "cut at %d", s->cut);
	if (!stage_failed(g, s->stream) && g->failures < REPLAY_FAILURES) {
		g->failed[g->failures++] = s->stream;
		tap_diag("%s%s, %s, %s: %s", s->stream->name,
			 p->now == s->stream ? "" : " (then another request)", cut,
			 endings[s->ending], what);
	}
	g->tally->failures++;
	player_end(p);
}

static void player_mismatch(struct stage *g, struct player *p, const unsigned char *got,
			    size_t size)
{
	char text[400], shown[121];
	size_t at = p->matched, i;

	for (i = 0; i < size && i < sizeof shown - 1; i++)
		shown[i] = isprint(got[i]) ? (char)got[i] : '.';
	shown[i] = '\0';
	if (at >= p->now->out_size)
		snprintf(text, sizeof text, "more than the %zu bytes expected: %s", at,
			 shown);
	else
		snprintf(text, sizeof text,
			 "byte %zu of %zu is not as expected: got %s, not %.60s", at,
			 p->now->out_size, shown,
			 isprint(p->now->out[at]) ? (char *)p->now->out + at
						  : "(binary)");
	for (char *c = text; *c; c++)
		*c = isprint((unsigned char)*c) ? *c : '.';
	player_fail(g, p, text);
}

/* Where a cut script's piece that begins at `from` ends. */
static size_t piece_end(const struct player *p, size_t from)
{
	size_t size = p->now->in_size;

	if (p->now != p->script->stream || p->script->cut == CUT_NONE)
		return size;
	if (p->script->cut == CUT_EVERYWHERE)
		return from < size ? from + 1 : size;
	return from < (size_t)p->script->cut ? (size_t)p->script->cut : size;
}

static void player_begin(struct player *p, const struct stream *s)
{
	p->now = s;
	p->sent = p->matched = 0;
	p->until = piece_end(p, 0);
	p->phase = SENDING;
}

/* Source addresses rotate (where they are this machine's alone), so that ports in
 * TIME_WAIT never run out. */
static int player_open(struct stage *g, struct player *p, const struct script *s)
{
	static uint32_t turn;
	struct sockaddr_in from = {.sin_family = AF_INET};
	socklen_t size = sizeof p->own;
	int on = 1;

	*p = (struct player){.script = s, .changed_ns = g->now_ns};
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ntohl(g->peer.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
		from.sin_addr.s_addr = htonl(0x7f000100 + turn++ % 200 + 1);
	if (p->fd < 0 ||
	    setsockopt(p->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) <
		    0 ||
	    bind(p->fd, (struct sockaddr *)&from, sizeof from) < 0 ||
	    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
	    connect(p->fd, (struct sockaddr *)&g->peer, sizeof g->peer) < 0 ||
	    getsockname(p->fd, (struct sockaddr *)&p->own, &size) < 0)
		return -errno;
	g->tally->connections++;
	player_begin(p, s->stream);
	return 0;
}

static void player_half_close(struct player *p)
{
	if (!p->half)
		shutdown(p->fd, SHUT_WR);
	p->half = true;
}

/* After the server has said that it closes: more input, which it must drain. */
static void player_insist(struct player *p)
{
	ssize_t n;

	memset(chunk, 'x', 1024);
	if (p->insisted >= INSISTENCE)
		return;
	n = send(p->fd, chunk, 1024, MSG_DONTWAIT | MSG_NOSIGNAL);
	p->insisted += n > 0 ? (size_t)n : 0;
}

/* All was sent and all was answered. */
static void player_answered(struct stage *g, struct player *p)
{
	const struct stream *s = p->now;

	g->tally->requests += s->replies;
	g->tally->errors += s->errors;
	g->tally->bytes_out += s->out_size;
	p->matched = s->out_size;
	if (p->script->stream->closes || p->half)
		return;
	if (s == p->script->stream && p->script->ending == ENDING_STAY && !s->half)
		player_begin(p, g->replay->probe);
	else
		player_half_close(p);
}

static void player_sent(struct stage *g, struct player *p)
{
	const struct script *s = p->script;

	if (p->sent < p->now->in_size) {
		p->phase = SETTLING;
		p->settle_ns = g->now_ns;
		return;
	}
	p->phase = LISTENING;
	if (p->now == s->stream && (s->ending == ENDING_HALF || s->stream->half))
		player_half_close(p);
	if (p->matched == p->now->out_size)
		player_answered(g, p);
}

static void player_send(struct stage *g, struct player *p)
{
	size_t size = p->until - p->sent;
	ssize_t n =
		send(p->fd, p->now->in + p->sent, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <
	    0) { /* it closed early; what it said before is judged by player_receive */
		p->phase = LISTENING;
		return;
	}
	p->sent += (size_t)n;
	p->changed_ns = g->now_ns;
	if (p->sent == p->until)
		player_sent(g, p);
}

static void player_settle(struct stage *g, struct player *p)
{
	int unread = unread_bytes(g->unread, &p->own, &g->peer);

	if (unread != 0 && g->now_ns - p->settle_ns < SETTLE_NS)
		return;
	p->until = piece_end(p, p->sent);
	p->phase = SENDING;
}

static bool date_sane(const char *date)
{
	struct tm tm = {0};
	char again[STREAM_DATE + 1];
	time_t t;

	if (!strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		return false;
	t = timegm(&tm);
	strftime(again, sizeof again, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return strcmp(again, date) == 0 && labs((long)(t - time(NULL))) < DATE_SLACK_S;
}

/* How many of the bytes are as expected. */
static size_t player_match(struct player *p, const unsigned char *got, size_t size)
{
	const struct stream *s = p->now;
	size_t i, at;

	for (i = 0; i < size && p->matched < s->out_size; i++, p->matched++) {
		at = p->matched;
		if (!s->date[at] && s->out[at] != got[i])
			break;
		if (!s->date[at])
			continue;
		memmove(p->date, p->date + 1, STREAM_DATE - 1);
		p->date[STREAM_DATE - 1] = (char)got[i];
		if (!s->date[at + 1] && !date_sane(p->date))
			break;
	}
	return i;
}

static void player_eof(struct stage *g, struct player *p)
{
	bool complete = p->matched == p->now->out_size;
	char text[120];

	snprintf(text, sizeof text, "closed after %zu of %zu bytes", p->matched,
		 p->now->out_size);
	if (complete && (p->script->stream->closes || p->half)) {
		if (p->phase != LISTENING || p->sent < p->now->in_size)
			player_answered(g, p);
		player_end(p);
	} else {
		player_fail(g, p,
			    complete ? "closed although it should stay open" : text);
	}
}

static void player_receive(struct stage *g, struct player *p)
{
	ssize_t n = recv(p->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	char text[120];
	size_t good;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		snprintf(text, sizeof text, "%s after %zu of %zu bytes",
			 strerror(errno), p->matched, p->now->out_size);
		player_fail(g, p, text);
		return;
	}
	if (n == 0) {
		player_eof(g, p);
		return;
	}
	p->changed_ns = g->now_ns;
	good = player_match(p, chunk, (size_t)n);
	if (good < (size_t)n)
		player_mismatch(g, p, chunk + good, (size_t)n - good);
	else if (p->matched == p->now->out_size && p->phase == LISTENING &&
		 p->sent == p->now->in_size)
		player_answered(g, p);
}

static void player_step(struct stage *g, struct player *p, short events)
{
	uint64_t patience_ns = (uint64_t)g->replay->patience_ms * 1000000;
	char text[120];

	if (events & (POLLIN | POLLHUP | POLLERR))
		player_receive(g, p);
	if (p->phase == SENDING)
		player_send(g, p);
	else if (p->phase == SETTLING)
		player_settle(g, p);
	else if (p->phase == LISTENING && p->script->ending == ENDING_INSIST)
		player_insist(p);
	if (p->phase == FREE || g->now_ns - p->changed_ns < patience_ns)
		return;
	snprintf(text, sizeof text, "silent after %zu of %zu bytes%s", p->matched,
		 p->now->out_size,
		 p->matched == p->now->out_size ? ", not closed" : "");
	player_fail(g, p, text);
}

static void stage_wait(struct stage *g, unsigned players)
{
	struct timespec pause = {0};
	bool settling = false;

	for (unsigned i = 0; i < players; i++) {
		const struct player *p = &g->players[i];

		g->polls[i] = (struct pollfd){.fd = p->fd, .events = POLLIN};
		if (p->phase == SENDING)
			g->polls[i].events |= POLLOUT;
		settling |=
			p->phase == SETTLING ||
			(p->phase == LISTENING && p->script->ending == ENDING_INSIST);
	}
	pause.tv_nsec = settling ? 20000 : 100000000;
	ppoll(g->polls, players, &pause, NULL);
	g->now_ns = now_ns();
}

/* Keep every player busy until the scripts are over. */
static int stage_play(struct stage *g, const struct script *scripts, size_t count)
{
	unsigned players = g->replay->concurrency;
	size_t next = 0, live;
	int error = 0;

	for (unsigned i = 0; i < players; i++)
		g->players[i] = (struct player){.fd = -1, .script = scripts};
	do {
		live = 0;
		for (unsigned i = 0; i < players; i++) {
			struct player *p = &g->players[i];
			while (next < count && stage_failed(g, scripts[next].stream))
				next++;
			if (p->phase == FREE && next < count && !error &&
			    g->failures < REPLAY_FAILURES)
				error = player_open(g, p, &scripts[next++]);
			live += p->phase != FREE;
		}
		if (live)
			stage_wait(g, players);
		for (unsigned i = 0; i < players; i++)
			if (g->players[i].phase != FREE)
				player_step(g, &g->players[i], g->polls[i].revents);
	} while (live);
	return error;
}

int replay_run(const struct replay *r, const struct script *scripts, size_t count,
	       struct tally *tally)
{
	unsigned before = tally->failures;
	int error = -ENOMEM;
	struct stage g = {
		.replay = r,
		.tally = tally,
		.players = calloc(r->concurrency, sizeof *g.players),
		.polls = calloc(r->concurrency, sizeof *g.polls),
		.peer = {.sin_family = AF_INET, .sin_port = htons(r->port)},
		.unread = unread_open(),
		.now_ns = now_ns(),
	};

	g.peer.sin_addr = subject_address();
	if (g.unread < 0)
		error = g.unread;
	else if (g.players && g.polls)
		error = stage_play(&g, scripts, count);
	if (g.unread >= 0)
		close(g.unread);
	free(g.players);
	free(g.polls);
	if (error)
		tap_diag("replay: %s", strerror(-error));
	return error ? error : tally->failures > before;
}
