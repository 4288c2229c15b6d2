/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting lines; see line.h. */
#include "config.h"

#include "harness/load/line.h"

#include <errno.h>
#include <stdlib.h>

enum { ROOM_FIRST = 1024 };

void line_put_last(struct line *line, struct connection *connection)
{
	connection->next = NULL;
	if (line->head)
		line->tail->next = connection;
	else
		line->head = connection;
	line->tail = connection;
}

void line_put_first(struct line *line, struct connection *connection)
{
	connection->next = line->head;
	if (line->head == NULL)
		line->tail = connection;
	line->head = connection;
}

struct connection *line_take(struct line *line)
{
	struct connection *connection = line->head;
	if (connection)
		line->head = connection->next;
	return connection;
}

static int queue_grow(struct arrival_queue *queue)
{
	size_t room = queue->room ? queue->room * 2 : ROOM_FIRST;
	uint64_t *planned_ns = reallocarray(NULL, room, sizeof *planned_ns);
	if (planned_ns == NULL)
		return -ENOMEM;
	for (uint64_t i = queue->taken; i != queue->put; i++)
		planned_ns[i & (room - 1)] = queue->planned_ns[i & (queue->room - 1)];
	free(queue->planned_ns);
	queue->planned_ns = planned_ns;
	queue->room = room;
	return 0;
}

int arrival_put(struct arrival_queue *queue, uint64_t planned_ns)
{
	if (arrival_count(queue) == queue->room) {
		int error = queue_grow(queue);
		if (error)
			return error;
	}
	queue->planned_ns[queue->put++ & (queue->room - 1)] = planned_ns;
	return 0;
}

uint64_t arrival_take(struct arrival_queue *queue)
{
	return queue->planned_ns[queue->taken++ & (queue->room - 1)];
}
