/* SPDX-License-Identifier: BSD-2-Clause */
/* Where things wait: connections in a line linked through themselves, and arrivals in a
 * ring of their planned times that grows, since none is ever dropped. */
#ifndef LOAD_LINE_H
#define LOAD_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/load/connection.h"

struct line {
	struct connection *head;
	struct connection *tail;
};

void line_put_last(struct line *line, struct connection *connection);
void line_put_first(struct line *line, struct connection *connection);

/* NULL if empty. */
struct connection *line_take(struct line *line);

struct arrival_queue {
	uint64_t *planned_ns;
	size_t room;    /* a power of two */
	uint64_t put;   /* arrivals ever put, */
	uint64_t taken; /* and taken: also the number of the next one to take */
};

/* 0 or -ENOMEM. */
int arrival_put(struct arrival_queue *queue, uint64_t planned_ns);

/* Of a queue that is not empty. */
uint64_t arrival_take(struct arrival_queue *queue);

/* The one that is taken after so many others. */
static inline uint64_t arrival_peek(const struct arrival_queue *queue, uint64_t others)
{
	return queue->planned_ns[(queue->taken + others) & (queue->room - 1)];
}

static inline uint64_t arrival_count(const struct arrival_queue *queue)
{
	return queue->put - queue->taken;
}

#endif
