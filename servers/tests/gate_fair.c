/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_fair.c - a client that pipelines requests without end gets no more than its
 * share: the others are answered before the server has done much for it.  And who waits
 * for a place gets one. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "gate.h"
#include "tap.h"

enum {
	STOP_S = 6,
	BATCH = 400, /* requests: about what one read of the server takes */
	STEP_MS = 1,
	QUIET_STEPS = 10000, /* in a row without a byte moved: nobody serves */
	QUEUE = 80,          /* clients for one place; when half of them are served, */
	FIRST = 8,           /* the first of them must be among those */
	PATIENCE_MS = 10000
};

/* The client that never stops: what it asks, over and over. */
struct hog {
	int fd;
	char text[BATCH * 64];
	size_t size, at; /* at: so much of the text is sent */
};

static int hog_open(struct hog *h, uint16_t port, const char *path)
{
	static const char fields[] = " HTTP/1.1\r\nHost: a\r\n\r\n";

	h->size = h->at = 0;
	for (int i = 0; i < BATCH; i++) {
		char *end = stpcpy(stpcpy(h->text + h->size, "GET "), path);

		h->size = (size_t)(stpcpy(end, fields) - h->text);
	}
	h->fd = client_open(port);
	return h->fd;
}

/* Send what goes and throw away what comes.  Returns whether anything did. */
static bool hog_feed(struct hog *h)
{
	char replies[65536];
	ssize_t sent = send(h->fd, h->text + h->at, h->size - h->at,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	ssize_t got = recv(h->fd, replies, sizeof replies, MSG_DONTWAIT);

	if (sent > 0)
		h->at = (h->at + (size_t)sent) % h->size;
	return sent > 0 || got > 0;
}

/* Feed the hog until the server has served `requests` in all, or fd is readable, or
 * nothing moves any more.  Returns whether fd is. */
static bool hog_feed_until(struct hog *h, const struct subject *s, int64_t requests,
			   int fd)
{
	int quiet = 0;

	while (quiet < QUIET_STEPS && subject_live(s, "requests") < requests) {
		bool moved = hog_feed(h);

		if (fd >= 0 && client_wait(fd, moved ? 0 : STEP_MS))
			return true;
		if (fd < 0 && !moved)
			client_wait(h->fd, STEP_MS);
		quiet = moved ? 0 : quiet + 1;
	}
	return false;
}

/* Ask for a file, while the hog goes on: in turn over a connection kept, and new. */
static bool ask_beside(struct hog *h, const struct subject *s, int kept, bool fresh,
		       int64_t most)
{
	int fd = fresh ? client_open(s->port) : kept;
	char body[8];
	bool good = fd >= 0 && client_ask(fd, "/kib.txt", "") &&
		    hog_feed_until(h, s, most, fd) &&
		    client_reply(fd, body, sizeof body) == 200;

	if (fresh && fd >= 0)
		close(fd);
	return good;
}

/* So many questions must be answered before the server has served `most` requests:
 * work, not time, since who starves the others does it at any speed. */
static enum check_result fair_check(const struct gate *g, const char *path, int asks,
				    int64_t most)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	struct hog hog = {.fd = -1};
	int kept, answered = 0;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	kept = client_open(s.port);
	good = kept >= 0 && hog_open(&hog, s.port, path) >= 0;
	if (good)
		hog_feed_until(&hog, &s, BATCH, -1); /* it is well on its way */
	while (good && answered < asks) {
		good = ask_beside(&hog, &s, kept, answered % 2, most);
		answered += good;
	}
	tap_diag("%d of %d answered beside a client that was served %lld times of "
		 "at most %lld",
		 answered, asks, (long long)subject_live(&s, "requests"),
		 (long long)most);
	close(hog.fd);
	close(kept);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

static enum check_result fair_files(const struct gate *g)
{
	return fair_check(g, "/one.txt", 20, 1000000);
}

static enum check_result fair_spin(const struct gate *g)
{
	return fair_check(g, "/spin?us=100", 10, 50000);
}

/* Take replies until half of them are served, or nobody is any more.  Who is served is
 * ~fd, which poll(2) passes over.  Returns how many are. */
static unsigned queue_serve(struct pollfd *client)
{
	unsigned served = 0;
	char body[32];

	while (served < QUEUE / 2 && poll(client, QUEUE, PATIENCE_MS) > 0)
		for (int i = 0; i < QUEUE; i++) {
			if (client[i].fd < 0 || !client[i].revents)
				continue;
			if (client_reply(client[i].fd, body, sizeof body) != 200)
				return served;
			served++;
			close(client[i].fd);
			client[i].fd = ~client[i].fd;
		}
	return served;
}

/* However many loops or workers there are to let clients in, none of them keeps its own
 * waiting while another takes one after the other. */
static enum check_result fair_places(const struct gate *g)
{
	bool workers = gate_about_has(g, "options", "workers");
	const char *const places[] = {"--max-connections", "1",
				      workers ? "--workers" : NULL, "2", NULL};
	struct subject_plan plan = gate_plan(g, places);
	struct pollfd client[QUEUE];
	unsigned served, passed_over = 0;
	struct subject s;
	bool good = true;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < QUEUE; i++) {
		client[i] =
			(struct pollfd){.fd = client_open(s.port), .events = POLLIN};
		good &= client_ask(client[i].fd, "/wait?us=10000",
				   "Connection: close\r\n");
	}
	served = queue_serve(client);
	for (int i = 0; i < QUEUE; i++) {
		passed_over += i < FIRST && client[i].fd >= 0;
		if (client[i].fd >= 0)
			close(client[i].fd);
	}
	if (served < QUEUE / 2 || passed_over > 0) {
		tap_diag("%u of %d served, but %u of the first %d not", served, QUEUE,
			 passed_over, FIRST);
		good = false;
	}
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

const struct check gate_fair[] = {
	{"a client that pipelines files without end: others are served", fair_files,
	 DEPTH_QUICK},
	{"a client that pipelines work without end: others are served", fair_spin,
	 DEPTH_SHORT},
	{"more clients than places: none is passed over for ever", fair_places,
	 DEPTH_SHORT},
	{NULL, NULL, DEPTH_QUICK},
};
