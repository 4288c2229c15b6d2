/* SPDX-License-Identifier: BSD-2-Clause */
/* script.c - the scripted driver, and who plays to it.  The driver has the least
 * priority of all on one thread: when its turn comes and nothing came to it, nothing
 * moves. */
#include "config.h"

#include "script.h"

#include "runtimes/graph/graph.h"
#include "servers/network/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	RX_FREE,
	RX_ACTIVE,
	TX_ACTIVE,
	TX_FREE,
	RX,
	TX,
	POKE = TX + NET_CLIENTS,
	POKE_END = POKE + SCRIPT_ROGUES
};

static const struct port_rule ports[] = {
	{.kind = PORT_IN, .name = "rx_free"},
	{.kind = PORT_OUT, .name = "rx_active"},
	{.kind = PORT_IN, .name = "tx_active"},
	{.kind = PORT_OUT, .name = "tx_free"},
	{PORT_REGION, "rx", 0, false, true, NET_REGION_BYTES, false, false},
	{PORT_REGION, "tx", NET_CLIENTS, true, false, NET_REGION_BYTES, false, true},
	{PORT_CHANNEL, "poke", SCRIPT_ROGUES, true, false, 0, false, false},
	{.kind = PORT_NONE},
};

/* The driver's own. */
struct player {
	uint32_t spare[NET_BUFFERS], spares;
	bool playing, moved;
};

struct script script;
const char *script_error;
pthread_mutex_t script_guard = PTHREAD_MUTEX_INITIALIZER;

static struct graph *graph;
static struct graph_error error;
static pthread_t thread;
static int result;

static void frames_feed(struct module *m, struct player *p)
{
	unsigned char *rx;
	uint64_t bytes;
	uint32_t room = port_room(m, RX_ACTIVE, NET_BATCH);

	rx = port_memory(m, RX, &bytes);
	for (; script.fed < script.count && p->spares > 0 && room > 0; room--) {
		const struct script_frame *f = &script.frames[script.fed++];
		struct ring_item item = {.offset = p->spare[--p->spares],
					 .length = f->length,
					 .tag = frame_tag(0, script.head)};

		memcpy(rx + item.offset + script.head, f->bytes, f->length);
		port_put(m, RX_ACTIVE, &item, 1);
		network_count(m, NET_FRAMES_IN, 1);
		p->moved = true;
	}
}

static void frames_keep(struct module *m, struct player *p)
{
	struct ring_item item;
	const unsigned char *tx;
	uint64_t bytes;

	while (!script.holds && port_room(m, TX_FREE, 1) &&
	       port_get(m, TX_ACTIVE, &item, 1)) {
		struct script_frame *f = &script.sent[script.sents % SCRIPT_SENT];

		tx = port_memory(m, TX + frame_client(&item), &bytes);
		f->length = item.length;
		memcpy(f->bytes, tx + item.offset + frame_head(&item), item.length);
		script.sents++;
		port_put(m, TX_FREE, &item, 1);
		network_count(m, NET_FRAMES_OUT, 1);
		p->moved = true;
	}
}

static void player_turn(struct module *m)
{
	struct player *p = m->state;
	struct ring_item items[NET_BATCH];
	uint32_t n;

	while ((n = port_get(m, RX_FREE, items, NET_BATCH)) > 0)
		for (uint32_t i = 0; i < n; i++)
			p->spare[p->spares++] = items[i].offset;
	pthread_mutex_lock(&script_guard);
	frames_feed(m, p);
	frames_keep(m, p);
	script.spares = p->spares;
	pthread_mutex_unlock(&script_guard);
}

/* Once a turn, after whatever else it was notified of in the one before. */
static void quiet_look(struct module *m)
{
	struct player *p = m->state;
	bool moved = p->moved;

	p->moved = false;
	if (!p->playing)
		return;
	if (moved) {
		module_again(m, RX_FREE);
		return;
	}
	p->playing = false;
	sem_post(&script.quiet);
}

static int player_init(struct module *m)
{
	return module_watch(m, script.news, EPOLLIN, &script);
}

static void player_notified(struct module *m, unsigned channel)
{
	player_turn(m);
	if (channel == RX_FREE)
		quiet_look(m);
	if (channel == CHANNEL_STOP)
		module_done(m);
}

static void player_ready(struct module *m, void *watched, uint32_t events)
{
	struct player *p = m->state;
	uint64_t count;

	(void)watched, (void)events;
	if (read(script.news, &count, sizeof count) < 0)
		return;
	p->playing = true;
	for (unsigned i = 0; i < SCRIPT_ROGUES; i++)
		port_signal(m, POKE + i);
	module_again(m, RX_FREE);
}

const struct module_type script_driver_module = {
	.name = "driver",
	.ports = ports,
	.state_bytes = sizeof(struct player),
	.init = player_init,
	.notified = player_notified,
	.ready = player_ready,
};

static void *run(void *arg)
{
	struct graph_settings settings = {.program = &script};

	(void)arg;
	result = graph_run(graph, &settings, &error);
	if (result < 0) { /* who waits for quiet is told */
		fprintf(stderr, "# %s\n", error.text);
		sem_post(&script.quiet);
	}
	return NULL;
}

int script_begin(const char *text)
{
	static const struct module_type *const types[] = {
		&script_driver_module,    &script_rogue_module,
		&virt_rx_module,          &virt_tx_round_robin_module,
		&virt_tx_priority_module, &copier_module,
		&client_module,           NULL};

	script_error = error.text;
	memset(&script, 0, sizeof script);
	script.network = (struct network){.application = &echo_application,
					  .counters = counters_map(NULL),
					  .interface = "script",
					  .address = 10U << 24 | 99 << 16 | 2,
					  .mask = UINT32_MAX << 8,
					  .mac = {2, 0, 0, 0, 0, 1},
					  .port = echo_application.port};
	script.news = eventfd(0, EFD_CLOEXEC);
	result = -errno;
	if (!script.network.counters || script.news < 0)
		return result;
	sem_init(&script.quiet, 0, 0);
	result = graph_read_text(&graph, text, "script", types, &error);
	if (result == 0)
		result = -pthread_create(&thread, NULL, run, NULL);
	if (result == 0)
		script_play(NULL, 0);
	return result;
}

int script_end(void)
{
	graph_stop(graph);
	pthread_join(thread, NULL);
	graph_free(graph);
	close(script.news);
	return result;
}

uint32_t script_play(const struct script_frame *frames, uint32_t count)
{
	uint64_t one = 1;
	uint32_t sents;

	pthread_mutex_lock(&script_guard);
	script.frames = frames;
	script.count = count;
	script.fed = script.sents = 0;
	pthread_mutex_unlock(&script_guard);
	if (write(script.news, &one, sizeof one) < 0)
		return 0;
	while (sem_wait(&script.quiet) < 0 && errno == EINTR)
		continue;
	pthread_mutex_lock(&script_guard);
	sents = script.sents;
	pthread_mutex_unlock(&script_guard);
	return sents;
}

uint64_t script_counter(unsigned which)
{
	return counter_read(script.network.counters, COUNTERS + which);
}
