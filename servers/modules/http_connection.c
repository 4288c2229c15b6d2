/* SPDX-License-Identifier: BSD-2-Clause */
/* http_connection.c - what becomes of a connection: the part of epoll.c that knows
 * machines, and passes them on where that one waits for a descriptor. */
#include "config.h"

#include "fan_runs.h"
#include "http_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void verdict_pass(struct connection *c, enum verdict verdict)
{
	c->verdict = verdict;
	queue_put(&c->http->verdicts, c);
}

/* netout is told first: nothing of the connection is left but netin's part. */
static void connection_end(struct connection *c, enum verdict verdict)
{
	machine_free(&c->machine);
	c->over = true;
	c->verdict = verdict;
	queue_put(&c->http->writes, c);
}

static void on_joined(void *arg, int result)
{
	struct connection *c = arg;

	c->fan = NULL;
	machine_done(&c->machine, result);
	connection_advance(c);
}

static void on_waited(struct timer *t)
{
	struct connection *c =
		(struct connection *)((char *)t - offsetof(struct connection, timer));

	machine_done(&c->machine, 0);
	connection_advance(c);
}

/* Returns whether its end comes later. */
static bool waits(struct connection *c)
{
	struct timer_heap *timers = &c->http->timers;
	uint64_t due_ns;

	if (machine_wants(&c->machine) == WANT_FAN) {
		c->fan = fan_timers_begin(timers, machine_fan(&c->machine), on_joined,
					  c);
		return c->fan;
	}
	due_ns = timer_now() + machine_timeout_ns(&c->machine);
	return timer_arm(timers, &c->timer, due_ns) == 0;
}

/* Perform what takes time.  Returns whether its end comes later. */
static bool perform(struct connection *c)
{
	switch (machine_wants(&c->machine)) {
	case WANT_SPIN:
		machine_block(&c->machine); /* stops this module */
		return false;
	case WANT_LOAD:
		queue_put(&c->http->loads, c);
		return true;
	default:
		if (waits(c))
			return true;
		machine_done(&c->machine, -ENOMEM);
		return false;
	}
}

/* Whose is the connection now? */
void connection_advance(struct connection *c)
{
	while (machine_is_busy(&c->machine))
		if (perform(c))
			return;
	switch (machine_wants(&c->machine)) {
	case WANT_READ:
		verdict_pass(c, VERDICT_READ);
		break;
	case WANT_WRITE:
		queue_put(&c->http->writes, c);
		break;
	case WANT_SHUT:
		connection_end(c, VERDICT_DRAIN);
		break;
	default:
		connection_end(c, VERDICT_CLOSE);
	}
}

/* netin tells of one that is new here. */
struct connection *connection_make(struct http *h, uint64_t tag)
{
	struct connection *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->http = h;
	c->number = tag_connection(tag);
	c->timer.expired = on_waited;
	machine_init(&c->machine, &web_of(h->module)->server->service);
	return h->connections[c->number] = c;
}

/* Copied, so that the buffer need not wait as long as the request may. */
void connection_input(struct connection *c, const struct ring_item *item)
{
	int word = tag_word(item->tag);
	size_t room;
	uint64_t size;
	const char *input = port_memory(c->http->module, HTTP_INPUT, &size);
	char *to;

	if (word == NEWS_WRITABLE)
		return;
	to = machine_room(&c->machine, &room);
	if (!to || room < item->length)
		word = -ENOMEM;
	else
		memcpy(to, input + item->offset, item->length);
	machine_got(&c->machine, word < 0 ? word : (ssize_t)item->length);
}

/* This much of what was asked for went.  Less: the socket's buffer is full. */
void connection_written(struct connection *c, int result)
{
	if (c->over) {
		queue_put(&c->http->verdicts, c);
		return;
	}
	if (result == -EAGAIN)
		result = 0;
	if (result > (int)c->asked)
		result = -EPROTO; /* netout does not tell the truth */
	if (result != 0)
		machine_sent(&c->machine, result);
	if (result >= 0 && (uint32_t)result < c->asked)
		verdict_pass(c, VERDICT_WRITABLE);
	else
		connection_advance(c);
}

/* What it brought into the cache is found there, or in the kernel's: no need to wait.
 */
void connection_loaded(struct connection *c, int result)
{
	if (result >= 0)
		result = machine_load(&c->machine);
	machine_done(&c->machine, result);
	connection_advance(c);
}
