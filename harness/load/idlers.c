/* SPDX-License-Identifier: BSD-2-Clause */
/* Idle connections; see idlers.h. */
#include "config.h"

#include "harness/load/idlers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { REPLY_MS = 3000, EVENTS_MOST = 64 };

/* The one request, and its reply. */
static int idler_ask(struct idlers *idlers, struct connection *connection,
		     struct target *target)
{
	struct pollfd readable = {.fd = connection->fd, .events = POLLIN};
	enum outcome outcome = OUTCOME_ERROR;
	uint64_t bytes = 0;
	connection_load(connection, target);
	int error = connection_send(connection, &idlers->dialer, false);
	if (error == 0 && connection->awaits_output)
		error = -ENOBUFS; /* a request that a new socket has no room for */
	while (error == 0) {
		int ready = poll(&readable, 1, REPLY_MS);
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;
		error = connection_receive(connection, &idlers->dialer, &outcome,
					   &bytes);
		if (error == 0)
			return outcome == OUTCOME_GOOD && !connection->head.closes
				       ? 0
				       : -EPROTO;
		if (error == -EAGAIN)
			error = 0;
	}
	return error;
}

static int idler_open(struct idlers *idlers, struct connection *connection,
		      struct target *target)
{
	int error = connection_dial(connection, &idlers->dialer);
	if (error == 0)
		error = connection_settle(connection, &idlers->dialer, REPLY_MS);
	if (error == 0)
		error = idler_ask(idlers, connection, target);
	if (error)
		connection_close(connection);
	return error;
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
	for (; idlers->opened < asked; idlers->opened++) {
		struct connection *connection = &idlers->connections[idlers->opened];
		connection->fd = -1;
		*why = idler_open(idlers, connection, target);
		if (*why)
			break;
	}
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
