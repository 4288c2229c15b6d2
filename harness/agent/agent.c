/* SPDX-License-Identifier: BSD-2-Clause */
/* The agent's loop; see agent.h.  Whoever says nothing, or does not read, or ends a
 * line never, is closed, and no one else waits for him.  It sleeps while nobody talks,
 * so that it takes no time from those it measures. */
#include "config.h"

#include "harness/agent/agent.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/clock.h"

enum {
	NS_PER_MS = 1000000,
	PAUSE_MS = 100,   /* after an accept that failed for want of something */
	LINGER_MS = 1000, /* for the peer's QUIT, after the data */
	/* Seconds: a client whose machine went away while it measured. */
	KEEPALIVE_IDLE = 30,
	KEEPALIVE_INTERVAL = 10,
	KEEPALIVE_PROBES = 3,
};

static const char busy[] = "421 SERVICE NOT AVAILABLE (Already Running)\n";

static uint64_t ms_from_now(uint64_t wait_ms)
{
	return clock_now_ns() + wait_ms * NS_PER_MS;
}

/* The answers are small: a socket that has no room for one is not being read. */
static bool answer_send(int fd, const char *bytes, size_t length)
{
	return length == 0 ||
	       send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static void keepalive_set(int fd)
{
	static const int on = 1, idle = KEEPALIVE_IDLE, interval = KEEPALIVE_INTERVAL,
			 probes = KEEPALIVE_PROBES;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void client_welcome(struct agent *agent, int fd)
{
	struct answer answer = {.length = 0};
	struct client *client = &agent->clients[agent->count];
	if (agent->count == agent->most) {
		answer_send(fd, busy, sizeof busy - 1);
		close(fd);
		return;
	}
	keepalive_set(fd);
	client->fd = fd;
	client->deadline_ns = clock_now_ns() + agent->silence_ns;
	dialogue_open(&client->dialogue, &answer);
	if (answer_send(fd, answer.bytes, answer.length))
		agent->count++;
	else
		close(fd);
}

static void client_accept(struct agent *agent)
{
	int fd = accept4(agent->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		client_welcome(agent, fd);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		agent->pause_ns = ms_from_now(PAUSE_MS);
}

/* How long the client may now be silent.  Only what was worth an answer gives it more
 * time, so that a line that never ends does not. */
static void deadline_set(const struct agent *agent, struct client *client, bool heard)
{
	switch (client->dialogue.state) {
	case DIALOGUE_MEASURING:
		client->deadline_ns = UINT64_MAX;
		break;
	case DIALOGUE_OVER:
		client->deadline_ns = ms_from_now(LINGER_MS);
		break;
	default:
		if (heard)
			client->deadline_ns = clock_now_ns() + agent->silence_ns;
	}
}

/* False: the client is to be closed.  After the last word our side is shut at once:
 * ipbench reads once more after the data, and waits for it.  What the client still says
 * is passed over, lest a reset overtake that word. */
static bool client_hear(struct agent *agent, struct client *client)
{
	char bytes[DIALOGUE_BITE];
	struct answer answer = {.length = 0};
	struct dialogue *dialogue = &client->dialogue;
	ssize_t count = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR;
	if (count == 0)
		return false;
	if (dialogue->state == DIALOGUE_OVER)
		return true;
	dialogue_take(dialogue, agent->meter, bytes, (size_t)count, &answer);
	if (!answer_send(client->fd, answer.bytes, answer.length))
		return false;
	deadline_set(agent, client, answer.length > 0);
	return dialogue->state != DIALOGUE_OVER || shutdown(client->fd, SHUT_WR) == 0;
}

static void client_close(struct agent *agent, unsigned i)
{
	close(agent->clients[i].fd);
	agent->clients[i] = agent->clients[--agent->count];
}

static int wait_ms(const struct agent *agent)
{
	uint64_t now = clock_now_ns();
	uint64_t first = agent->pause_ns > now ? agent->pause_ns : UINT64_MAX;
	for (unsigned i = 0; i < agent->count; i++)
		if (agent->clients[i].deadline_ns < first)
			first = agent->clients[i].deadline_ns;
	if (first == UINT64_MAX)
		return -1;
	uint64_t left_ms = first > now ? (first - now) / NS_PER_MS + 1 : 0;
	return left_ms < 60000 ? (int)left_ms : 60000;
}

static int turn(struct agent *agent)
{
	struct pollfd ready[2 + AGENT_CLIENTS];
	bool paused = agent->pause_ns > clock_now_ns();
	ready[0] = (struct pollfd){.fd = agent->signals, .events = POLLIN};
	ready[1] =
		(struct pollfd){.fd = paused ? -1 : agent->listener, .events = POLLIN};
	for (unsigned i = 0; i < agent->count; i++)
		ready[2 + i] =
			(struct pollfd){.fd = agent->clients[i].fd, .events = POLLIN};
	if (poll(ready, 2 + agent->count, wait_ms(agent)) < 0)
		return errno == EINTR ? 0 : -errno;
	/* From the last on: the place of one that goes is taken by one already heard.
	 */
	uint64_t now = clock_now_ns();
	for (unsigned i = agent->count; i-- > 0;) {
		struct client *client = &agent->clients[i];
		if ((ready[2 + i].revents && !client_hear(agent, client)) ||
		    client->deadline_ns <= now)
			client_close(agent, i);
	}
	if (ready[1].revents)
		client_accept(agent);
	agent->stopping = ready[0].revents != 0;
	return 0;
}

int agent_run(struct agent *agent)
{
	int error = 0;
	while (error == 0 && !agent->stopping)
		error = turn(agent);
	while (agent->count > 0)
		client_close(agent, 0);
	return error;
}
