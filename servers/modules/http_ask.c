/* SPDX-License-Identifier: BSD-2-Clause */
/* http_ask.c - what http asks of the other modules: room for the message first, and a
 * buffer if it takes one; what there is none for waits in a queue. */
#include "config.h"

#include "http_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static struct connection *queue_get(struct queue *q)
{
	struct connection *c = q->first;

	q->first = c->next;
	if (!q->first)
		q->last = &q->first;
	return c;
}

static void verdicts_flush(struct http *h)
{
	while (h->verdicts.first && port_room(h->module, HTTP_VERDICT, 1) > 0) {
		struct connection *c = queue_get(&h->verdicts);
		struct ring_item item = {.tag = tag_of(c->number, (int)c->verdict)};

		port_put(h->module, HTTP_VERDICT, &item, 1);
		if (!c->over)
			continue;
		h->connections[c->number] = NULL;
		free(c);
	}
}

/* The next of what there is to send.  Returns bytes or -errno. */
static ssize_t output_fill(const struct connection *c, char *to)
{
	struct iovec iov[EXCHANGE_PIECES], all = {to, OUTPUT_BYTES};
	int pieces = machine_output(&c->machine, iov);
	size_t n = 0, left;
	ssize_t copied;

	if (machine_output_is_mapped(&c->machine)) {
		copied = process_vm_readv(getpid(), &all, 1, iov, (unsigned long)pieces,
					  0);
		return copied < 0 ? -errno : copied;
	}
	for (int i = 0; i < pieces && n < OUTPUT_BYTES; i++) {
		left = OUTPUT_BYTES - n;
		if (left > iov[i].iov_len)
			left = iov[i].iov_len;
		memcpy(to + n, iov[i].iov_base, left);
		n += left;
	}
	return (ssize_t)n;
}

static void write_ask(struct http *h, struct connection *c)
{
	struct ring_item item = h->outputs[h->outputs_here - 1];
	uint64_t size;
	char *output = port_memory(h->module, HTTP_OUTPUT, &size);
	ssize_t n = c->over ? 0 : output_fill(c, output + item.offset);

	if (n < 0) { /* the file has become shorter */
		machine_sent(&c->machine, n);
		connection_advance(c);
		return;
	}
	h->outputs_here--;
	item.length = c->asked = (uint32_t)n;
	item.tag = tag_of(c->number, c->over ? WRITE_NO_MORE : WRITE_BYTES);
	port_put(h->module, HTTP_WRITE, &item, 1);
}

static void load_ask(struct http *h, struct connection *c)
{
	struct ring_item item = h->paths[--h->paths_here];
	const char *path = machine_path(&c->machine);
	uint64_t size;
	char *paths = port_memory(h->module, HTTP_PATHS, &size);

	item.length = (uint32_t)strlen(path) + 1;
	item.tag = tag_of(c->number, 0);
	memcpy(paths + item.offset, path, item.length);
	port_put(h->module, HTTP_LOAD, &item, 1);
}

void http_ask(struct http *h)
{
	while (h->writes.first && h->outputs_here > 0 &&
	       port_room(h->module, HTTP_WRITE, 1) > 0)
		write_ask(h, queue_get(&h->writes));
	while (h->loads.first && h->paths_here > 0 &&
	       port_room(h->module, HTTP_LOAD, 1) > 0)
		load_ask(h, queue_get(&h->loads));
	verdicts_flush(h);
}
