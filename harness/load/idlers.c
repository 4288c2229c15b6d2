/* SPDX-License-Identifier: BSD-2-Clause */
/* Idle connections; see idlers.h. */
#include "config.h"

#include "harness/load/idlers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { REPLY_MS = 3000, EVENTS_MOST = 64, BATCH = 64 };

/* One step of opening a connection: 0 or -errno. */
static int idler_dial(struct idlers *idlers, struct connection *connection,
		      struct target *target)
{
	(void)target;
	return connection_dial(connection, &idlers->dialer);
}

static int idler_settle(struct idlers *idlers, struct connection *connection,
			struct target *target)
{
	(void)target;
	return connection_settle(connection, &idlers->dialer, REPLY_MS);
}

static int idler_ask(struct idlers *idlers, struct connection *connection,
		     struct target *target)
{
	connection_load(connection, target);
	int error = connection_send(connection, &idlers->dialer, false);
	if (error == 0 && connection->awaits_output)
		error = -ENOBUFS; /* a request that a new socket has no room for */
	return error;
}

static int idler_hear(struct idlers *idlers, struct connection *connection,
		      struct target *target)
{
	struct pollfd readable = {.fd = connection->fd, .events = POLLIN};
	enum outcome outcome = OUTCOME_ERROR;
	uint64_t bytes = 0;
	int error = -EAGAIN;
	(void)target;
	while (error == -EAGAIN) {
		int ready = poll(&readable, 1, REPLY_MS);
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;
		error = connection_receive(connection, &idlers->dialer, &outcome,
					   &bytes);
	}
	if (error < 0)
		return error;
	return outcome == OUTCOME_GOOD && !connection->head.closes ? 0 : -EPROTO;
}

/* Those left of a batch take a step each; from the first that fails on they are closed.
 * Returns how many are left then. */
static uint64_t
batch_step(struct idlers *idlers, uint64_t left, struct target *target,
	   int (*step)(struct idlers *, struct connection *, struct target *), int *why)
{
	struct connection *first = &idlers->connections[idlers->opened];
	uint64_t done = 0;
	int error = 0;
	while (done < left && (error = step(idlers, &first[done], target)) == 0)
		done++;
	if (error)
		*why = error;
	for (uint64_t i = done; i < left; i++)
		connection_close(&first[i]);
	return done;
}

/* Many at once: a server that looks at all its connections whenever it wakes (poll(2))
 * takes minutes for 20,000 that come one after the other. */
static void batch_open(struct idlers *idlers, struct target *target, int *why)
{
	uint64_t left = idlers->asked - idlers->opened;
	if (left > BATCH)
		left = BATCH;
	left = batch_step(idlers, left, target, idler_dial, why);
	left = batch_step(idlers, left, target, idler_settle, why);
	left = batch_step(idlers, left, target, idler_ask, why);
	left = batch_step(idlers, left, target, idler_hear, why);
	idlers->opened += left;
}

int idlers_open(struct idlers *idlers, uint64_t asked, const struct sockaddr_in *to,
		struct target *target, int *why)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	*why = 0;
	if (epoll_fd < 0)
		return -errno;
	dialer_open(&idlers->dialer, to, epoll_fd, 1);
	idlers->connections = calloc(asked, sizeof *idlers->connections);
	if (!idlers->connections) {
		close(epoll_fd);
		return -ENOMEM;
	}
	idlers->asked = asked;
	for (uint64_t i = 0; i < asked; i++)
		idlers->connections[i].fd = -1;
	while (idlers->opened < asked && *why == 0)
		batch_open(idlers, target, why);
	return 0;
}

void idlers_check(struct idlers *idlers)
{
	struct epoll_event events[EVENTS_MOST];
	int count;
	idlers->alive = idlers->opened;
	while (idlers->asked && (count = epoll_wait(idlers->dialer.epoll_fd, events,
						    EVENTS_MOST, 0)) > 0) {
		for (int i = 0; i < count; i++)
			connection_close(events[i].data.ptr);
		idlers->alive -= (uint64_t)count;
	}
}

void idlers_close(struct idlers *idlers)
{
	if (!idlers->connections)
		return;
	for (uint64_t i = 0; i < idlers->opened; i++)
		connection_close(&idlers->connections[i]);
	free(idlers->connections);
	idlers->connections = NULL;
	close(idlers->dialer.epoll_fd);
}
