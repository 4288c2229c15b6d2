/* SPDX-License-Identifier: BSD-2-Clause */
/* netout.c - the module that writes: a buffer to a connection, as much as goes, and the
 * buffer back at once.  It waits for nobody, so neither can a client that does not read
 * make it wait. */
#include "config.h"

#include "web.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { NETOUT_WRITE, NETOUT_SENT, NETOUT_OUTPUT };

static const struct port_rule ports[] = {
	[NETOUT_WRITE] = {.kind = PORT_IN, .name = "write"},
	[NETOUT_SENT] = {.kind = PORT_OUT, .name = "sent"},
	[NETOUT_OUTPUT] = {.kind = PORT_REGION, .name = "output"},
	{.kind = PORT_NONE},
};

static int netout_init(struct module *m)
{
	struct web *w = web_of(m);

	web_keep_only(w, KEEPS_TAKE);
	if (!w->apart)
		return 0;
	return module_watch(m, w->passing.take, EPOLLIN, &w->passing);
}

/* Returns what went, or -errno. */
static int bytes_write(struct module *m, const struct ring_item *item)
{
	struct web *w = web_of(m);
	uint32_t connection = tag_connection(item->tag);
	int fd = w->apart ? passing_find(&w->passing, connection) : (int)connection;
	const unsigned char *bytes;
	uint64_t size;
	ssize_t n;

	if (fd < 0)
		return fd;
	bytes = port_memory(m, NETOUT_OUTPUT, &size);
	do
		n = write(fd, bytes + item->offset, item->length);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (int)n;
}

static void message_do(struct module *m, struct ring_item *item)
{
	struct web *w = web_of(m);
	uint32_t connection = tag_connection(item->tag);
	int result = 0;

	if (tag_word(item->tag) == WRITE_BYTES)
		result = bytes_write(m, item);
	else if (w->apart)
		passing_drop(&w->passing, connection);
	item->tag = tag_of(connection, result);
}

static void netout_notified(struct module *m, unsigned channel)
{
	struct ring_item items[TAKE];
	uint32_t n;

	(void)channel;
	n = port_get(m, NETOUT_WRITE, items, port_room(m, NETOUT_SENT, TAKE));
	for (uint32_t i = 0; i < n; i++)
		message_do(m, &items[i]);
	port_put(m, NETOUT_SENT, items, n);
	if (n == 0 && port_ended(m, NETOUT_WRITE))
		module_done(m);
}

static void netout_ready(struct module *m, void *watched, uint32_t events)
{
	(void)m, (void)events;
	passing_take(watched);
}

const struct module_type netout_module = {
	.name = "netout",
	.ports = ports,
	.init = netout_init,
	.notified = netout_notified,
	.ready = netout_ready,
};
