/* SPDX-License-Identifier: BSD-2-Clause */
/* http.c - the module that knows what a request means: it has the machines, the
 * deadlines of what waits, and, as nobody else touches them, the accounts without a
 * lock.  It asks the three others: netin for input, file for files, netout to write;
 * who asks no more than the answers' ring holds never waits in a circle. */
#include "config.h"

#include "http_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const struct port_rule ports[] = {
	[HTTP_FILLED] = {.kind = PORT_IN, .name = "filled"},
	[HTTP_SENT] = {.kind = PORT_IN, .name = "sent"},
	[HTTP_LOADED] = {.kind = PORT_IN, .name = "loaded"},
	[HTTP_EMPTY] = {.kind = PORT_OUT, .name = "empty"},
	[HTTP_VERDICT] = {.kind = PORT_OUT, .name = "verdict"},
	[HTTP_WRITE] = {.kind = PORT_OUT, .name = "write"},
	[HTTP_LOAD] = {.kind = PORT_OUT, .name = "load"},
	[HTTP_INPUT] = {.kind = PORT_REGION, .name = "input"},
	[HTTP_OUTPUT] = {.kind = PORT_REGION, .name = "output", .writes = true},
	[HTTP_PATHS] = {.kind = PORT_REGION, .name = "paths", .writes = true},
	{.kind = PORT_NONE},
};

/* Others may be wrong about a number, or worse (they may be protection domains): look
 * before use.  NULL: there is none. */
static struct connection *connection_find(const struct http *h, uint64_t tag)
{
	uint32_t number = tag_connection(tag);

	return number < h->most ? h->connections[number] : NULL;
}

static struct connection *connection_of(struct http *h, uint64_t tag)
{
	struct connection *c = connection_find(h, tag);

	if (!c)
		module_fail(h->module, -EPROTO, "it was told of no connection of its");
	return c;
}

/* The verdict on one there is no memory for has been asked room for. */
static void filled_do(struct http *h, struct ring_item *item)
{
	struct connection *c = connection_find(h, item->tag);

	if (!c && tag_connection(item->tag) < h->most)
		c = connection_make(h, item->tag);
	if (!c) {
		item->tag = tag_of(tag_connection(item->tag), VERDICT_REFUSE);
		port_put(h->module, HTTP_VERDICT, item, 1);
		return;
	}
	connection_input(c, item);
	connection_advance(c);
}

/* Buffers go straight back. */
static void filled_take(struct http *h)
{
	struct module *m = h->module;
	struct ring_item items[TAKE];
	uint32_t n = port_room(m, HTTP_VERDICT, TAKE);

	n = port_get(m, HTTP_FILLED, items, n);
	for (uint32_t i = 0; i < n; i++)
		filled_do(h, &items[i]);
	if (n > 0 && port_room(m, HTTP_EMPTY, n) == n)
		port_put(m, HTTP_EMPTY, items, n);
}

static void sent_take(struct http *h)
{
	struct ring_item items[TAKE];
	uint32_t n = port_get(h->module, HTTP_SENT, items, TAKE);

	for (uint32_t i = 0; i < n; i++) {
		struct connection *c = connection_of(h, items[i].tag);

		h->outputs[h->outputs_here++] = items[i];
		if (c)
			connection_written(c, tag_word(items[i].tag));
	}
}

static void loaded_take(struct http *h)
{
	struct ring_item items[TAKE];
	uint32_t n = port_get(h->module, HTTP_LOADED, items, TAKE);

	for (uint32_t i = 0; i < n; i++) {
		struct connection *c = connection_of(h, items[i].tag);

		h->paths[h->paths_here++] = items[i];
		if (c)
			connection_loaded(c, tag_word(items[i].tag));
	}
}

/* All buffers of a region of this size, as a stack; they are this module's.  NULL: out
 * of memory. */
static struct ring_item *buffers_take(struct module *m, unsigned channel,
				      unsigned region, uint32_t bytes, uint32_t *n)
{
	struct ring_item *items;
	uint64_t size;

	port_memory(m, region, &size);
	*n = (uint32_t)(size / bytes);
	items = calloc(*n, sizeof *items);
	for (uint32_t i = 0; i < *n && items; i++)
		items[i].offset = i * bytes;
	port_stock(m, channel, 0, *n);
	return items;
}

static int http_init(struct module *m)
{
	struct http *h = m->state;
	struct web *w = web_of(m);
	struct ring_item *inputs;
	uint32_t n;

	web_keep_only(w, KEEPS_FILES | KEEPS_ACCOUNTS);
	w->holders->http = getpid();
	h->module = m;
	h->verdicts.last = &h->verdicts.first;
	h->writes.last = &h->writes.first;
	h->loads.last = &h->loads.first;
	h->most = w->server->descriptors;
	h->connections = calloc(h->most, sizeof(struct connection *));
	h->outputs = buffers_take(m, HTTP_WRITE, HTTP_OUTPUT, OUTPUT_BYTES,
				  &h->outputs_here);
	h->paths = buffers_take(m, HTTP_LOAD, HTTP_PATHS, PATH_BYTES, &h->paths_here);
	inputs = buffers_take(m, HTTP_EMPTY, HTTP_INPUT, INPUT_BYTES, &n);
	if (inputs)
		port_put(m, HTTP_EMPTY, inputs, port_room(m, HTTP_EMPTY, n));
	free(inputs);
	return inputs && h->connections && h->outputs && h->paths ? 0 : -ENOMEM;
}

static void http_end(struct http *h)
{
	timer_heap_free(&h->timers);
	free(h->connections);
	free(h->outputs);
	free(h->paths);
	machine_thread_end();
	module_done(h->module);
}

static void http_notified(struct module *m, unsigned channel)
{
	struct http *h = m->state;
	struct timer *t;
	uint64_t due_ns;

	if (channel == CHANNEL_STOP)
		server_stop();
	loaded_take(h);
	sent_take(h);
	filled_take(h);
	while (h->timers.used && (t = timer_expired(&h->timers, timer_now())))
		t->expired(t);
	http_ask(h);
	due_ns = timer_next(&h->timers);
	module_deadline(m, due_ns == UINT64_MAX ? 0 : due_ns);
	if (port_ended(m, HTTP_FILLED))
		http_end(h);
}

const struct module_type http_module = {
	.name = "http",
	.ports = ports,
	.state_bytes = sizeof(struct http),
	.init = http_init,
	.notified = http_notified,
};
